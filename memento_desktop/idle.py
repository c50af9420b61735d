"""Whether this is a moment to work for oneself: on mains power, with nothing else going on."""

from __future__ import annotations

import psutil

BUSY = 40.0
"""Percent of all cores that others use, from which the machine is not idle."""


def on_battery() -> bool | None:
    """Whether the machine runs on its battery; False without one, None where the system does not say."""
    sensors = getattr(psutil, "sensors_battery", None)  # not on every platform
    state = sensors() if sensors else None
    if state is None:
        return False if sensors else None
    return None if state.power_plugged is None else not state.power_plugged


class Others:
    """How much of the processor everybody else uses, measured between two looks."""

    def __init__(self) -> None:
        self.own = psutil.Process()
        self.before = self._times()

    def _times(self) -> tuple[float, float, float]:
        """Seconds: of all cores together, of those in which nothing ran, of this process and its children."""
        times = psutil.cpu_times()
        own = 0.0
        for process in (self.own, *self.own.children(recursive=True)):
            try:
                spent = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            own += spent.user + spent.system
        return sum(times), times.idle + getattr(times, "iowait", 0.0), own

    def load(self) -> float:
        """Percent of all cores that other processes used since the last look."""
        now = self._times()
        whole, free, own = (b - a for a, b in zip(self.before, now, strict=True))
        self.before = now
        return 100.0 * max(0.0, whole - free - max(0.0, own)) / whole if whole > 0 else 0.0
