"""What the reference implementation's own training pool can teach a case reader: its labels, its default split, and what is left.

The pool (Agent-on-the-Fly/Memento, `training_data.jsonl`) holds rows of a query, one case that was shown for it, and an outcome. Its
retriever is trained on the outcome as if it were the case's own (equation 15 of arXiv 2508.16153).
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any

from memento_desktop.errors import MementoError
from memento_desktop.evaluation.report import Bar, Report, Table
from memento_desktop.evaluation.statistics import TAILS, clustered

FILE = Path("memento") / "training_data.jsonl"
HELD_OUT = 0.1
"""The share of rows that the reference trainer holds out by default, drawn apart among the rows of either outcome."""
FOLDS = 10
DRAWS = 1000
WORD = re.compile(r"\w+")
SMOOTHING = 1.0


@dataclass(frozen=True)
class Query:
    """One query with its rows: the case shown, the case's own label, the outcome that the row says."""

    text: str
    rows: tuple[tuple[str, str, bool], ...]

    @property
    def solved(self) -> bool:
        """What most of its rows say."""
        return fmean(outcome for *_, outcome in self.rows) >= 0.5

    @property
    def rankable(self) -> int:
        """Pairs of its rows of which one was a success and the other was not."""
        successes = sum(outcome for *_, outcome in self.rows)
        return successes * (len(self.rows) - successes)


def load(data: Path) -> list[Query]:
    """The queries of `<data>/memento/training_data.jsonl`.

    Raises:
        MementoError: it is not there, or a line of it is no row.
    """
    path = data / FILE
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise MementoError(
            f"{path} cannot be read: {error.strerror}.", "Name the folder that holds memento/training_data.jsonl with --data."
        ) from error
    except UnicodeDecodeError as error:
        raise MementoError(f"{path} is no text.", "Fetch the file again.") from error
    rows: dict[str, list[tuple[str, str, bool]]] = defaultdict(list)
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            query, shown = row["query"], (row["case"], row["case_label"], bool(row["truth_label"]))
        except (ValueError, KeyError, TypeError) as error:
            raise MementoError(f"{path}, line {number} is no row of the pool.", "Fetch the file again.") from error
        rows[query].append(shown)
    queries = [Query(text, tuple(held)) for text, held in rows.items()]
    if len({query.solved for query in queries}) < 2:
        raise MementoError(f"{path} holds no two outcomes to tell apart.", "Fetch the file again.")
    return queries


def _silent(_: str) -> None: ...


def run(data: Path, quick: bool = False, seeds: int = 3, progress: Callable[[str], None] = _silent) -> Report:
    """Counts what the labels can tell, then measures simple predictors under the default split and under splits by query.

    `seeds` splits of either kind; `quick` changes nothing, for all of it takes seconds. The learners are a table of the queries seen,
    the mean outcome of the tasks that a case was shown for, and naive Bayes on the words of the query.

    Raises:
        MementoError: the pool is not there or not readable.
    """
    queries = load(data)
    rounds = range(seeds)
    shared, by_row = _default_split(queries, rounds, progress)
    by_query, records = _grouped_split(queries, rounds, progress)
    facts, bars = _facts(queries)
    looked_up = next(row for row in by_row if row[0] == LOOKUP)
    bars.append(Bar("rows right by a lookup table under the default split", looked_up[1][0], "≥ 0.99", looked_up[1][0] >= 0.99))
    columns = ("predictor", "accuracy", "AUC")
    rows = [(name, _shown(accuracy), _shown(area)) for name, accuracy, area in by_row]
    return Report(
        "reference",
        [
            facts,
            Table(f"Default split: {HELD_OUT:.0%} of the rows at random; {shared:.1%} of them have their query in train", columns, rows),
            Table(
                f"Split by query, {FOLDS} folds: the outcome of a query never seen",
                columns,
                [(name, _shown(accuracy), _shown(area)) for name, accuracy, area in by_query],
            ),
        ],
        bars,
        records,
        notes=_notes(len(rounds)),
    )


def _notes(rounds: int) -> list[str]:
    return [
        "All rows of a query carry the query's outcome. So no label says that one case was better than another for the same query: "
        "the accuracy of ranking cases within a query is undefined, there is not one pair to be right about.",
        "Under the default split nearly every held-out row has other rows of its query, with the same label, in train: its accuracy "
        "measures whether queries are recognised, not whether cases help.",
        "Split by query, what remains to be learnt is how hard a query is. That does not choose a case either: it is the same for all "
        "cases of a query.",
        f"{rounds} split{'s' if rounds > 1 else ''} of either kind; intervals are 95 % from resampling queries with all their rows. "
        "AUC 0.5 is chance, and is counted over pairs within one fold, since the folds' base rates differ.",
    ]


