"""Trains the built-in model from scratch on the generator's transcripts; resumable, made for two CPU cores.

    python -m models.nano.train --minutes 200
    python -m models.nano.export

Rows are batched by system prompt, which all rows of a batch share and which is computed once. Hidden matrices are trained with Muon
(momentum orthogonalised by Newton-Schulz iterations; K. Jordan 2024), the rest with AdamW. The learning rate stays flat and falls
linearly to zero over the last part of the time that was given.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from models.nano import generate
from models.nano.model import Config, Nano
from models.nano.tokenizer import END, Tokenizer, learn_pieces

PIECES = 480
MICRO_TOKENS = 4096
ACCUMULATE = 4
POOLED = 3
SHUFFLED = 60
FLAT = 0.15
PROMPT_WEIGHT = 0.25
PROMPT_SHARE = 0.1


def build_tokenizer() -> Tokenizer:
    r, words = Random(7), Counter[str]()
    for _ in range(20_000):
        text = generate.render(generate.conversation(r)[1:])
        words.update(re.findall("[a-z]+", text.lower().replace("im_start", "").replace("im_end", "")))
    for turn in (generate.PLANNER, generate.EXECUTOR):
        words.update(dict.fromkeys(re.findall("[a-z]+", turn["content"].lower()), 8_000))
    return Tokenizer.build(learn_pieces(words, PIECES))


class Threads:
    """As many threads as there are idle cores: two threads on a busy pair of cores are slower than one."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.before = self._times()
        torch.set_num_threads(most)

    def adapt(self) -> None:
        """Leaves a core to the rest of the machine when the rest asks for it."""
        now = self._times()
        wall, own, busy = (b - a for a, b in zip(self.before, now, strict=True))
        if wall < 5.0:
            return
        self.before = now
        others = max(0.0, (busy - own) / wall)
        torch.set_num_threads(max(1, min(self.most, round((os.cpu_count() or 1) - others))))

    @staticmethod
    def _times() -> tuple[float, float, float]:
        """Seconds of wall time, of this process, of all processes; the last is zero where the system does not say."""
        own = os.times()
        stat = Path("/proc/stat")
        busy = 0.0
        if stat.exists():
            user, nice, system, *_ = map(float, stat.read_text().split("\n", 1)[0].split()[1:])
            busy = (user + nice + system) / os.sysconf("SC_CLK_TCK")
        return time.monotonic(), own.user + own.system, busy


Batch = tuple[Tensor, Tensor, Tensor]


class Batches:
    """Endless batches (prefix, rows, loss weights): rows of one role and of like length together, roles and lengths well shuffled.

    A run of batches of one role alone makes the network forget the others.
    """

    def __init__(self, tokenizer: Tokenizer, seed: int) -> None:
        self.tokenizer, self.random = tokenizer, Random(seed)
        self.limit = 160
        self.pools: dict[str, list[tuple[list[int], list[float]]]] = {}

    def _row(self, turns: generate.Conversation) -> tuple[list[int], list[float]]:
        ids: list[int] = []
        weights: list[float] = []
        for turn in turns:
            mine = self.tokenizer.encode(generate.render([turn]))
            heard = turn["role"] == "assistant"
            ids += mine
            weights += [1.0 if heard else PROMPT_WEIGHT if self.random.random() < PROMPT_SHARE else 0.0 for _ in mine]
        return ids, weights

    def __iter__(self) -> Iterator[Batch]:
        ready: list[Batch] = []
        while True:
            while len(ready) < SHUFFLED:
                ready += self._more()
            yield ready.pop(self.random.randrange(len(ready)))

    def _more(self) -> list[Batch]:
        while True:
            turns = generate.conversation(self.random)
            row = self._row(turns[1:])
            if len(row[0]) > self.limit:
                continue
            pool = self.pools.setdefault(turns[0]["content"], [])
            pool.append(row)
            if sum(len(ids) for ids, _ in pool) > POOLED * MICRO_TOKENS:
                cut = list(self._cut(turns[:1], pool))
                pool.clear()
                return cut

    def _cut(self, head: generate.Conversation, pool: list[tuple[list[int], list[float]]]) -> Iterator[Batch]:
        prefix = torch.tensor(self.tokenizer.encode(generate.render(head)))
        pool.sort(key=lambda row: len(row[0]))
        groups: list[list[tuple[list[int], list[float]]]] = [[]]
        for row in pool:
            if groups[-1] and len(row[0]) * (len(groups[-1]) + 1) > MICRO_TOKENS:
                groups.append([])
            groups[-1].append(row)
        for group in groups:
            longest = -(-max(len(ids) for ids, _ in group) // 16) * 16
            rows = torch.full((len(group), longest), END)
            weights = torch.zeros(len(group), longest)
            for n, (ids, w) in enumerate(group):
                rows[n, : len(ids)], weights[n, : len(w)] = torch.tensor(ids), torch.tensor(w)
            yield prefix, rows, weights


def loss_of(model: Nano, prefix: Tensor, rows: Tensor, weights: Tensor) -> tuple[Tensor, float]:
    """Weighted cross-entropy of the next token, and the share of assistant tokens that the model would have chosen."""
    with torch.autocast("cpu", torch.bfloat16):
        states, table = model(prefix, rows)
        wanted = weights[:, 1:] > 0
        logits = states[:, :-1][wanted] @ table.T
        target, weight = rows[:, 1:][wanted], weights[:, 1:][wanted]
        loss = (F.cross_entropy(logits.float(), target, reduction="none") * weight).sum() / weight.sum()
    heard = weight == 1.0
    return loss, float((logits.detach().argmax(-1) == target)[heard].float().mean())


def orthogonal(g: Tensor) -> Tensor:
    """The nearest semi-orthogonal matrix to `g`, roughly: five quintic Newton-Schulz steps in bfloat16."""
    x = g.to(torch.bfloat16)
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    x = x / (x.norm() + 1e-7)
    for _ in range(5):
        a = x @ x.T
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * (a @ a)) @ x
    return (x.T if tall else x).float()


