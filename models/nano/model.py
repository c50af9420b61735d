"""The network: a LLaMA block stack in plain torch, small enough to train on a CPU, with two priors that a small budget needs.

1. Tied, factored embeddings: a token's row is the sum of its piece, "a space leads it", "it is capitalised", and a free remainder.
   So a name that is copied from a sentence into a JSON string keeps its identity from the first step on.
2. Some heads of the first layer start as "attend to the token k places back" (k = 1 … 4), the first half of an induction circuit.
   One embedding channel starts constant, which is all that such a head needs: RoPE does the rest.

Both are only initial values or sums: the exported file is an ordinary llama-architecture GGUF.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.nano.tokenizer import Tokenizer


@dataclass(frozen=True)
class Config:
    vocab: int
    width: int = 256
    layers: int = 5
    heads: int = 8
    hidden: int = 640
    context: int = 2048
    rope_base: float = 10_000.0
    eps: float = 1e-5

    def to_dict(self) -> dict[str, float]:
        return asdict(self)


class FactoredEmbedding(nn.Module):
    """Token rows as sums of factors; used for input and output alike."""

    def __init__(self, tokenizer: Tokenizer, width: int) -> None:
        super().__init__()
        factors = tokenizer.factors()
        bases = {base: n for n, base in enumerate(dict.fromkeys(base for base, _, _ in factors))}
        self.register_buffer("base", torch.tensor([bases[base] for base, _, _ in factors]))
        self.register_buffer("flags", torch.tensor([[float(space), float(cap)] for _, space, cap in factors]))
        self.pieces = nn.Parameter(torch.randn(len(bases), width) * 0.7)
        self.marks = nn.Parameter(torch.randn(2, width) * 0.5)
        self.rest = nn.Parameter(torch.zeros(len(factors), width))
        with torch.no_grad():
            self.pieces[:, 0] = 4.0
            self.marks[:, 0] = 0.0

    def rows(self) -> Tensor:
        """All rows, (vocab, width)."""
        base: Tensor = self.get_buffer("base")
        return self.pieces[base] + self.get_buffer("flags") @ self.marks + self.rest


def rotary(config: Config, length: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines, (length, head/2): pairs are halves, as in the reference implementation."""
    half = config.width // config.heads // 2
    angle = torch.outer(torch.arange(length).float(), config.rope_base ** (-torch.arange(half).float() / half))
    return angle.cos(), angle.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    a, b = x.chunk(2, dim=-1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), dim=-1)


class Layer(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        d, h = config.width, config.hidden
        self.heads, self.eps = config.heads, config.eps
        self.norm1, self.norm2 = nn.Parameter(torch.ones(d)), nn.Parameter(torch.ones(d))
        self.q, self.k, self.v, self.o = (nn.Linear(d, d, bias=False) for _ in range(4))
        self.gate, self.up, self.down = nn.Linear(d, h, bias=False), nn.Linear(d, h, bias=False), nn.Linear(h, d, bias=False)
        for linear in (self.q, self.k, self.v, self.gate, self.up):
            nn.init.normal_(linear.weight, std=d**-0.5)
        nn.init.normal_(self.o.weight, std=0.3 * d**-0.5)
        nn.init.normal_(self.down.weight, std=0.3 * h**-0.5)

    def look_back(self, config: Config, offsets: tuple[int, ...]) -> None:
        """Start one head per offset as attention to the token that many places back."""
        size, half = config.width // self.heads, config.width // self.heads // 2
        angles = config.rope_base ** (-torch.arange(half).float() / half)
        with torch.no_grad():
            for head, offset in enumerate(offsets):
                rows = slice(head * size, (head + 1) * size)
                self.q.weight[rows] *= 0.1
                self.k.weight[rows] *= 0.1
                # The constant channel is about 4 after the norm's scaling; scores then differ by several units between neighbours.
                self.q.weight[rows, 0] = torch.cat((torch.ones(half), torch.zeros(half))) * 1.3
                turned = torch.cat((torch.cos(angles * offset), torch.sin(angles * offset)))
                self.k.weight[rows, 0] = turned * 1.3

    def forward(self, x: Tensor, prefix: int, shape: tuple[int, int], cos: Tensor, sin: Tensor, mask: Tensor) -> Tensor:
        """`x` is (prefix + B·T, width): the shared prefix once, then B rows of T tokens that each follow it."""
        b, t = shape
        sizes = [prefix, b * t]
        y = F.rms_norm(x, (x.shape[-1],), self.norm1, self.eps).to(torch.bfloat16)

        def heads(linear: nn.Linear, turn: bool) -> tuple[Tensor, Tensor]:
            head, tail = linear(y).view(x.shape[0], self.heads, -1).split(sizes)
            head, tail = head.transpose(0, 1), tail.view(b, t, self.heads, -1).transpose(1, 2)
            if turn:
                head, tail = rotate(head, cos[:prefix], sin[:prefix]), rotate(tail, cos[prefix : prefix + t], sin[prefix : prefix + t])
            return head, tail

        (qp, qt), (kp, kt), (vp, vt) = heads(self.q, True), heads(self.k, True), heads(self.v, False)
        first = F.scaled_dot_product_attention(qp[None], kp[None], vp[None], is_causal=True)[0]
        keys = torch.cat((kp[None].expand(b, -1, -1, -1), kt), dim=2).flatten(0, 1)
        values = torch.cat((vp[None].expand(b, -1, -1, -1), vt), dim=2).flatten(0, 1)
        scores = torch.baddbmm(mask[None], qt.flatten(0, 1), keys.transpose(1, 2), alpha=kt.shape[-1] ** -0.5)
        rest = torch.bmm(scores.softmax(-1), values).view(b, self.heads, t, -1)
        mixed = torch.cat((first.transpose(0, 1).reshape(prefix, -1), rest.transpose(1, 2).reshape(b * t, -1)))
        x = x + self.o(mixed)
        y = F.rms_norm(x, (x.shape[-1],), self.norm2, self.eps).to(torch.bfloat16)
        return x + self.down(F.silu(self.gate(y)) * self.up(y))


class Nano(nn.Module):
    def __init__(self, config: Config, tokenizer: Tokenizer) -> None:
        super().__init__()
        self.config = config
        self.embed = FactoredEmbedding(tokenizer, config.width)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.norm = nn.Parameter(torch.ones(config.width) * 0.06)
        first = self.layers[0]
        assert isinstance(first, Layer)
        first.look_back(config, (1, 2, 3, 4))
        cos, sin = rotary(config, config.context)
        self.register_buffer("cos", cos.to(torch.bfloat16), persistent=False)
        self.register_buffer("sin", sin.to(torch.bfloat16), persistent=False)

    def forward(self, prefix: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """prefix (P,), rows (B, T) → final states of the rows (B, T, width) and the embedding rows (vocab, width)."""
        table = self.embed.rows()
        p, (b, t) = prefix.shape[0], rows.shape
        x = table[torch.cat((prefix, rows.reshape(-1)))]
        causal = torch.full((t, t), -math.inf).triu(1)
        mask = torch.cat((torch.zeros(t, p), causal), dim=1).to(torch.bfloat16)
        for layer in self.layers:
            x = layer(x, p, (b, t), self.get_buffer("cos"), self.get_buffer("sin"), mask)
        x = F.rms_norm(x.split([p, b * t])[1], (self.config.width,), self.norm, self.config.eps)
        return x.view(b, t, -1), table
