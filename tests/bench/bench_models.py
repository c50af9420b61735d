"""Finding models and estimating their speed. Run: python -m tests.bench.bench_models [discovery|estimate]

`discovery` lists 1,000 made-up GGUFs, first as tests make them, then with vocabularies and tensors as many as real models have (150,000
tokens, 150,000 merges, 400 tensors; sparse files). `estimate` compares the estimate before loading with what the engine then writes, on
random models of about half a billion weights.
"""

from __future__ import annotations

import asyncio
import struct
import sys
import tempfile
import time
from pathlib import Path

import gguf
import numpy as np

from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings
from memento_desktop.inference.models.discovery import discover
from memento_desktop.inference.models.fits import fit
from memento_desktop.inference.models.layouts import Place
from memento_desktop.inference.models.local import LocalModel
from memento_desktop.inference.models.store import ModelStore
from tests.gguf_made import CHATML, make_gguf, vocabulary

COUNT = 1000


def real_sized(path: Path, tokens: int = 150_000, tensors: int = 400) -> None:
    """The head of a real model, with nothing behind it: a vocabulary, merges, the keys that follow them, tensors of 4.7 GB, sparse."""

    def text(value: str) -> bytes:
        data = value.encode()
        return struct.pack("<Q", len(data)) + data

    def key(name: str, kind: int, value: bytes) -> bytes:
        return text(name) + struct.pack("<I", kind) + value

    def texts(values: list[str]) -> bytes:
        return struct.pack("<IQ", 8, len(values)) + b"".join(map(text, values))

    words = [f"w{n:x}" for n in range(tokens)]
    keys = [
        key("general.architecture", 8, text("qwen3")), key("general.name", 8, text("Real Sized")),
        key("qwen3.block_count", 4, struct.pack("<I", 36)), key("qwen3.context_length", 4, struct.pack("<I", 40960)),
        key("tokenizer.ggml.model", 8, text("gpt2")), key("tokenizer.ggml.tokens", 9, texts(words)),
        key("tokenizer.ggml.token_type", 9, struct.pack("<IQ", 5, tokens) + bytes(4 * tokens)),
        key("tokenizer.ggml.merges", 9, texts([f"{a} {a}" for a in words])),
        key("tokenizer.chat_template", 8, text(CHATML)), key("general.file_type", 4, struct.pack("<I", 15)),
    ]  # fmt: skip
    size = 256 * 144 * 320
    infos = [text(f"blk.{n}.weight") + struct.pack("<IQIQ", 1, 256 * 256 * 320, 12, n * size) for n in range(tensors)]
    head = struct.pack("<4sIQQ", b"GGUF", 3, tensors, len(keys)) + b"".join(keys) + b"".join(infos)
    with path.open("wb") as file:
        file.write(head)
        file.truncate(len(head) + 32 + tensors * 256 * size)


def discovery() -> None:
    for name, real in (("as the tests make them", False), ("with heads as real models have", True)):
        with tempfile.TemporaryDirectory() as folder:
            for n in range(COUNT):
                path = Path(folder) / f"{n % 40}" / f"m{n}.gguf"
                path.parent.mkdir(exist_ok=True)
                if n < 1 or (real and n < 2):
                    real_sized(path) if real else make_gguf(path)
                else:
                    # Not a link: the same head in a file of its own, as large on disk as its head.
                    first = Path(folder) / ("1" if real else "0") / ("m1.gguf" if real else "m0.gguf")
                    size = first.stat().st_size
                    with path.open("wb") as file, first.open("rb") as source:
                        file.write(source.read(min(size, 8 * 2**20)))
                        file.truncate(size)
            seconds: list[float] = []
            found: list[LocalModel] = []
            for _ in range(3):
                began = time.perf_counter()
                found = discover([Place("test", Path(folder))]).models
                seconds.append(time.perf_counter() - began)
            sound = sum(not model.damage for model in found)
            print(f"{len(found)} GGUFs {name}, {sound} sound: {', '.join(f'{s:.2f}' for s in seconds)} s")


def half_billion(path: Path, kind: gguf.GGMLQuantizationType, width: int = 1024, layers: int = 24) -> None:
    """A random llama of about 0.4 billion weights, quantised."""
    random = np.random.default_rng(1)
    tokens, scores, types = vocabulary()
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name(f"random {kind.name}")
    writer.add_context_length(2048)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(width * 4)
    writer.add_head_count(16)
    writer.add_head_count_kv(16)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(width // 16)
    writer.add_vocab_size(len(tokens))
    writer.add_file_type({8: 7, 2: 2, 1: 1}[int(kind)])
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores(scores)
    writer.add_token_types(types)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(3)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHATML)

    def matrix(name: str, rows: int, columns: int) -> None:
        values = random.standard_normal((rows, columns), dtype=np.float32) * 0.02
        writer.add_tensor(name, gguf.quants.quantize(values, kind), raw_dtype=kind)

    matrix("token_embd.weight", len(tokens), width)
    writer.add_tensor("output_norm.weight", np.ones(width, dtype=np.float32))
    for n in range(layers):
        writer.add_tensor(f"blk.{n}.attn_norm.weight", np.ones(width, dtype=np.float32))
        writer.add_tensor(f"blk.{n}.ffn_norm.weight", np.ones(width, dtype=np.float32))
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            matrix(f"blk.{n}.{part}.weight", width, width)
        matrix(f"blk.{n}.ffn_gate.weight", width * 4, width)
        matrix(f"blk.{n}.ffn_up.weight", width * 4, width)
        matrix(f"blk.{n}.ffn_down.weight", width, width * 4)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def estimate() -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = ModelStore(Settings(), Paths.below(Path(folder) / "home"))
        store.paths.models.mkdir(parents=True)
        for kind in (gguf.GGMLQuantizationType.Q8_0, gguf.GGMLQuantizationType.Q4_0, gguf.GGMLQuantizationType.F16):
            half_billion(store.paths.models / f"{kind.name}.gguf", kind)
        machine = store.machine()
        print(f"copying {machine.bandwidth / 1e9:.1f} GB/s with {machine.threads} threads")
        for model in store.local():
            if model.usable and model.shape is not None and not model.built_in:
                result = asyncio.run(store.bench(model))
                guess = fit(model.shape, machine, result.context).speed
                print(
                    f"{model.quantisation:<6} {model.size / 1e6:5.0f} MB  estimated {guess:6.1f}, measured {result.speed:6.1f} tokens/s, "
                    f"ratio {result.speed / guess:.2f}, {result.speed * model.shape.active / 1e9:.1f} GB/s read"
                )


if __name__ == "__main__":
    for wanted in sys.argv[1:] or ["discovery", "estimate"]:
        {"discovery": discovery, "estimate": estimate}[wanted]()
