"""Does memory make the assistant better? Families of tasks met again and again, on a real model through the real loop, arm against arm."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from memento_desktop.evaluation.arms import ARMS, Arm, Models, models, run_arm
from memento_desktop.evaluation.report import Bar, Chart, Report, Series, Table
from memento_desktop.evaluation.statistics import clustered
from memento_desktop.evaluation.streams import make

Record = Mapping[str, Any]
Interval = tuple[float, float, float]
STREAMS = ("plain", "misleading")
BOTH = "both"
"""The stream of arms without memory: both streams ask the same tasks, and nothing that was planted reaches these arms."""
SETTLED = 2
"""The exposure from which memory can help."""
NO_MEMORY, SIMILARITY, LEARNED, PRACTISED = "no memory", "similarity", ("kernel", "neural"), "kernel + practice"
MOST_WITHOUT, LEAST_SIMILARITY, LOST_AT_MOST = 15.0, 75.0, 3.0
"""Per cent right; points."""


@dataclass(frozen=True)
class Size:
    """How much is played."""

    families: int
    exposures: int
    arms: tuple[Arm, ...]


FULL = Size(40, 6, ARMS)
QUICK = Size(7, 4, tuple(arm for arm in ARMS if arm.name in (NO_MEMORY, SIMILARITY, "kernel")))


async def run(*, quick: bool, seeds: int, model: Path | None, progress: Callable[[str], None]) -> Report:
    """Plays every arm through both streams.

    Args:
        quick: few families, few exposures, half of the arms; its bars are weaker, since so few tasks leave every interval wide.
        seeds: streams that are made and played, each with families, files and conventions of its own.
        model: a GGUF; None takes the built-in model.
        progress: hears where it is.

    Raises:
        MementoError: the model cannot be loaded, or broke on the way.
    """
    progress("the model and the embedder are loaded")
    async with models(model) as shared:
        records = await play(QUICK if quick else FULL, seeds, shared, progress)
        notes = _notes(records, shared)
    return report(records, notes, quick)


async def play(size: Size, seeds: int, shared: Models, progress: Callable[[str], None]) -> list[Record]:
    """The records of all arms, one after the other, each with a fresh home for each stream and seed."""
    runs = [(seed, arm, stream) for seed in range(seeds) for arm in size.arms for stream in (STREAMS if arm.reader else (BOTH,))]
    records: list[Record] = []
    for n, (seed, arm, stream) in enumerate(runs, 1):
        what = f"run {n} of {len(runs)}: {arm.name}" + (f", {stream} stream" if arm.reader else "") + f", seed {seed}"
        tick = _ticker(progress, what, size)
        tick(0)
        found = await run_arm(arm, make(seed, size.families, size.exposures), seed, stream == "misleading", shared, tick)
        records += [{**record, "stream": stream} for record in found]
    return records


def _ticker(progress: Callable[[str], None], what: str, size: Size) -> Callable[[int], None]:
    """Says something once a round."""

    def tick(done: int) -> None:
        if done % size.families == 0:
            progress(f"{what}, {done} of {size.families * size.exposures} tasks")

    return tick


def report(records: Sequence[Record], notes: Sequence[str] = (), quick: bool = False) -> Report:
    """Tables, figure and bars of the records of `play`. Intervals are over families × seeds."""
    arms = list(dict.fromkeys(str(record["arm"]) for record in records))
    exposures = {(arm, stream): _by_exposure(_of(records, arm, stream)) for stream in STREAMS for arm in arms}
    curves = {key: {n: success(met) for n, met in found.items()} for key, found in exposures.items()}
    tables = [_settled_table(records, arms, stream) for stream in STREAMS]
    for stream in STREAMS:
        rows = [(arm, str(n), _percent(curves[arm, stream][n]), *_costs(met)) for arm in arms for n, met in exposures[arm, stream].items()]
        headings = ("arm", "exposure", "right %", "wrong case %", "tokens", "s")
        tables.append(Table(f"{stream.capitalize()} stream, by exposure", headings, rows))
    charts = [
        Chart(f"{stream.capitalize()} stream", "exposure", "tasks right (%)", [_series(arm, curves[arm, stream]) for arm in arms])
        for stream in STREAMS
    ]
    return Report("learning", tables, bars(records, arms, quick), records, charts, notes)


def _of(records: Sequence[Record], arm: str, stream: str, settled: bool = False) -> list[Record]:
    return [r for r in records if r["arm"] == arm and r["stream"] in (stream, BOTH) and (not settled or r["exposure"] >= SETTLED)]


def success(records: Sequence[Record]) -> Interval:
    """Per cent of tasks right, with its interval."""
    figures: dict[tuple[int, int], list[float]] = defaultdict(list)
    for record in records:
        figures[record["seed"], record["family"]].append(100.0 * record["success"])
    return clustered(figures)


def difference(records: Sequence[Record], arm: str, other: str, stream: str) -> Interval:
    """Points by which `arm` is better than `other` on the same tasks, from the second exposure on."""
    theirs = {(r["seed"], r["family"], r["exposure"]): r["success"] for r in _of(records, other, stream, settled=True)}
    figures: dict[tuple[int, int], list[float]] = defaultdict(list)
    for r in _of(records, arm, stream, settled=True):
        key = r["seed"], r["family"], r["exposure"]
        figures[key[:2]].append(100.0 * (float(r["success"]) - float(theirs[key])))
    return clustered(figures)


def _settled_table(records: Sequence[Record], arms: Sequence[str], stream: str) -> Table:
    rows: list[tuple[str, ...]] = []
    for arm in arms:
        mine = _of(records, arm, stream, settled=True)
        against = "" if arm == SIMILARITY or SIMILARITY not in arms else _points(difference(records, arm, SIMILARITY, stream))
        rows.append((arm, _percent(success(mine)), against or "—", *_costs(mine)))
    headings = ("arm", "right %", "over similarity", "wrong case %", "tokens", "s")
    return Table(f"{stream.capitalize()} stream, from the second exposure on", headings, rows)


def _by_exposure(records: Sequence[Record]) -> dict[int, list[Record]]:
    found: dict[int, list[Record]] = defaultdict(list)
    for record in records:
        found[record["exposure"]].append(record)
    return dict(sorted(found.items()))


def _costs(records: Sequence[Record]) -> tuple[str, str, str]:
    """Share of tasks with a call that followed a wrong case; tokens and seconds a task."""
    wrong = 100.0 * fmean(r["wrong_case"] for r in records)
    return f"{wrong:.1f}", f"{fmean(r['tokens'] for r in records):,.0f}", f"{fmean(r['seconds'] for r in records):.2f}"


def _percent(found: Interval) -> str:
    mean, low, high = found
    return f"{mean:.1f} ({low:.0f}–{high:.0f})"


def _points(found: Interval) -> str:
    mean, low, high = found
    return f"{mean:+.1f} ({low:+.0f} to {high:+.0f})"


def _series(arm: str, curve: Mapping[int, Interval]) -> Series:
    means, lows, highs = ([found[n] for found in curve.values()] for n in range(3))
    return Series(arm, list(curve), means, lows, highs)


def bars(records: Sequence[Record], arms: Sequence[str], quick: bool = False) -> list[Bar]:
    """What must hold, as far as the arms for it were played: of differences the lower ends; a quick run must have a gain in the mean and
    must not be shown to lose."""
    end, which = (0, "mean") if quick else (1, "lower end")
    held: list[Bar] = []
    if NO_MEMORY in arms:
        value = max(success(_of(records, NO_MEMORY, stream, settled=True))[0] for stream in STREAMS)
        held.append(Bar("no memory, per cent right, the worse stream", value, f"≤ {MOST_WITHOUT:g}", value <= MOST_WITHOUT))
    if SIMILARITY not in arms:
        return held
    value = success(_of(records, SIMILARITY, "plain", settled=True))[0]
    held.append(Bar("similarity, per cent right, plain stream", value, f"≥ {LEAST_SIMILARITY:g}", value >= LEAST_SIMILARITY))
    for arm in (name for name in LEARNED if name in arms):
        found = difference(records, arm, SIMILARITY, "misleading")
        name = f"{arm} over similarity, misleading stream, {_points(found)}: {which} in points"
        held.append(Bar(name, found[end], "> 0", found[end] > 0))
        found = difference(records, arm, SIMILARITY, "plain")
        loss, side = (found[2], "upper end") if quick else (found[1], "lower end")  # few tasks can only show that it is worse
        name = f"{arm} over similarity, plain stream, {_points(found)}: {side} in points"
        held.append(Bar(name, loss, f"> −{LOST_AT_MOST:g}", loss > -LOST_AT_MOST))
    if PRACTISED in arms and "kernel" in arms:
        found = difference(records, PRACTISED, "kernel", "misleading")
        name = f"practice over kernel, misleading stream, {_points(found)}: points"
        held.append(Bar(name, found[0], "> 0", found[0] > 0))
    return held


def _notes(records: Sequence[Record], shared: Models) -> list[str]:
    notes = [
        f"Model: {shared.model.name}, greedy. Wordings of tasks and corrections are of the kinds that the built-in model was trained on; "
        "families, conventions, files and rows are drawn anew for each seed, and no task is asked twice.",
        "Right: the exact figure stands in the answer, and that of no other reading of the file. Wrong case: a call left out or kept rows "
        "by another convention than the family's.",
        "Misleading stream: before it begins, the bank holds three look-alike tasks of each family, judged by what the owner wanted then, "
        "and the lessons that his verdicts taught.",
        "Intervals: 95 %, bootstrap over family × seed. Families of one seed share a bank, which the interval does not count.",
        "Arms without memory are played once for both streams, which ask the same tasks. The model's own judgement is off, since "
        "the owner's verdict would replace it, and a search waits for the embedder. Seconds are the task's, without verdict and indexing.",
    ]
    if shared.unready:
        notes.append(f"Searched by words alone, without sentence vectors: {shared.unready}")
    if practised := [record for record in records if "practice_trials" in record]:
        trials, spent = sum(r["practice_trials"] for r in practised), sum(r["practice_seconds"] for r in practised)
        ends = ", ".join(sorted({r["practice_ended"] for r in practised}))
        notes.append(
            f"Practice between the rounds: {trials:,} trials in {spent:,.0f} s, which no task's seconds hold. It ended because: {ends}."
        )
    return notes
