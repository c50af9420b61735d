"""Windows over a conversation: each message with its neighbours, since a line alone seldom says what it is about."""

from __future__ import annotations

from collections.abc import Sequence


def windows(messages: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """For each message, by number, its text with the one before and the one after. `messages` are (number, text) in their order."""
    texts = [text for _, text in messages]
    return [(number, "\n".join(texts[max(0, n - 1) : n + 2])) for n, (number, _) in enumerate(messages)]
