"""Streams of small table tasks, each family with a convention that no file and no question tells: made from a seed, judged exactly.

The wordings of questions and corrections are of the kinds that the built-in model was trained on, so that what is measured is what memory
brings and not how much English a small model knows. Words may also be ones it has met; files, rows and who has which convention are new.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from random import Random

COLUMNS = (
    "km hours price cost weight distance fee minutes pages points litres revenue discount balance rent deposit quantity income budget tax"
).split()
MARKERS = (
    "void draft refunded pending cancelled duplicate private sample unpaid returned internal rejected late estimate test expired archived "
    "demo manual reserved shared paid final approved confirmed closed business urgent open free"
).split()
PLACES = (
    "north south east west harbour station market bridge mill castle valley forest island river garden square tower museum school library"
).split()
SUBJECTS = (
    "trips orders visits repairs bookings invoices courses deliveries events lessons members rooms stalls tours crews permits".split()
)
FORMER_SUBJECTS = "shifts claims loans tickets parts films plants tools boats prints".split()
"""What files of the time before the stream are about: a file name belongs to one task only."""

QUESTIONS: dict[str, tuple[str, ...]] = {
    "total": (
        "Total the {c} in {f}", "Add up the {c} in {f}.", "What is the total {c} in {f}?", "What is the sum of {c} in {f}?",
        "Sum the {c} in {f}.", "What do the {c} in {f} add up to?",
    ),
    "average": (
        "What is the average {c} in {f}?", "Average the {c} in {f}", "What is the mean {c} in {f}?", "Give me the average of {c} in {f}.",
        "Work out the mean of the {c} in {f}.", "Work out the average {c} in {f}",
    ),
    "highest": (
        "What is the highest {c} in {f}?", "Find the highest {c} in {f}", "What is the maximum {c} in {f}?", "Find the largest {c} in {f}.",
        "Which is the biggest {c} in {f}?", "What is the largest {c} in {f}?",
    ),
    "lowest": (
        "What is the lowest {c} in {f}?", "Find the lowest {c} in {f}", "What is the minimum {c} in {f}?", "Find the smallest {c} in {f}.",
        "Which is the least {c} in {f}?", "What is the smallest {c} in {f}?",
    ),
}  # fmt: skip
OPENINGS = ("", "", "", "", "", "Hey, ", "Quick question: ", "ok, ", "So ")
STEPS = {
    "total": "total the {c} in {f}", "average": "average the {c} in {f}",
    "highest": "find the highest {c} in {f}", "lowest": "find the lowest {c} in {f}",
}  # fmt: skip
LEAVE_OUT = (
    "leave out rows marked {m}", "do not count {m} rows", "rows marked {m} do not count", "skip the {m} rows", "without {m}",
    "exclude rows marked {m}", "ignore the {m} rows", "{m} rows must be left out", "you forgot to leave out the {m} rows",
)  # fmt: skip
COUNT_ONLY = (
    "only rows marked {m} count", "count only {m} rows", "only the {m} ones", "just the rows marked {m}", "use only rows marked {m}",
    "take only the {m} rows", "I want the {m} rows only",
)  # fmt: skip
FAMILIES_A_COLUMN = 2.5
"""Of the four that could be: some families share a column, all share an operation with others, and no two share both."""
MOST_FAMILIES = len(MARKERS) * 3 // 2
NUMBER = re.compile(r"(?<![\w.,])-?\d[\d,]*(?:\.\d+)?(?!\d)")


@dataclass(frozen=True)
class Convention:
    """Which rows count: all but those with a marker, or only those."""

    leaves_out: bool
    marker: str

    @property
    def arguments(self) -> tuple[str, str]:
        """What `read_table` must be called with: (without, only)."""
        return (self.marker, "") if self.leaves_out else ("", self.marker)

    def counts(self, status: str) -> bool:
        return (status != self.marker) if self.leaves_out else (status == self.marker)

    def said(self, random: Random) -> str:
        """The convention as an owner words it when he corrects."""
        return random.choice(LEAVE_OUT if self.leaves_out else COUNT_ONLY).format(m=self.marker)


@dataclass(frozen=True)
class Family:
    """Tasks of one operation on one column. `former` is what the owner wanted before the stream began."""

    number: int
    operation: str
    column: str
    convention: Convention
    former: Convention


@dataclass(frozen=True)
class Row:
    name: str
    value: Fraction
    status: str


@dataclass(frozen=True)
class Task:
    """One question about one file that is asked once. `wrong` are the figures of every other reading of that file."""

    family: Family
    exposure: int
    file: str
    text: str
    rows: tuple[Row, ...]
    right: Fraction
    wrong: frozenset[Fraction]

    @property
    def step(self) -> str:
        return STEPS[self.family.operation].format(c=self.family.column, f=self.file)

    def solved(self, answer: str) -> bool:
        """Whether the right figure stands in `answer`, and the figure of no other reading."""
        found = {Fraction(text.replace(",", "")) for text in NUMBER.findall(re.sub(re.escape(self.file), " ", answer, flags=re.IGNORECASE))}
        return self.right in found and not found & self.wrong

    def follows(self, without: str, only: str) -> bool:
        """Whether a call's arguments carry the family's convention."""
        return (_plain(without), _plain(only)) == self.family.convention.arguments

    def write(self, folder: Path) -> None:
        lines = [f"name,{self.family.column},status", *(f"{row.name},{decimal(row.value)},{row.status}" for row in self.rows)]
        (folder / self.file).write_text("\n".join(lines) + "\n", "utf-8", newline="\n")


@dataclass(frozen=True)
class Former:
    """A look-alike from before the stream: a task of a family, and whether it was right at once or corrected; by the former convention."""

    task: Task
    worked: bool
    said: str


@dataclass(frozen=True)
class Stream:
    """`rounds[n]` holds each family's task of exposure n + 1, in the order they are asked."""

    families: tuple[Family, ...]
    rounds: tuple[tuple[Task, ...], ...]
    former: tuple[Former, ...]


