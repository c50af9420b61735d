"""A question of the review in a person's words: what is asked, where it comes from, what each answer does. No widget."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memento_desktop.tui.widgets.differing import Piece, differing, shortened

if TYPE_CHECKING:
    from memento_desktop.assistant import Assistant
    from memento_desktop.memory.curation.review import Item
    from memento_desktop.memory.records import Memory

QUOTES, QUOTED = 3, 300
"""Quotes shown of a memory, and characters of each."""
NAMES = {"proposed": "proposal", "conflict": "conflict", "duplicate": "twice?", "stale": "outdated?", "unhelpful": "no help"}
EMPTY = """Nothing waits for you.

Here you will be asked about

  what the assistant would like to remember, before it is used
  two memories that cannot both hold
  two that seem to say the same
  what is long over and was not read since
  what was read again and again and never helped

at most ten at a time. Nothing of this changes without your word."""


@dataclass(frozen=True)
class Card:
    """One question with where its words come from."""

    item: Item
    first: Memory
    """The one that is shown first: of a pair the older one."""
    second: Memory | None
    quotes: tuple[tuple[str, str], ...]
    """Quote and where it stands, of both."""
    texts: tuple[list[Piece], list[Piece]]
    """Both texts, with what differs."""


def card_of(assistant: Assistant, item: Item) -> Card:
    """Reads what a card shows. In a thread."""
    first, second = (item.other, item.memory) if item.other else (item.memory, None)
    quotes: list[tuple[str, str]] = []
    for memory in (first, second):
        for source in assistant.memories.sources(memory.id)[:QUOTES] if memory else ():
            quote = "" if memory and source.quote == memory.body else source.quote
            quotes.append((quote[:QUOTED] + ("…" if len(quote) > QUOTED else ""), assistant.personal.where_of(source)))
    texts = differing(shortened(first.body), shortened(second.body if second else first.body))
    return Card(item, first, second, tuple(dict.fromkeys(quotes)), texts)


def question(item: Item) -> str:
    """What is asked, in a person's words."""
    if item.what == "proposed":
        if item.other is not None:
            return "Which of these is right? They differ only by what may be a slip."
        return {
            "document": "The file says this now, and you edited what it said before. Shall the file's new text be read?",
            "case": "Text that nobody vouched for went into this task. May later tasks read it?",
            "lesson": "Shall later tasks read this lesson?",
            "feedback": "Shall later tasks read this?",
            "instruction": "Shall this be heeded in every task?",
        }.get(item.memory.kind, "Shall this be remembered?")
    return {
        "conflict": "These cannot both hold. Which one does?",
        "duplicate": "Do these say the same?",
        "stale": "This seems to be over. Put it aside?",
        "unhelpful": "This was read often and never helped. Put it aside?",
    }[item.what]


def without_numbers(text: str) -> str:
    """What the review says for the command line, without the memories' numbers."""
    text = re.sub(r"^is\b", "it is", text)
    return re.sub(r"\b\d+ says it already", "it is known already", re.sub(r"\b\d+ (?=“)", "", text))


def choices(item: Item) -> list[tuple[str, str]]:
    """Command and what it does here."""
    if item.other is not None and item.what == "duplicate":
        found = [("older", "they say the same, the first stays"), ("newer", "they say the same, the second stays")]
        found += [("same", "the same: the fuller one stays, with the sources of both"), ("both", "they say different things: keep both")]
    elif item.other is not None and item.what == "conflict":
        found = [("older", "the first holds; the second is put aside"), ("newer", "the second holds; the first is told of the past only")]
        found += [("both", "both hold: do not ask again")]
    elif item.other is not None:
        found = [("older", "the first is right; the second is thrown away"), ("newer", "the second is right and takes its place")]
        found += [("both", "both are right: keep both")]
    elif item.what == "proposed":
        found = [("accept", f"yes: {without_numbers(item.effect)}"), ("reject", "no: into the trash, and not proposed again")]
    else:
        found = [("accept", f"yes: {without_numbers(item.effect)}"), ("reject", "no: it stays as it is, and is not asked again")]
    word = "in your own words" if item.what == "proposed" and item.other is None else "put the second in other words"
    return [*found, ("edit", word if item.other or item.what == "proposed" else "in other words"), ("skip", "later")]