# what the labels can tell


def _facts(queries: Sequence[Query]) -> tuple[Table, list[Bar]]:
    rows = [(query, *row) for query in queries for row in query.rows]
    mixed, rankable = sum(query.rankable > 0 for query in queries), sum(query.rankable for query in queries)
    labels = sorted({label for _, _, label, _ in rows}, reverse=True)
    rate = {own: fmean(outcome for *_, label, outcome in rows if label == own) for own in labels}
    even = sum(len(set(Counter(own for _, own, _ in query.rows).values())) == 1 for query in queries)
    facts = [
        ("rows", f"{len(rows):,}"),
        ("queries", f"{len(queries):,}"),
        ("queries solved", f"{fmean(query.solved for query in queries):.1%}"),
        ("different cases", f"{len({case for _, case, *_ in rows}):,}"),
        ("queries whose rows have different labels", f"{mixed}"),
        ("pairs of rows of one query", f"{sum(math.comb(len(query.rows), 2) for query in queries):,}"),
        ("of them with different labels, so that one case can rank above the other", f"{rankable}"),
        ("queries shown as many solved as failed cases", f"{even:,} of {len(queries):,}"),
        *((f"solved where the shown case was labelled {own}", f"{share:.1%}") for own, share in rate.items()),
        ("rows that show a query its own earlier attempt", f"{sum(query.text == case for query, case, *_ in rows):,}"),
    ]
    bars = [
        Bar("queries with mixed labels", float(mixed), "0", mixed == 0),
        Bar("pairs within a query that labels can rank", float(rankable), "0", rankable == 0),
    ]
    return Table("The pool", ("", "count"), facts), bars


# predictors of a query's outcome: fitted on rows, they give the probability or a score that grows with it

MAJORITY, LOOKUP, CASES, WORDS = "always the base rate", "lookup table of queries", "mean outcome of the case", "naive Bayes on words"
Fit = Callable[[Sequence[tuple[str, str, bool]]], Callable[[str, str], float]]


def _base_rate(train: Sequence[tuple[str, str, bool]]) -> Callable[[str, str], float]:
    rate = fmean(solved for _, _, solved in train)
    return lambda query, case: rate


def _means_of(key: Callable[[str, str], str]) -> Fit:
    """The mean outcome of the rows with the same key; one not seen gets the base rate."""

    def fit(train: Sequence[tuple[str, str, bool]]) -> Callable[[str, str], float]:
        rate = fmean(row[2] for row in train)
        seen: dict[str, list[bool]] = defaultdict(list)
        for query, case, solved in train:
            seen[key(query, case)].append(solved)

        def predict(query: str, case: str) -> float:
            held = seen.get(key(query, case), [])
            return (sum(held) + SMOOTHING * rate) / (len(held) + SMOOTHING)

        return predict

    return fit


def _naive_bayes(train: Sequence[tuple[str, str, bool]]) -> Callable[[str, str], float]:
    """Log-odds of "solved" turned into a probability. A word counts once a query; its share among the solved and among the others is
    shrunk to its share in all, so that a word seen once or never says little or nothing."""
    outcome = {query: solved for query, _, solved in train}
    sizes = Counter(outcome.values())
    seen = {label: Counter(w for query, solved in outcome.items() if solved is label for w in _words(query)) for label in (True, False)}

    def predict(query: str, case: str) -> float:
        odds = math.log((sizes[True] + SMOOTHING) / (sizes[False] + SMOOTHING))
        for word in _words(query):
            if overall := (seen[True][word] + seen[False][word]) / len(outcome):
                shares = [(seen[label][word] + SMOOTHING * overall) / (sizes[label] + SMOOTHING) for label in (True, False)]
                odds += math.log(shares[0] / shares[1])
        return 1 / (1 + math.exp(-odds))

    return predict


def _words(text: str) -> set[str]:
    return set(WORD.findall(text.lower()))


PREDICTORS: Mapping[str, Fit] = {
    MAJORITY: _base_rate, LOOKUP: _means_of(lambda query, case: query), CASES: _means_of(lambda query, case: case), WORDS: _naive_bayes,
}  # fmt: skip
Interval = tuple[float, float, float]


def _default_split(
    queries: Sequence[Query], rounds: Sequence[int], tell: Callable[[str], None]
) -> tuple[float, list[tuple[str, Interval, Interval]]]:
    """The share of held-out rows whose query is in train, and every predictor's accuracy and AUC over held-out rows."""
    rows = [(n, query.text, case, query.solved) for n, query in enumerate(queries) for case, *_ in query.rows]
    shared: list[bool] = []
    judged: dict[str, list[_Judged]] = {name: [] for name in PREDICTORS}
    for seed in rounds:
        tell(f"default split {seed + 1} of {len(rounds)}")
        held = _held_out([solved for *_, solved in rows], seed)
        train = [row[1:] for n, row in enumerate(rows) if n not in held]
        known = {query for query, _, _ in train}
        shared += [rows[n][1] in known for n in held]
        for name, fit in PREDICTORS.items():
            predict = fit(train)
            judged[name] += [_Judged(rows[n][0], seed, rows[n][3], predict(rows[n][1], rows[n][2])) for n in sorted(held)]
    return fmean(shared), [(name, _accuracy(found), _area(found)) for name, found in judged.items()]


