"""What an evaluation found, as plain records: tables to print, one record a task to keep, a figure, and the bars it is held to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Table:
    """Rows under headings, every cell text already."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Series:
    """One line of a figure: points with a 95 % interval each (empty: none known)."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()


@dataclass(frozen=True)
class Chart:
    """One panel of a figure."""

    title: str
    x_label: str
    y_label: str
    series: Sequence[Series]


@dataclass(frozen=True)
class Bar:
    """A figure and what it must reach. `ok` is said by whoever knows whether more or less is better."""

    name: str
    value: float
    needed: str
    ok: bool


@dataclass(frozen=True)
class Report:
    """All that one evaluation found."""

    name: str
    tables: Sequence[Table]
    bars: Sequence[Bar]
    records: Sequence[Mapping[str, Any]] = ()
    charts: Sequence[Chart] = ()
    notes: Sequence[str] = field(default=())
