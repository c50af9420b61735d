"""One generation in the engine's child: the loop over tokens, its pieces of text, its sums. Knows no llama_cpp."""

from __future__ import annotations

import codecs
import time
from collections.abc import Iterator
from typing import Any, Protocol

from memento_desktop.errors import MementoError
from memento_desktop.inference.child import Job
from memento_desktop.inference.grammar import SchemaError
from memento_desktop.inference.sampling import Allowed, Chooser, Logits
from memento_desktop.inference.slots import Slot

DELTA_SECONDS = 0.04
"""Least time between two pieces on the wire: 25 a second is as often as a screen is drawn."""


class Cancelled(Exception):
    """The parent no longer wants the reply."""


class TokenSource(Protocol):
    """What the loop needs of a loaded model."""

    ends: set[int]
    stop_text: str

    def logits(self) -> Logits: ...
    def ban_controls(self, logits: Logits) -> None: ...
    def piece(self, token: int) -> bytes: ...
    def read(self, slot: Slot, tokens: list[int], job: Job) -> None: ...


class ReplyGrammar(Protocol):
    """What a reply must look like, as it stands after the tokens so far."""

    def allowed(self, tokens: list[int]) -> list[bool]: ...
    def accept(self, token: int) -> None: ...
    def complete(self) -> bool: ...


class Reply:
    """Generates one reply into a slot and sends its text in pieces."""

    def __init__(self, model: TokenSource, job: Job, slot: Slot, grammar: ReplyGrammar | None) -> None:
        self.slot = slot
        self._model, self._job, self._grammar = model, job, grammar
        self._chooser = Chooser(float(job.frame["temperature"]), int(job.frame["seed"]))
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""
        self._unsent: list[str] = []
        self._sent_at = 0.0
        self._parts: list[str] = []
        self._count = 0
        self._confidence = 1.0
        self._truncated = False

    def run(self, limit: int) -> None:
        """Generates up to `limit` tokens. Raises `Cancelled`."""
        for token in self._tokens(limit):
            if self._emit(self._decoder.decode(self._model.piece(token))):
                break
        else:
            self._emit(self._decoder.decode(b"", final=True), last=True)
        self._send(force=True)

    def summary(self) -> dict[str, Any]:
        """The reply's text and sums, whole or cut short."""
        return {
            "text": "".join(self._parts),
            "completion_tokens": self._count,
            "confidence": self._confidence if self._count else 0.0,
            "truncated": self._truncated,
        }

    def _tokens(self, limit: int) -> Iterator[int]:
        model, grammar = self._model, self._grammar
        allowed: Allowed | None = grammar.allowed if grammar is not None else None
        while True:
            logits = model.logits()
            model.ban_controls(logits)
            chosen = self._chooser.choose(logits, allowed)
            if chosen is None:
                self._check_ended()
                return
            token, probability = chosen
            self._confidence *= probability
            if token in model.ends:
                return
            self._count += 1
            yield token
            if grammar is not None:
                grammar.accept(token)
                if self._closed(model.piece(token)) and grammar.complete():
                    return
            if self._count >= limit:
                self._truncated = True
                return
            if self._job.cancelled:
                raise Cancelled
            model.read(self.slot, [token], self._job)

    def _check_ended(self) -> None:
        """No token can follow: the end of a reply only when the model has no token that says so itself."""
        if self._grammar is None:
            raise MementoError("The model computes values that are not numbers", "Its file is damaged: download it again.")
        if self._model.ends:
            raise SchemaError(f"nothing can follow after {''.join(self._parts)[-60:]!r}")

    def _closed(self, piece: bytes) -> bool:
        """Whether an object may just have ended: what could follow then is white space only."""
        return piece.rstrip().endswith(b"}") and bool(self._parts) and self._parts[0].lstrip().startswith("{")

    def _emit(self, text: str, last: bool = False) -> bool:
        """Takes in decoded text; whether the model's end mark came as plain text. What may be the start of that mark is held back."""
        text = self._held + text
        stop = self._model.stop_text
        self._held = ""
        found = text.find(stop) if stop else -1
        if found >= 0:
            text = text[:found]
        elif stop and not last:
            begun = next((n for n in range(min(len(stop) - 1, len(text)), 0, -1) if text.endswith(stop[:n])), 0)
            text, self._held = text[: len(text) - begun], text[len(text) - begun :]
        if text:
            self._parts.append(text)
            self._unsent.append(text)
            self._send()
        return found >= 0

    def _send(self, force: bool = False) -> None:
        now = time.monotonic()
        if self._unsent and (force or now - self._sent_at >= DELTA_SECONDS):
            self._job.part(text="".join(self._unsent))
            self._unsent.clear()
            self._sent_at = now