class Muon(torch.optim.Optimizer):
    def __init__(self, params: Iterable[Tensor], lr: float, momentum: float = 0.95) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        for group in self.param_groups:
            for p in group["params"]:
                state = self.state[p]
                if "v" not in state:
                    state["v"] = torch.zeros_like(p)
                state["v"].lerp_(p.grad, 1 - group["momentum"])
                update = orthogonal(torch.lerp(p.grad, state["v"], group["momentum"]))
                p.mul_(1 - group["lr"] * 0.05)
                p.add_(update, alpha=-group["lr"] * max(1.0, p.shape[0] / p.shape[1]) ** 0.5)


def optimizers(model: Nano) -> list[torch.optim.Optimizer]:
    matrices = [p for p in model.layers.parameters() if p.ndim == 2]
    rest = [p for p in model.parameters() if all(p is not m for m in matrices)]
    return [Muon(matrices, lr=0.02), torch.optim.AdamW(rest, lr=4e-3, betas=(0.9, 0.98), weight_decay=0.0)]


def save(folder: Path, model: Nano, opts: list[torch.optim.Optimizer], minutes: float, steps: int, tokens: int, curve: list[Any]) -> None:
    state = {
        "config": model.config.to_dict(), "model": model.state_dict(), "optimizers": [o.state_dict() for o in opts],
        "minutes": minutes, "steps": steps, "tokens": tokens, "curve": curve,
    }  # fmt: skip
    torch.save(state, folder / "checkpoint.tmp")
    (folder / "checkpoint.tmp").replace(folder / "checkpoint.pt")
    (folder / "curve.json").write_text(json.dumps(curve))


def train(folder: Path, minutes: float, seed: int, most_threads: int) -> None:
    threads = Threads(most_threads)
    folder.mkdir(parents=True, exist_ok=True)
    names = folder / "tokenizer.json"
    if not names.exists():
        build_tokenizer().save(names)
    tokenizer = Tokenizer.load(names)
    torch.manual_seed(seed)
    model = Nano(Config(len(tokenizer.tokens)), tokenizer)
    opts, spent, steps, tokens, curve = optimizers(model), 0.0, 0, 0, []
    if (folder / "checkpoint.pt").exists():
        state = torch.load(folder / "checkpoint.pt", weights_only=True)
        model.load_state_dict(state["model"])
        for opt, saved in zip(opts, state["optimizers"], strict=True):
            opt.load_state_dict(saved)
        spent, steps, tokens, curve = state["minutes"], state["steps"], state["tokens"], state["curve"]
    rates = [group["lr"] for opt in (optimizers(model)) for group in opt.param_groups]
    batches = Batches(tokenizer, seed + steps)
    stream = iter(batches)
    began, saved_at, seen, right, parts = time.monotonic(), time.monotonic(), 0.0, 0.0, 0
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters; from step {steps}, {spent:.1f} of {minutes:g} minutes", flush=True)
    while (now := spent + (time.monotonic() - began) / 60) < minutes:
        progress = now / minutes
        batches.limit = int(160 + min(1.0, progress / 0.15) * 544)
        fall = min(1.0, (1.0 - progress) / (1.0 - FLAT)) * min(1.0, (steps + 1) / 60)
        for opt, rate in zip(opts, rates, strict=True):
            opt.param_groups[0]["lr"] = rate * fall
        for _ in range(ACCUMULATE):
            prefix, rows, weights = next(stream)
            loss, hit = loss_of(model, prefix, rows, weights)
            (loss / ACCUMULATE).backward()
            seen, right, parts, tokens = seen + float(loss.detach()), right + hit, parts + 1, tokens + int((weights > 0).numel())
        for opt in opts:
            opt.step()
            opt.zero_grad(set_to_none=True)
        steps += 1
        threads.adapt()
        if steps % 25 == 0:
            curve.append([round(now, 2), steps, tokens, round(seen / parts, 4), round(right / parts, 4)])
            print(
                f"{now:6.1f} min  step {steps:5d}  {tokens / 1e6:6.2f} M tokens  loss {seen / parts:.4f}  right {right / parts:.4f}",
                flush=True,
            )
            seen, right, parts = 0.0, 0.0, 0
        if time.monotonic() - saved_at > 120:
            saved_at = time.monotonic()
            save(folder, model, opts, now, steps, tokens, curve)
    save(folder, model, opts, minutes, steps, tokens, curve)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("build/nano"))
    parser.add_argument("--minutes", type=float, default=90.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    train(args.folder, args.minutes, args.seed, args.threads)


if __name__ == "__main__":
    main()
