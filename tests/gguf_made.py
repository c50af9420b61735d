"""Small GGUF files for tests: a random-weight llama with a byte-complete vocabulary, and ways to make it wrong."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import gguf
import numpy as np

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SPECIALS = ("<unk>", "<|endoftext|>", "<|im_start|>", "<|im_end|>")
WORDS = ("the", "a", "is", "of", "to", "and", "plan", "task", "answer", "id", "tool", "true", "false")


def vocabulary(extra: Iterable[str] = ()) -> tuple[list[str], list[float], list[int]]:
    """Tokens, scores and types of a SentencePiece-like vocabulary: specials, all bytes, printable ASCII, a few words."""
    control, normal, byte = int(gguf.TokenType.CONTROL), int(gguf.TokenType.NORMAL), int(gguf.TokenType.BYTE)
    tokens = [*SPECIALS, *(f"<0x{n:02X}>" for n in range(256))]
    types = [int(gguf.TokenType.UNKNOWN), control, control, control, *[byte] * 256]
    ascii_pieces = [chr(n) for n in range(33, 127)] + ["\n", "▁"]
    pieces = [*ascii_pieces, *(p for word in WORDS for p in (word, "▁" + word) if len(p) > 1), '{"', '":', '"}', *extra]
    pieces = list(dict.fromkeys(pieces))
    scores = [0.0] * len(tokens) + [-float(n) for n in range(len(pieces))]
    return tokens + pieces, scores, types + [normal] * len(pieces)


def make_gguf(
    path: Path,
    *,
    arch: str = "llama",
    template: str | None = CHATML,
    vocab: bool = True,
    context: int = 1024,
    width: int = 32,
    layers: int = 2,
    seed: int = 1,
    scale: float = 0.5,
    endless: bool = False,
    metadata: dict[str, Any] | None = None,
) -> Path:
    """Writes a tiny random llama to `path` and returns it.

    `arch` names another architecture (its tensors stay llama's), `template=None` leaves the chat template out, `vocab=False` leaves the
    tokeniser out, `endless` makes it never end free text, `metadata` overrides keys such as {"block_count": 100000} or
    {"layer_norm_rms_epsilon": nan}.
    """
    values: dict[str, Any] = {"block_count": layers, "context_length": context, "layer_norm_rms_epsilon": 1e-5} | (metadata or {})
    tokens, scores, types = vocabulary()
    heads, ffn = 4, width * 2
    writer = gguf.GGUFWriter(str(path), arch)
    writer.add_name("made for a test")
    writer.add_context_length(values["context_length"])
    writer.add_embedding_length(width)
    writer.add_block_count(values["block_count"])
    writer.add_feed_forward_length(ffn)
    writer.add_head_count(heads)
    writer.add_head_count_kv(heads)
    writer.add_layer_norm_rms_eps(values["layer_norm_rms_epsilon"])
    writer.add_rope_dimension_count(width // heads)
    writer.add_vocab_size(len(tokens))
    if "pooling_type" in values:
        writer.add_pooling_type(gguf.PoolingType(values["pooling_type"]))
    if vocab:
        writer.add_tokenizer_model("llama")
        writer.add_token_list(tokens)
        writer.add_token_scores(scores)
        writer.add_token_types(types)
        writer.add_bos_token_id(1)
        writer.add_eos_token_id(3)
        writer.add_unk_token_id(0)
        writer.add_add_bos_token(False)
        writer.add_add_space_prefix(False)
    if template is not None:
        writer.add_chat_template(template)
    _add_tensors(writer, len(tokens), width, ffn, layers, seed, scale, endless)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _add_tensors(writer: gguf.GGUFWriter, vocab: int, width: int, ffn: int, layers: int, seed: int, scale: float, endless: bool) -> None:
    random = np.random.default_rng(seed)

    def matrix(name: str, rows: int, columns: int) -> None:
        writer.add_tensor(name, (random.standard_normal((rows, columns)) * scale).astype(np.float32))

    def ones(name: str) -> None:
        writer.add_tensor(name, np.ones(width, dtype=np.float32))

    embeddings = (random.standard_normal((vocab, width)) * scale).astype(np.float32)
    if endless:
        # The output uses the same rows: a token of zeros has the logit 0 and never the largest one.
        embeddings[: len(SPECIALS)] = 0
    writer.add_tensor("token_embd.weight", embeddings)
    ones("output_norm.weight")
    for n in range(layers):
        ones(f"blk.{n}.attn_norm.weight")
        ones(f"blk.{n}.ffn_norm.weight")
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            matrix(f"blk.{n}.{part}.weight", width, width)
        matrix(f"blk.{n}.ffn_gate.weight", ffn, width)
        matrix(f"blk.{n}.ffn_up.weight", ffn, width)
        matrix(f"blk.{n}.ffn_down.weight", width, ffn)