def _held_out(outcomes: Sequence[bool], seed: int) -> set[int]:
    random = Random(seed)
    held: set[int] = set()
    for label in (True, False):
        of_label = [n for n, outcome in enumerate(outcomes) if outcome is label]
        held.update(random.sample(of_label, max(1, int(len(of_label) * HELD_OUT))))
    return held


def _grouped_split(
    queries: Sequence[Query], rounds: Sequence[int], tell: Callable[[str], None]
) -> tuple[list[tuple[str, Interval, Interval]], list[dict[str, Any]]]:
    """Every predictor's accuracy and AUC over queries of which train holds no row, and one record a query."""
    judged: dict[str, list[_Judged]] = {name: [] for name in PREDICTORS}
    for seed in rounds:
        tell(f"split by query {seed + 1} of {len(rounds)}")
        folds = _folds([query.solved for query in queries], seed)
        for fold in range(FOLDS):
            train = [(q.text, case, q.solved) for q, of in zip(queries, folds, strict=True) if of != fold for case, *_ in q.rows]
            for name, fit in PREDICTORS.items():
                predict = fit(train)
                judged[name] += [
                    _Judged(n, (seed, fold), query.solved, fmean(predict(query.text, case) for case, *_ in query.rows))
                    for n, query in enumerate(queries)
                    if folds[n] == fold
                ]
    records = [
        {
            "query": query.text, "solved": query.solved, "cases": len(query.rows),
            "predicted": {name: round(fmean(j.score for j in found if j.query == n), 4) for name, found in judged.items()},
        }
        for n, query in enumerate(queries)
    ]  # fmt: skip
    return [(name, _accuracy(found), _area(found)) for name, found in judged.items()], records


def _folds(outcomes: Sequence[bool], seed: int) -> list[int]:
    """A fold for every query, with as many of either outcome in each as can be."""
    random = Random(seed)
    folds = [0] * len(outcomes)
    for label in (True, False):
        of_label = [n for n, outcome in enumerate(outcomes) if outcome is label]
        random.shuffle(of_label)
        for place, n in enumerate(of_label):
            folds[n] = place % FOLDS
    return folds


# figures


@dataclass(frozen=True)
class _Judged:
    """One prediction: on which query, in which fold (only predictions of one fold are compared), what was true, what was said."""

    query: int
    fold: object
    solved: bool
    score: float


def _accuracy(found: Sequence[_Judged]) -> Interval:
    right: dict[int, list[float]] = defaultdict(list)
    for judged in found:
        right[judged.query].append(float((judged.score >= 0.5) == judged.solved))
    return clustered(right, draws=DRAWS)


def _area(found: Sequence[_Judged]) -> Interval:
    """Area under the ROC curve: the share of pairs, one solved and one failed of one fold, that the scores put in order (ties: half).

    With a 95 % interval from resampling queries; a query drawn twice counts twice.
    """
    import numpy as np

    size = 1 + max(judged.query for judged in found)
    won, pairs = np.zeros((size, size), dtype=np.float32), np.zeros((size, size), dtype=np.float32)
    by_fold: dict[object, list[_Judged]] = defaultdict(list)
    for judged in found:
        by_fold[judged.fold].append(judged)
    for members in by_fold.values():
        up, down = [j for j in members if j.solved], [j for j in members if not j.solved]
        ahead = np.array([j.score for j in up])[:, None] - np.array([j.score for j in down])[None, :]
        at = np.array([j.query for j in up])[:, None], np.array([j.query for j in down])[None, :]
        np.add.at(won, at, (np.sign(np.round(ahead, 12)) + 1) / 2)
        np.add.at(pairs, at, 1)
    random, areas = np.random.default_rng(0), list[float]()
    for _ in range(DRAWS):
        times = np.bincount(random.integers(0, size, size), minlength=size).astype(np.float32)
        areas.append(float(times @ won @ times) / max(1.0, float(times @ pairs @ times)))
    low, high = np.percentile(areas, TAILS)
    return float(won.sum() / pairs.sum()), float(low), float(high)


def _shown(value: Interval) -> str:
    mean, low, high = value
    return f"{mean:.3f} ({low:.3f} to {high:.3f})"
