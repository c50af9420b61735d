"""Is what was said found again? Conversations of five people and 155 later questions, by words, by meaning, and by both; and how quickly.

Each person's conversations are told into a bank of their own, by the app's own code, and each question is looked up there as the app
does it. Found is the very message that holds the answer; a neighbour of it counts in a table of its own only. The weights of the search
were chosen on these questions: so the bars are held against weights that were chosen, for each person, on the four others.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from memento_desktop.evaluation import recall_speed
from memento_desktop.evaluation.recall_data import Data, Question, Talk, load
from memento_desktop.evaluation.report import Bar, Chart, Report, Series, Table
from memento_desktop.evaluation.selection_data import Matrix, embedded
from memento_desktop.evaluation.statistics import interval
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.conversations.said import FIELDS, WEIGHT, Said, SaidSearch
from memento_desktop.memory.conversations.talks import Conversations
from memento_desktop.memory.conversations.windows import Windows
from memento_desktop.memory.embeddings import Embeddings

DEPTHS = (1, 5, 10)
ALONE = (1.0, 0.0, 0.0)
"""Fields of a search over single lines: nothing of what is around them."""
FLAT = (1.0, 1.0, 0.0)
"""Fields of a search over plain windows, whose three lines weigh alike."""
WEIGHTS = tuple(n / 20 for n in range(1, 20))
GRID = (FIELDS, ALONE, (1.0, 0.1, 0.25), (1.0, 0.2, 0.0), (1.0, 0.0, 0.5), (1.0, 0.4, 1.0))
"""Weights of the fields that the choice is among, beside those of the fusion."""
HELD_OUT = "fused, chosen on the others"
Ranking = list[tuple[int, int]]
"""What a search found for a question, the best first: (conversation, message)."""


@dataclass(frozen=True)
class Person:
    """One person's bank, with their conversations in it."""

    name: str
    bank: Bank
    embedder: int
    places: Mapping[int, tuple[int, int]]
    """Message number → (conversation, message), both counted from 0."""

    def ask(self, question: str, vector: bytes | None, weight: float = WEIGHT, fields: tuple[float, float, float] = FIELDS) -> list[Said]:
        return SaidSearch(self.bank, fields).find(question, max(DEPTHS), vector, self.embedder, weight)

    def ranking(self, hits: Sequence[Said]) -> Ranking:
        return [self.places[hit.message_id] for hit in hits]


async def tell(name: str, talks: Sequence[Talk], path: Path, vectors: Callable[[Sequence[str]], Any]) -> Person:
    """Tells a person's conversations into a new bank and embeds them. `vectors`: texts → text by unit vector, awaited."""
    bank = Bank(path)
    conversations, windows, places = Conversations(bank), Windows(bank), dict[int, tuple[int, int]]()
    for s, talk in enumerate(talks):
        session = conversations.begin(talk.title)
        numbers = conversations.fill(session, [("user", text, None) for text in talk.messages])
        places |= {number: (s, n) for n, number in enumerate(numbers)}
    waiting = windows.waiting(0, len(places))
    known = await vectors([text for item in waiting for text in item.passages])
    dim = len(next(iter(known.values())))
    embedder = Embeddings(bank).register("recall", "recall", dim)
    windows.store(embedder, [(item, [known[text].tobytes() for text in item.passages]) for item in waiting])
    return Person(name, bank, embedder, places)


Results = dict[str, dict[str, Ranking]]
"""Arm → question → what it found."""


def compare(asked: Sequence[Question], people: Mapping[str, Person], vectors: Mapping[str, Matrix]) -> Results:
    """What each arm finds for each question."""
    found: Results = {}
    for question in asked:
        person, vector = people[question.person], vectors[question.text].tobytes()
        arms = {
            "text, lines": person.ask(question.text, None, fields=ALONE),
            "text, plain windows": person.ask(question.text, None, fields=FLAT),
            "text": person.ask(question.text, None),
            "vector": person.ask(question.text, vector, 1.0),
            "fused": person.ask(question.text, vector),
        }
        for arm, hits in arms.items():
            found.setdefault(arm, {})[question.id] = person.ranking(hits)
    return found


