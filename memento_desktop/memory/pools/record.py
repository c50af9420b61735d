"""One record of a pool: a line of JSON that names its pool, its author, its place and the record before it, and is signed.

    {"type": "memory", "memory": {…}, "at": …, "id": …, "n": 3, "pool": …, "author": …, "prev": …, "sig": …}

The signature is over the line's own bytes without `sig`. A line counts only when writing what was read gives the same bytes again, so
that there is one way to spell a record: no doubled key, no other white space, no second meaning. `prev` is the SHA-256 of the whole line
before it, so that the last line stands for all lines before it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from memento_desktop.errors import MementoError
from memento_desktop.memory.pools.identity import HEX_KEY, Identity, verified

Type = Literal["introduction", "memory", "withdraw"]
START = "0" * 64
"""`prev` of an author's first record."""
LONGEST = 256 * 1024
"""Bytes of one line."""
DEEPEST = 8


class Refusal(MementoError):
    """A file of a pool that is not what its author wrote."""


@dataclass(frozen=True)
class Head:
    """The last record of an author: its number (from 1; 0 before the first) and the SHA-256 of its line."""

    n: int = 0
    hash: str = START


@dataclass(frozen=True)
class Record:
    """A record as it was read. `hash` is the SHA-256 of its line, `place` says where it stands."""

    pool: str
    author: str
    n: int
    prev: str
    at: str
    type: str
    id: str
    body: Mapping[str, Any]
    hash: str
    signed: bytes
    signature: str
    place: str = ""

    @property
    def head(self) -> Head:
        return Head(self.n, self.hash)

    @property
    def genuine(self) -> bool:
        return verified(self.author, self.signature, self.signed)


def line_hash(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def dumped(value: Any) -> bytes:
    """The one way in which a value is spelled.

    Raises:
        ValueError: it holds what UTF-8 or JSON cannot: a lone surrogate, infinity.
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(", ", ": ")).encode()


def written(who: Identity, pool: str, head: Head, at: str, type_: Type, uid: str, body: Mapping[str, Any]) -> tuple[bytes, Head]:
    """The line of a new record after `head`, without its line end, and the head that it makes.

    Raises:
        MementoError: it is too long.
    """
    payload = {"type": type_, type_: dict(body), "at": at, "id": uid, "n": head.n + 1, "pool": pool, "author": who.key, "prev": head.hash}
    line = dumped(payload | {"sig": who.sign(dumped(payload))})
    if len(line) > LONGEST:
        raise MementoError(f"This is too long to be shared: {len(line):,} bytes.", f"One record holds {LONGEST:,} bytes at most.")
    return line, Head(head.n + 1, line_hash(line))


def read(line: bytes, place: str) -> Record:
    """The record in a line; its signature is not looked at yet.

    Raises:
        Refusal: it is no record; the message begins with `place`.
    """
    try:
        if len(line) > LONGEST:
            raise ValueError("too long")
        found: Any = json.loads(line.decode("utf-8"))
        if not isinstance(found, dict) or _depth(found) > DEEPEST:
            raise ValueError("not a record")
        payload = cast("dict[str, Any]", found)
        if dumped(payload) != line:
            raise ValueError("spelled otherwise than it was signed")
        signature = payload.pop("sig")
        return _record(payload, signature, line, place)
    except (ValueError, KeyError, TypeError, RecursionError, UnicodeError) as error:
        raise Refusal(f"{place}: this line was changed or damaged.", "") from error


def _record(payload: dict[str, Any], signature: Any, line: bytes, place: str) -> Record:
    type_, n, body = payload["type"], payload["n"], payload[payload["type"]]
    texts = [payload[key] for key in ("pool", "author", "prev", "at", "type", "id")]
    if not all(isinstance(text, str) for text in [*texts, signature]) or type(n) is not int or n < 1 or not isinstance(body, dict):
        raise ValueError("wrong types")
    if not HEX_KEY.fullmatch(payload["author"]) or not HEX_KEY.fullmatch(payload["prev"]):
        raise ValueError("not a key")
    return Record(
        payload["pool"], payload["author"], n, payload["prev"], payload["at"], type_, payload["id"], cast("dict[str, Any]", body),
        line_hash(line), dumped(payload), signature, place,
    )  # fmt: skip


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, cast("dict[str, Any]", value).values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, cast("list[Any]", value)), default=0)
    return 0
