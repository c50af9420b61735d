"""What `memento eval recall` asks about: conversations of five people and later questions (the memory part of BFCL v4), and made-up ones.

A question's evidence is the message that its accepted answer was taken from. The data quotes that message with gaps, and now and then
not to the letter; how it is found is told at `evidence`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from memento_desktop.errors import MementoError

FOLDER = "bfcl_memory"
QUESTIONS, ANSWERS, TOLD = "BFCL_v4_memory.json", "possible_answer.json", "memory_*.json"
GAP = re.compile(r"\.\.\.|…")
LABEL = re.compile(r"\s*([\w-]+):\s+")
LIKE = 0.6
"""Share of a quote's runs of three words that a message must hold, where no message holds the quote as it stands."""
SYLLABLES = "ka lo mi ra ten vor sal du pri nex bar col fin gra hel jun kip lem nor pax".split()


@dataclass(frozen=True)
class Talk:
    """One conversation: its title and what was said, in order."""

    title: str
    messages: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """What is asked later. `evidence`: (conversation, message) that it may be answered from, both counted from 0."""

    id: str
    person: str
    text: str
    quote: str
    evidence: frozenset[tuple[int, int]]


@dataclass(frozen=True)
class Data:
    """Person → conversations; the questions with evidence; those whose evidence is not found."""

    told: Mapping[str, Sequence[Talk]]
    asked: Sequence[Question]
    lost: Sequence[Question]


def load(data: Path) -> Data:
    """
    Raises:
        MementoError: the files are not there, or are not those of BFCL.
    """
    folder = data / FOLDER
    hint = f"Point --data at the folder that holds {FOLDER} (the memory files of BFCL v4, github.com/ShishirPatil/gorilla, Apache 2.0)."
    try:
        told = {path.stem.removeprefix("memory_"): [_talk(row) for row in _rows(path)] for path in sorted(folder.glob(TOLD))}
        answers = {str(row["id"]): str(row["source"]) for row in _rows(folder / ANSWERS)}
        asked = [
            (str(row["id"]), str(row["scenario"]), str(row["question"][0][0]["content"]), answers[row["id"]])
            for row in _rows(folder / QUESTIONS)
        ]
        found = [
            Question(number, person, text, quote, evidence(quote, [talk.messages for talk in told[person]]))
            for number, person, text, quote in asked
        ]
    except OSError as error:
        raise MementoError(f"The conversations are not at {folder}: {error}.", hint) from error
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise MementoError(f"{folder} does not hold the memory files of BFCL: {error!r}.", hint) from error
    if not any(question.evidence for question in found):
        raise MementoError(f"{folder} holds no question whose evidence is found.", hint)
    return Data(told, [q for q in found if q.evidence], [q for q in found if not q.evidence])


def _rows(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _talk(row: Any) -> Talk:
    return Talk(str(row["topic"]), tuple(str(message["content"]) for turn in row["question"] for message in turn))


def evidence(quote: str, talks: Sequence[Sequence[str]]) -> frozenset[tuple[int, int]]:
    """The messages that a quote was taken from.

    Those that hold each of its fragments, the words between gaps, apart from case and punctuation; a label such as "Monday:" is a
    fragment of its own. If there is none, the one message that holds most of the quote's runs of three words, 60 % at least; two alike,
    or none, and the evidence is not found.
    """
    label = LABEL.match(quote)
    parts = [*([label[1]] if label else []), *GAP.split(quote[label.end() :] if label else quote)]
    fragments = [f" {words} " for part in parts if (words := _words(part))]
    lines = {(s, n): f" {_words(text)} " for s, talk in enumerate(talks) for n, text in enumerate(talk)}
    exact = frozenset(key for key, line in lines.items() if fragments and all(fragment in line for fragment in fragments))
    if exact:
        return exact
    wanted = _runs(_words(quote))
    shares = sorted(((len(wanted & _runs(line)) / max(1, len(wanted)), key) for key, line in lines.items()), reverse=True)
    alone = shares and shares[0][0] >= LIKE and (len(shares) == 1 or shares[1][0] < shares[0][0])
    return frozenset([shares[0][1]]) if alone else frozenset()


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))


def _runs(text: str) -> set[tuple[str, ...]]:
    words = text.split()
    return {tuple(words[n : n + 3]) for n in range(len(words) - 2)}


class Babble:
    """Made-up text for measuring time: words as unevenly common as real ones; the commonest stands in about every third sentence."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.words = ["".join(self.random.choice(SYLLABLES) for _ in range(3)) for _ in range(20_000)]

    def sentence(self) -> str:
        count = self.random.randint(5, 14)
        return " ".join(self.words[min(int(20 * self.random.paretovariate(0.6)) - 20, len(self.words) - 1)] for _ in range(count)) + "."

    def message(self) -> str:
        """One to three sentences."""
        return " ".join(self.sentence() for _ in range(self.random.randint(1, 3)))