def rank(question: Question, ranking: Ranking, reach: int = 0) -> int | None:
    """The place of the evidence in a ranking, counted from 1; with `reach` 1, also of a line just before or after it."""
    wanted = {(s, n + by) for s, n in question.evidence for by in range(-reach, reach + 1)}
    return next((place for place, key in enumerate(ranking, 1) if key in wanted), None)


def within(question: Question, ranking: Ranking, depth: int, reach: int = 0) -> float:
    place = rank(question, ranking, reach)
    return float(place is not None and place <= depth)


def worth(question: Question, ranking: Ranking) -> float:
    """What a choice of weights is judged by: how many of the three depths find it."""
    return sum(within(question, ranking, depth) for depth in DEPTHS)


def held_out(
    asked: Sequence[Question], people: Mapping[str, Person], vectors: Mapping[str, Matrix], grid: Sequence[tuple[float, float, float]],
    progress: Callable[[str], None],
) -> tuple[dict[str, Ranking], Table]:  # fmt: skip
    """For each person the weights that are best for the four others, and what they find for this one's questions."""
    tried: dict[tuple[tuple[float, float, float], float], dict[str, Ranking]] = {}
    for fields in grid:
        progress(f"choosing weights: fields {fields}")
        for weight in WEIGHTS:
            tried[fields, weight] = {
                q.id: people[q.person].ranking(people[q.person].ask(q.text, vectors[q.text].tobytes(), weight, fields)) for q in asked
            }
    found: dict[str, Ranking] = {}
    rows: list[list[str]] = []
    for name in people:
        others = [q for q in asked if q.person != name]
        best = max(tried, key=lambda key: (sum(worth(q, tried[key][q.id]) for q in others), -abs(key[1] - 0.5)))
        found |= {q.id: tried[best][q.id] for q in asked if q.person == name}
        rows.append([name, *(f"{weight:g}" for weight in best[0]), f"{best[1]:.2f}"])
    rows.append(["the app's own", *(f"{weight:g}" for weight in FIELDS), f"{WEIGHT:.2f}"])
    headings = ["person left out", "line", "around it", "title", "share of meaning"]
    return found, Table("Weights chosen on the four others", headings, rows)


def _shares(asked: Sequence[Question], rankings: Mapping[str, Ranking], reach: int = 0) -> list[float]:
    return [sum(within(q, rankings[q.id], depth, reach) for q in asked) / len(asked) for depth in DEPTHS]


def _tables(asked: Sequence[Question], found: Results) -> Iterator[Table]:
    depths = [f"first {depth}" if depth > 1 else "first" for depth in DEPTHS]
    rows = [
        [arm, *(f"{100 * share:.1f}" for share in _shares(asked, rankings)), f"{_mrr(asked, rankings):.3f}"]
        for arm, rankings in found.items()
    ]
    yield Table(f"Evidence among the first messages found, % of {len(asked)} questions", ["search", *depths, "MRR@10"], rows)
    rows = list[list[str]]()
    for person in sorted({q.person for q in asked}):
        mine = [q for q in asked if q.person == person]
        for arm in ("text", "vector", "fused", HELD_OUT):
            rows.append([person, str(len(mine)), arm, *(f"{100 * share:.1f}" for share in _shares(mine, found[arm]))])
    yield Table("By person, %", ["person", "questions", "search", *depths], rows)
    rows = list[list[str]]()
    for arm in ("fused", HELD_OUT):
        for other in ("text", "vector"):
            gains = [_gain(asked, found[arm], found[other], depth) for depth in DEPTHS]
            rows.append([arm, other, *(f"{mean:+.1f} [{low:+.1f}, {high:+.1f}]" for mean, low, high in gains)])
    yield Table("Gain in points, with 95 % intervals", ["search", "over", *depths], rows)
    rows = [
        [arm, *(f"{100 * share:.1f}" for share in _shares(asked, found[arm], 1))]
        for arm in ("text, plain windows", "text", "vector", "fused")
    ]
    yield Table("The same where a line next to the evidence counts too, %", ["search", *depths], rows)


