"""The head of a GGUF: what stands behind the vocabulary, what the tensors weigh, whether the file is whole; damage has a reason."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import gguf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memento_desktop.errors import MementoError
from memento_desktop.inference.gguf_header import Header, read_header
from memento_desktop.inference.models import head as module
from memento_desktop.inference.models.ggml_types import QUANTISATIONS, TENSOR_TYPES
from memento_desktop.inference.models.head import read_head
from memento_desktop.inference.models.local import described
from tests.gguf_made import CHATML, make_gguf


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def key(name: str, kind: int, value: bytes) -> bytes:
    return text(name) + struct.pack("<I", kind) + value


def texts(values: Sequence[str]) -> bytes:
    return struct.pack("<IQ", 8, len(values)) + b"".join(map(text, values))


def number(value: int) -> bytes:
    return struct.pack("<I", value)


Tensor = tuple[str, tuple[int, ...], int, int]


def write(path: Path, keys: Sequence[bytes], tensors: Sequence[Tensor] = (), data: int = 0) -> Path:
    infos = [text(name) + struct.pack(f"<I{len(sizes)}QIQ", len(sizes), *sizes, kind, offset) for name, sizes, kind, offset in tensors]
    head = struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(keys)) + b"".join(keys) + b"".join(infos)
    head += bytes(-len(head) % 32)
    path.write_bytes(head + bytes(data))
    return path


ARCHITECTURE = key("general.architecture", 8, text("llama"))
AFTER = [key("tokenizer.chat_template", 8, text(CHATML)), key("general.file_type", 4, number(15))]


def test_our_own_files_agree_with_the_library_that_wrote_them(tmp_path: Path) -> None:
    path = make_gguf(tmp_path / "a.gguf", layers=3, width=64)
    head, reader = read_head(path), gguf.GGUFReader(path)
    assert head.parameters == sum(int(t.n_elements) for t in reader.tensors)
    assert head.weights == sum(int(t.n_bytes) for t in reader.tensors)
    assert head.missing == 0 and head.metadata["tokenizer.chat_template"] == CHATML
    # Without an output of its own the embeddings are read whole for each token.
    assert head.active == head.weights


def test_types_and_quantisations_are_those_of_the_library() -> None:
    theirs = {kind.value: (kind.name, *gguf.GGML_QUANT_SIZES[kind]) for kind in gguf.GGMLQuantizationType}
    assert {number: theirs[number] for number in TENSOR_TYPES} == TENSOR_TYPES
    names = {
        kind.value: kind.name.removeprefix("ALL_").removeprefix("MOSTLY_").replace("MXFP4_MOE", "MXFP4") for kind in gguf.LlamaFileType
    }
    assert {number: names[number] for number in QUANTISATIONS} == QUANTISATIONS


@pytest.mark.parametrize("count", [3, 500, 30_000])
@pytest.mark.parametrize("merged", [True, False])
def test_what_stands_behind_a_vocabulary_is_read(tmp_path: Path, count: int, merged: bool) -> None:
    words = [f"tok{n}" for n in range(count)]
    merges = [key("tokenizer.ggml.merges", 9, texts([f"{w} {w}" for w in words]))] if merged else []
    types = key("tokenizer.ggml.token_type", 9, struct.pack("<IQ", 5, count) + bytes(4 * count))
    path = write(tmp_path / "a.gguf", [ARCHITECTURE, key("tokenizer.ggml.tokens", 9, texts(words)), types, *merges, *AFTER])
    head = read_head(path)
    assert head.metadata["general.file_type"] == 15 and head.metadata["tokenizer.chat_template"] == CHATML


@pytest.mark.parametrize(
    "after", [[AFTER[1]], [key("quantize.imatrix.file", 8, text("x")), *AFTER], [key("llama.block_count", 4, number(7))], []]
)
def test_an_unusual_order_of_keys_is_read_all_the_same(tmp_path: Path, after: list[bytes]) -> None:
    words = [f"general.tok{n}" for n in range(3000)]
    path = write(tmp_path / "a.gguf", [ARCHITECTURE, key("tokenizer.ggml.tokens", 9, texts(words)), *after], [("a", (32, 2), 0, 0)], 256)
    head = read_head(path)
    assert len(head.metadata) == 2 + len(after) and head.parameters == 64 and head.missing == 0


def test_words_that_look_like_keys_mislead_nobody(tmp_path: Path) -> None:
    words = [f"w{n}" for n in range(2000)] + ["tokenizer.ggml.model", "tokenizer.x"] + [f"v{n}" for n in range(2000)]
    path = write(tmp_path / "a.gguf", [ARCHITECTURE, key("tokenizer.ggml.tokens", 9, texts(words)), *AFTER], [("a", (32,), 0, 0)], 128)
    assert read_head(path).metadata["general.file_type"] == 15


def test_of_the_experts_only_the_used_share_is_read_for_a_token(tmp_path: Path) -> None:
    keys = [ARCHITECTURE, key("llama.expert_count", 4, number(8)), key("llama.expert_used_count", 4, number(2))]
    tensors = [
        ("token_embd.weight", (32, 10), 0, 0),
        ("output.weight", (32, 10), 0, 1280),
        ("blk.0.ffn_up_exps.weight", (32, 4, 8), 0, 2560),
    ]
    head = read_head(write(tmp_path / "a.gguf", keys, tensors, 2560 + 4096))
    assert (head.parameters, head.weights, head.active) == (640 + 1024, 4 * 1664, 1280 + 1024)


def test_a_file_that_was_cut_lacks_so_many_bytes(tmp_path: Path) -> None:
    path = make_gguf(tmp_path / "a.gguf")
    whole = path.read_bytes()
    path.write_bytes(whole[:-1000])
    assert read_head(path).missing == 1000
    model = described([read_head(path)], ("here",))
    assert model.damage == "It is damaged: 1,000 bytes are missing at its end." and not model.usable


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(end=st.integers(0, 14_000), flips=st.lists(st.tuples(st.integers(0, 13_999), st.integers(0, 255)), max_size=4))
def test_damage_of_any_kind_has_a_reason_or_is_harmless(tmp_path: Path, tiny: bytes, end: int, flips: list[tuple[int, int]]) -> None:
    data = bytearray(tiny[:end])
    for at, value in flips:
        if at < len(data):
            data[at] = value
    path = tmp_path / "a.gguf"
    path.write_bytes(bytes(data))
    try:
        model = described([read_head(path)], ("here",))
    except MementoError as err:
        assert err.message.endswith(".") and err.hint
    else:
        assert model.size == len(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"), (b"GG", "middle of its header"), (b"PK\3\4" + bytes(50), "first bytes"),
        (struct.pack("<4sI", b"GGUF", 1), "version 1"),
        (struct.pack("<4sIQQ", b"GGUF", 3, 1, 2**40), "claims"), (struct.pack("<4sIQQ", b"GGUF", 3, 2**40, 0), "claims"),
        (struct.pack("<4sIQQ", b"GGUF", 3, 0, 1) + key("a", 77, b""), "unknown type 77"),
        (struct.pack("<4sIQQ", b"GGUF", 3, 0, 1) + struct.pack("<Q", 2**60), "a text of"),
        (struct.pack("<4sIQQ", b"GGUF", 3, 1, 0) + text("a") + struct.pack("<I", 9), "impossible"),
    ],
)  # fmt: skip
def test_every_damage_is_named(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(data)
    with pytest.raises(MementoError, match=reason):
        read_head(path)


def test_the_head_is_read_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_gguf(tmp_path / "a.gguf")
    with path.open("ab") as file:
        file.truncate(10**9)
    seen: list[int] = []
    window = module._Cursor.window

    def watched(self: module._Cursor, count: int) -> tuple[bytes, int]:
        seen.append(self.position)
        return window(self, count)

    monkeypatch.setattr(module._Cursor, "window", watched)
    read_head(path)
    assert max(seen) < 100_000


def test_a_hybrid_model_has_a_cache_for_its_attention_layers_only(tmp_path: Path) -> None:
    base = {"general.architecture": "x", "x.attention.head_count": 8, "x.embedding_length": 512, "x.block_count": 4}
    mixed = Header(tmp_path, 0, {**base, "x.attention.head_count_kv": [0, 2, 0, 2]})
    assert mixed.kv_bytes(10) == 2 * 10 * 4 * 128
    plain = Header(tmp_path, 0, {**base, "x.attention.head_count_kv": 2})
    assert plain.kv_bytes(10) == 2 * 10 * 8 * 128


def test_both_readers_agree_on_the_keys_before_the_vocabulary(tmp_path: Path) -> None:
    path = make_gguf(tmp_path / "a.gguf")
    early, late = read_header(path).metadata, read_head(path).metadata
    assert {name: late[name] for name in early} == early