def make(seed: int, families: int, exposures: int, former: int = 3) -> Stream:
    """A stream and its look-alikes, the same for the same arguments.

    At most 6 exposures (a wording each) and 45 families (two thirds leave a marker out, each another one). Half of the look-alikes worked,
    half were corrected. Raises ValueError for more.
    """
    if not 1 <= exposures <= min(map(len, QUESTIONS.values())) or not 1 <= families <= MOST_FAMILIES:
        raise ValueError(f"{families} families with {exposures} exposures cannot be made")
    random = Random(f"stream {seed}")
    made = _families(random, families)
    files = [f"{place}_{subject}.csv" for place in PLACES for subject in SUBJECTS]
    random.shuffle(files)
    wordings = [random.sample(QUESTIONS[family.operation], exposures) for family in made]
    rounds: list[tuple[Task, ...]] = []
    for n in range(exposures):
        tasks = [_task(random, family, n + 1, files.pop(), wordings[family.number][n]) for family in made]
        random.shuffle(tasks)
        rounds.append(tuple(tasks))
    return Stream(tuple(made), tuple(rounds), tuple(_former(random, made, former)))


def _families(random: Random, count: int) -> list[Family]:
    """Each with an operation and column, and a convention, that are no other family's; a former convention with another marker."""
    columns = random.sample(COLUMNS, min(len(COLUMNS), max(1, round(count / FAMILIES_A_COLUMN))))
    pairs = random.sample([(operation, column) for operation in QUESTIONS for column in columns], count)
    leaving = -(-2 * count // 3)
    conventions = [
        *(Convention(True, marker) for marker in random.sample(MARKERS, leaving)),
        *(Convention(False, marker) for marker in random.sample(MARKERS, count - leaving)),
    ]
    random.shuffle(conventions)
    made: list[Family] = []
    for number, ((operation, column), convention) in enumerate(zip(pairs, conventions, strict=True)):
        other = random.choice([marker for marker in MARKERS if marker != convention.marker])
        made.append(Family(number, operation, column, convention, Convention(random.random() < 2 / 3, other)))
    return made


def _former(random: Random, families: Sequence[Family], each: int) -> list[Former]:
    """`each` look-alikes a family, shuffled; every second one worked, over all and within a family."""
    files = [f"{place}_{subject}.csv" for place in PLACES for subject in FORMER_SUBJECTS]
    random.shuffle(files)
    found: list[Former] = []
    for n in range(len(families) * each):
        family = families[n % len(families)]
        task = _task(random, family, 0, files.pop(), random.choice(QUESTIONS[family.operation]))
        found.append(Former(task, (family.number + n // len(families)) % 2 == 0, family.former.said(random)))
    random.shuffle(found)
    return found


def _task(random: Random, family: Family, exposure: int, file: str, wording: str) -> Task:
    """A task whose file tells every reading from the right one: drawn again until it does."""
    opening = random.choice(OPENINGS)
    text = wording.format(c=family.column, f=file)
    text = f"{opening}{text[0].lower()}{text[1:]}" if opening else text
    own, former = family.convention.marker, family.former.marker
    others = random.sample([marker for marker in MARKERS if marker not in (own, former)], 2)
    while True:
        rows = _rows(random, [own, former, *others])
        readings = [Convention(leaves_out, marker) for leaves_out in (True, False) for marker in (own, former, *others)]
        figures = {reading: figure(family.operation, rows, reading) for reading in readings}
        right = figures.pop(family.convention)
        wrong = frozenset([figure(family.operation, rows, None), *figures.values()])
        if right not in wrong and (right * 100).denominator == 1:  # a figure with two decimals at most is copied, not rounded
            return Task(family, exposure, file, text, rows, right, wrong)


def _rows(random: Random, markers: Sequence[str]) -> tuple[Row, ...]:
    """Two or three rows of each marker, three to five without one; figures of three digits, so that none is a number of rows."""
    statuses = [marker for marker in markers for _ in range(random.choice((2, 3)))] + [""] * random.choice((3, 4, 5))
    random.shuffle(statuses)
    scale = random.choice((1, 1, 10))
    values = random.sample(range(101 * scale, 1000 * scale), len(statuses))
    return tuple(Row(random.choice(PLACES), Fraction(value, scale), status) for value, status in zip(values, statuses, strict=True))


def figure(operation: str, rows: Sequence[Row], reading: Convention | None) -> Fraction:
    """The exact figure over the rows that a reading counts; all of them without one. Every reading must count some."""
    values = [row.value for row in rows if reading is None or reading.counts(row.status)]
    match operation:
        case "total":
            return sum(values, Fraction(0))
        case "average":
            return sum(values, Fraction(0)) / len(values)
        case "highest":
            return max(values)
        case "lowest":
            return min(values)
        case _:
            raise ValueError(f"{operation} is no operation")


def decimal(value: Fraction) -> str:
    """A value with two decimals at most, as it stands in a file."""
    text = f"{round(value * 100):03d}"
    return f"{text[:-2]}.{text[-2:]}".rstrip("0").rstrip(".")


def _plain(word: str) -> str:
    return " ".join(word.split()).strip("\"'`“”").casefold()