def _mrr(asked: Sequence[Question], rankings: Mapping[str, Ranking]) -> float:
    return sum(1 / place for q in asked if (place := rank(q, rankings[q.id]))) / len(asked)


def _gain(asked: Sequence[Question], one: Mapping[str, Ranking], other: Mapping[str, Ranking], depth: int) -> tuple[float, float, float]:
    """Points, paired by question, with a 95 % interval."""
    mean, low, high = interval([within(q, one[q.id], depth) - within(q, other[q.id], depth) for q in asked])
    return 100 * mean, 100 * low, 100 * high


def _bars(asked: Sequence[Question], found: Results) -> Iterator[Bar]:
    shares = {arm: _shares(asked, found[arm]) for arm in ("text", "vector", "fused", HELD_OUT)}
    for arm in (HELD_OUT, "fused"):
        for n, depth in enumerate(DEPTHS):
            most = max(shares["text"][n], shares["vector"][n])
            yield Bar(f"{arm}, first {depth}, %", 100 * shares[arm][n], f"> {100 * most:.1f}", shares[arm][n] > most)


def _records(asked: Sequence[Question], found: Results) -> Iterator[dict[str, Any]]:
    """One record a question, with the place at which each search found it (null: not among the first ten)."""
    for q in asked:
        places = {arm: rank(q, rankings[q.id]) for arm, rankings in found.items()}
        yield {"id": q.id, "person": q.person, "question": q.text, "evidence": sorted(q.evidence), "place": places}


def _chart(asked: Sequence[Question], found: Results) -> Chart:
    depths = range(1, max(DEPTHS) + 1)
    lines = [
        Series(arm, list(map(float, depths)), [sum(within(q, found[arm][q.id], d) for q in asked) / len(asked) for d in depths])
        for arm in ("text", "vector", "fused", HELD_OUT)
    ]
    return Chart("The message that holds the answer is found", "among the first … messages", "share of questions", lines)


def _notes(data: Data) -> list[str]:
    messages = sum(len(talk.messages) for talks in data.told.values() for talk in talks)
    notes = [
        f"{messages} messages of {len(data.told)} people, told into a bank each. The weights of `fused` are the app's own, chosen on these "
        f"questions; those of `{HELD_OUT}` were chosen, for each person, on the questions of the others.",
        "Found is the message itself; its neighbours count in one table only. Intervals: bootstrap over questions, paired, 95 %.",
    ]
    if data.lost:
        notes.append(f"{len(data.lost)} left out, their evidence is not found: " + "; ".join(f"{q.id} “{q.text}”" for q in data.lost))
    return notes


async def run(data: Path, cache: Path, quick: bool, progress: Callable[[str], None] = lambda _: None) -> Report:
    """Asks every question in every way, then measures how long a search takes.

    Args:
        data: the folder that holds `bfcl_memory`.
        cache: where sentence vectors are kept.
        quick: the fusion's weight alone is chosen anew, and no bank of 100,000 is made.

    Raises:
        MementoError: the data or the embedder is not there.
    """
    loaded = load(data)
    kept = cache / "recall"

    async def vectors(texts: Sequence[str]) -> dict[str, Matrix]:
        return await embedded(texts, kept, progress, "recall")

    with tempfile.TemporaryDirectory() as folder, ExitStack() as open_banks:
        people: dict[str, Person] = {}
        for name, talks in loaded.told.items():
            people[name] = await tell(name, talks, Path(folder, f"{name}.sqlite"), vectors)
            open_banks.callback(people[name].bank.close)
        known = await vectors([q.text for q in loaded.asked])
        progress("asking")
        found = compare(loaded.asked, people, known)
        found[HELD_OUT], chosen = held_out(loaded.asked, people, known, GRID[:1] if quick else GRID, progress)
    speed, speed_bars = recall_speed.measure((1000, 10_000) if quick else (1000, 10_000, 100_000), progress)
    return Report(
        "recall", [*_tables(loaded.asked, found), chosen, speed], [*_bars(loaded.asked, found), *speed_bars],
        list(_records(loaded.asked, found)), [_chart(loaded.asked, found)], _notes(loaded),
    )  # fmt: skip
