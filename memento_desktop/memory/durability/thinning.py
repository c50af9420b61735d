"""Which copies of the bank stay when they grow many: what there is of them, as their names tell, and a rule without side effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

DAILY, WEEKLY, MONTHLY = 7, 4, 12
"""So many days, weeks and months that have a copy keep their newest one."""
YEAR = timedelta(days=366)
SET_ASIDE = "set-aside"
"""The kind of what stood in the bank's place and could not be verified. Never offered as good."""
KEPT_A_YEAR = ("before-migration", SET_ASIDE)


@dataclass(frozen=True)
class Copy:
    """A copy in the backups folder, as its name tells."""

    path: Path
    kind: str
    at: datetime
    """When it was taken, in UTC."""


def to_thin(copies: Sequence[Copy], now: datetime) -> list[Copy]:
    """The copies that may go: none younger than a day, never the newest, none that the owner asked for.

    Of the others the newest of each of the last 7 days, 4 weeks and 12 months that have one stays. Those before a migration, and what was
    set aside, stay for a year, and the last two of each for longer.
    """
    newest_first = sorted(copies, key=lambda copy: (copy.at, copy.path.name), reverse=True)
    whole = [copy for copy in newest_first if copy.kind != SET_ASIDE]
    stays = {copy.path for copy in newest_first if now - copy.at < timedelta(days=1) or copy.kind == "manual"}
    stays |= {copy.path for copy in (*newest_first[:1], *whole[:1])}
    for kind in KEPT_A_YEAR:
        of_kind = [copy for copy in newest_first if copy.kind == kind]
        stays |= {copy.path for n, copy in enumerate(of_kind) if n < 2 or now - copy.at < YEAR}
    regular = [copy for copy in whole if copy.kind not in KEPT_A_YEAR]
    for form, most in (("%Y-%m-%d", DAILY), ("%G-%V", WEEKLY), ("%Y-%m", MONTHLY)):
        slots: dict[str, Path] = {}
        for copy in regular:
            slots.setdefault(copy.at.strftime(form), copy.path)
        stays |= set(list(slots.values())[:most])
    return [copy for copy in newest_first if copy.path not in stays]
