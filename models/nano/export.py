"""Writes a checkpoint as the GGUF that ships, with the facts about it beside: prompt hash, tools, how it was trained.

python -m models.nano.export --folder build/nano
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import gguf
import numpy as np
import torch
from torch import Tensor

from memento_desktop.tools import specs
from models.nano import generate
from models.nano.model import Config, Nano
from models.nano.tokenizer import BOS, END, SPECIAL, UNK, UNUSED, Tokenizer

HERE = Path(__file__).parent
CONTEXT = 1024
"""Positions seen in training, system text included; the network itself could take twice that."""
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def _interleaved(weight: Tensor, heads: int) -> Tensor:
    """Rows of q and k reordered: this network rotates halves of a head, a llama GGUF rotates neighbouring pairs."""
    out, width = weight.shape
    return weight.view(heads, 2, out // heads // 2, width).transpose(1, 2).reshape(out, width)


def _header(writer: gguf.GGUFWriter, config: Config, tokenizer: Tokenizer) -> None:
    writer.add_name("memento nano")
    writer.add_license("MIT")
    writer.add_context_length(config.context)
    writer.add_embedding_length(config.width)
    writer.add_block_count(config.layers)
    writer.add_feed_forward_length(config.hidden)
    writer.add_head_count(config.heads)
    writer.add_head_count_kv(config.heads)
    writer.add_layer_norm_rms_eps(config.eps)
    writer.add_rope_dimension_count(config.width // config.heads)
    writer.add_rope_freq_base(config.rope_base)
    writer.add_vocab_size(len(tokenizer.tokens))
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    kinds = [
        gguf.TokenType.UNKNOWN if n == UNK else gguf.TokenType.CONTROL if n < len(SPECIAL) else
        gguf.TokenType.BYTE if n < len(SPECIAL) + 256 else
        gguf.TokenType.UNUSED if token == UNUSED else gguf.TokenType.NORMAL
        for n, token in enumerate(tokenizer.tokens)
    ]  # fmt: skip
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokenizer.tokens)
    writer.add_token_scores(tokenizer.scores)
    writer.add_token_types(kinds)
    writer.add_bos_token_id(BOS)
    writer.add_eos_token_id(END)
    writer.add_unk_token_id(UNK)
    writer.add_pad_token_id(BOS)
    writer.add_add_bos_token(False)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(TEMPLATE)


def write_gguf(model: Nano, tokenizer: Tokenizer, path: Path) -> None:
    """One GGUF file, matrices in Q8_0 (embedding included), norms in float32."""
    writer = gguf.GGUFWriter(path, "llama")
    _header(writer, model.config, tokenizer)

    def put(name: str, tensor: Tensor) -> None:
        data = np.ascontiguousarray(tensor.detach().float().numpy())
        if data.ndim == 1:
            writer.add_tensor(name, data)
        else:
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(name, gguf.quants.quantize(data, kind), raw_dtype=kind)

    put("token_embd.weight", model.embed.rows())
    put("output_norm.weight", model.norm)
    for n, layer in enumerate(model.layers):
        tensors = dict(layer.named_parameters())
        put(f"blk.{n}.attn_norm.weight", tensors["norm1"])
        put(f"blk.{n}.ffn_norm.weight", tensors["norm2"])
        for ours, theirs in (("q", "attn_q"), ("k", "attn_k")):
            put(f"blk.{n}.{theirs}.weight", _interleaved(tensors[f"{ours}.weight"], model.config.heads))
        for ours, theirs in (("v", "attn_v"), ("o", "attn_output"), ("gate", "ffn_gate"), ("up", "ffn_up"), ("down", "ffn_down")):
            put(f"blk.{n}.{theirs}.weight", tensors[f"{ours}.weight"])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def export(folder: Path, target: Path) -> None:
    state = torch.load(folder / "checkpoint.pt", weights_only=True)
    tokenizer = Tokenizer.load(folder / "tokenizer.json")
    model = Nano(Config(**state["config"]), tokenizer)
    model.load_state_dict(state["model"])
    write_gguf(model, tokenizer, target / "nano.gguf")
    digest = hashlib.sha256((target / "nano.gguf").read_bytes()).hexdigest()
    facts = {
        "name": "nano (built-in)",
        "sha256": digest,
        "prompt_hash": generate.prompt_hash(),
        "context": CONTEXT,
        "tools": [spec.name for spec in specs.ALL],
        "trained_minutes": round(state["minutes"], 1),
        "trained_tokens": state["tokens"],
        "curve": state["curve"],
    }
    (target / "nano.json").write_text(json.dumps(facts) + "\n")
    print(f"{target / 'nano.gguf'}: {(target / 'nano.gguf').stat().st_size:,} bytes, sha256 {digest}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("build/nano"))
    parser.add_argument("--target", type=Path, default=HERE)
    args = parser.parse_args()
    export(args.folder, args.target)


if __name__ == "__main__":
    main()
