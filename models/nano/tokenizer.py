"""The tokenizer of the built-in model: byte-complete, single digits, and the same cut of a word wherever it stands.

Pieces are learnt by byte-pair merges on lower-case words. Each piece then exists four times: as it is, capitalised, after a space, and
both. Letters merge before a space attaches, so "trips", " trips" and "Trips" are cut alike, and copying a name out of a sentence into
a JSON string is a map between four variants of one piece. In GGUF terms it is a SentencePiece vocabulary ("llama"), whose scores give
the order of merges; `encode` follows llama.cpp's algorithm and a test compares the two.
"""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from string import ascii_letters, ascii_lowercase, digits, punctuation

SPECIAL = ("<unk>", "<|endoftext|>", "<|im_start|>", "<|im_end|>")
UNK, BOS, START, END = range(4)
SPACE = "▁"
UNUSED = "<|unused|>"
"""A place in the vocabulary that no text is cut into."""
JSON_PIECES = (
    '{"', '":', '":"', '","', '"}', '":{"', '"}}', '":[{"', '"}]}', ',"', '":{', "=>", "</", ">\n", "**", "*.",
)  # fmt: skip
CHUNK = re.compile(r" ?[A-Za-z]+|[0-9]| (?![A-Za-z])|[^A-Za-z0-9 ]+")
SPECIALS = re.compile("(" + "|".join(re.escape(t) for t in SPECIAL[1:]) + ")")


def learn_pieces(words: Counter[str], count: int) -> list[str]:
    """Byte-pair merges over lower-case words, most frequent pair first; ties in alphabetical order."""
    cut = {word: list(word) for word in words}
    pieces: list[str] = []
    while len(pieces) < count:
        pairs: Counter[tuple[str, str]] = Counter()
        for word, parts in cut.items():
            for pair in itertools.pairwise(parts):
                pairs[pair] += words[word]
        if not pairs:
            break
        left, right = min(pairs, key=lambda p: (-pairs[p], p))
        if left + right not in pieces:
            pieces.append(left + right)
        for word, parts in cut.items():
            if left in parts:
                cut[word] = _merge(parts, left, right)
    return pieces


def _merge(parts: list[str], left: str, right: str) -> list[str]:
    out: list[str] = []
    for part in parts:
        if out and out[-1] == left and part == right:
            out[-1] = left + right
        else:
            out.append(part)
    return out


@dataclass
class Tokenizer:
    """`tokens` in id order; `scores` give the order of merges (higher first)."""

    tokens: list[str]
    scores: list[float]
    ids: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.ids = {token: n for n, token in enumerate(self.tokens)}
        self._chunk = lru_cache(maxsize=200_000)(self._encode_chunk)

    @classmethod
    def build(cls, pieces: Iterable[str]) -> Tokenizer:
        tokens = [*SPECIAL, *(f"<0x{n:02X}>" for n in range(256))]
        scores = [0.0] * len(tokens)
        base = [*ascii_lowercase, *pieces]
        for rank, piece in enumerate(JSON_PIECES):
            tokens.append(piece.replace(" ", SPACE))
            scores.append(-1.0 - rank)
        for rank, piece in enumerate(base):
            for variant, score in ((piece, 0.0), (piece.capitalize(), 0.25)):
                tokens += [variant, SPACE + variant]
                scores += [-100.0 - rank - score, -100_000.0 - rank - score]
        for char in (*digits, *punctuation, "\n", SPACE):
            tokens.append(char)
            scores.append(-200_000.0)
        return cls(tokens, scores)

    def encode(self, text: str) -> list[int]:
        """Token ids; the special tokens in `text` are taken as such."""
        out: list[int] = []
        for n, part in enumerate(SPECIALS.split(text)):
            if n % 2:
                out.append(self.ids[part])
            else:
                for chunk in CHUNK.findall(part):
                    out += self._chunk(chunk)
        return out

    def _encode_chunk(self, chunk: str) -> tuple[int, ...]:
        symbols = list(chunk.replace(" ", SPACE))
        while True:
            best, where = -1e30, -1
            for n in range(len(symbols) - 1):
                merged = self.ids.get(symbols[n] + symbols[n + 1])
                if merged is not None and self.scores[merged] > best:
                    best, where = self.scores[merged], n
            if where < 0:
                break
            symbols[where : where + 2] = [symbols[where] + symbols[where + 1]]
        out: list[int] = []
        for symbol in symbols:
            token = self.ids.get(symbol)
            out += [token] if token is not None else [4 + byte for byte in symbol.encode()]
        return tuple(out)

    def factors(self) -> list[tuple[str, bool, bool]]:
        """For each token: the piece it is a variant of, whether a space leads it, whether it is capitalised."""
        out: list[tuple[str, bool, bool]] = []
        for token in self.tokens:
            bare = token.removeprefix(SPACE)
            word = bool(bare) and all(c in ascii_letters for c in bare)
            out.append((bare.lower(), token != bare, bare != bare.lower()) if word else (token, False, False))
        return out

    def save(self, path: Path) -> None:
        path.write_text(json.dumps({"tokens": self.tokens, "scores": self.scores}, ensure_ascii=False))

    @classmethod
    def load(cls, path: Path) -> Tokenizer:
        data = json.loads(path.read_text())
        return cls(data["tokens"], data["scores"])
