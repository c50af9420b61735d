"""How one memory is said in one row: columns that fold away where there is no room, short numbers, short ages. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from rich.cells import cell_len, set_cell_size

from memento_desktop import plain
from memento_desktop.plain import clean

if TYPE_CHECKING:
    from memento_desktop.memory.browsing.browser import Row

BARS = "▁▂▃▄▅▆▇█"
ORIGINS = {"user": "you", "assistant": "model", "tool": "tool", "web": "web", "import": "import"}
"""Who a memory came from; the query language knows these words too."""
LEAST_TITLE = 32
"""Cells that the title keeps before other columns fold away."""
MOST_READ = 400
"""Characters of a title that are looked at for its row."""
FIRST_LINE = str.maketrans({"\n": " ", "\t": " "})


@dataclass(frozen=True)
class Column:
    """A column: `sort` is the order that a click on its head chooses, `keep` how long it stays when it gets narrow (0: always)."""

    name: str
    width: int
    sort: str = ""
    keep: int = 0
    right: bool = False


TITLE = "title"
COLUMNS = (
    Column("★", 3), Column("kind", 11, "kind", 5), Column(TITLE, 0, "title"), Column("reward", 6, "reward", 4, True),
    Column("read", 5, "read", 2, True), Column("helped", 7, "helped", 3, True), Column("from", 7, "", 1),
    Column("age", 6, "recorded", 6, True),
)  # fmt: skip


def fitting(width: int) -> list[tuple[Column, int]]:
    """The columns that there is room for, with their widths; the title takes what is left."""
    shown = list(COLUMNS)

    def left() -> int:
        return width - sum(column.width for column in shown) - len(shown)

    for column in sorted((column for column in COLUMNS if column.keep), key=lambda column: column.keep):
        if left() >= LEAST_TITLE:
            break
        shown.remove(column)
    return [(column, column.width or max(1, left())) for column in shown]


def one_line(text: str) -> str:
    """Any text as one line of a table."""
    return clean(text[:MOST_READ].translate(FIRST_LINE)).strip()


def fitted(text: str, width: int, right: bool = False) -> str:
    """`text` in exactly so many cells, with a mark where it is cut."""
    if width <= 0:
        return ""
    size = cell_len(text)
    if size > width:
        return set_cell_size(text, width - 1) + "…"
    return " " * (width - size) + text if right else text + " " * (width - size)


def bar(value: float) -> str:
    """A value in [0, 1] as a block whose height shows it."""
    return BARS[max(0, min(len(BARS) - 1, int(value * len(BARS))))]


def decimal(value: float) -> str:
    """A value in [0, 1] in three cells: .20, 1.0."""
    return f"{value:.2f}".removeprefix("0") if value < 0.995 else "1.0"


def spark(values: Sequence[float], width: int = 24) -> str:
    """Values in [0, 1] as blocks; of more than `width` the mean of each stretch."""
    if len(values) > width:
        edges = [round(n * len(values) / width) for n in range(width + 1)]
        values = [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]
    return "".join(bar(value) for value in values)


def since(moment: str) -> str:
    """How long ago, short: 12 min, 3 h, 2 d, 4 mo, 3 y."""
    seconds = max(0.0, (plain.present() - datetime.fromisoformat(moment)).total_seconds())
    for most, size, unit in (
        (60, 1, "s"),
        (3600, 60, "min"),
        (86400, 3600, "h"),
        (86400 * 60, 86400, "d"),
        (86400 * 730, 86400 * 30.44, "mo"),
    ):
        if seconds < most:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds // (86400 * 365.25))} y"


def day_of(moment: str) -> str:
    """A day, short: 3 May, or 3 May 2024 in another year."""
    local = datetime.fromisoformat(moment).astimezone()
    year = "" if local.year == plain.present().astimezone().year else f" {local.year}"
    return f"{local.day} {local:%b}{year}"


Tone = Literal["", "accent", "dim", "pin"]


def state_of(row: Row) -> tuple[str, Tone]:
    """What a row says of where a memory stands, when it is not simply in use."""
    if row.status == "proposed":
        return "proposed", "accent"
    if row.status != "active":
        return {"trashed": "in the trash"}.get(row.status, row.status), "dim"
    if row.valid_to is not None and row.valid_to <= plain.present().isoformat(timespec="microseconds"):
        return f"until {day_of(row.valid_to)}", "dim"
    return {"running": ("running", "accent"), "failed": ("failed", "dim")}.get(row.outcome or "", ("", ""))  # pyright: ignore[reportReturnType]


def cells(row: Row, columns: Sequence[tuple[Column, int]], selected: bool) -> list[tuple[str, Tone]]:
    """The row's pieces from left to right; together as wide as the columns with a gap after each."""
    state, tone = state_of(row)
    base: Tone = "dim" if tone == "dim" and row.outcome != "failed" else ""
    out: list[tuple[str, Tone]] = []
    for column, width in columns:
        match column.name:
            case "★":
                out.append((f"{'▌' if selected else ' '}", "accent"))
                out.append((fitted("★" if row.pinned else "◆" if row.always_on else "", width), "pin"))
                continue
            case "title":
                tail = state if width - len(state) - 1 >= LEAST_TITLE // 2 else state[:1]
                room = width - (len(tail) + 1 if tail else 0)
                out.append((fitted(one_line(row.title) or "(no text)", room), base))
                if tail:
                    out.append((f" {tail}", tone))
                out.append((" ", base))
                continue
            case "kind":
                text = row.kind
            case "reward":
                text = "" if row.reward is None else f"{bar(row.reward)} {decimal(row.reward)}"
            case "read":
                text = str(row.read) if row.read else ""
            case "helped":
                text = str(row.helped) if row.helped else "0" if row.read else ""
            case "from":
                text = one_line(row.pool) or ORIGINS.get(row.origin, row.origin)
            case _:
                text = since(row.recorded_at)
        out.append((fitted(text, width, column.right) + " ", "dim" if column.name in ("kind", "from", "age") else base))
    return out


def heads(columns: Sequence[tuple[Column, int]], sort: str, upwards: bool) -> list[tuple[str, bool, Column]]:
    """The head's pieces: text, whether the list is sorted by it, the column. As wide as `cells` makes them."""
    out: list[tuple[str, bool, Column]] = []
    for n, (column, width) in enumerate(columns):
        sorted_by = bool(column.sort) and column.sort == sort
        text = f"{column.name} {'▴' if upwards else '▾'}" if sorted_by else column.name
        if sorted_by and cell_len(text) > width:
            text = f"{column.name[: width - 1]}{'▴' if upwards else '▾'}"
        name = fitted("" if column.name == "★" else text, width + (1 if n == 0 else 0), column.right)
        out.append((name if n == 0 else name + " ", sorted_by, column))
    return out
