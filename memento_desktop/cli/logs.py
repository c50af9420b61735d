"""`memento logs`: the last lines of a log, and those that come."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence

from memento_desktop.cli.console import note, out, styled
from memento_desktop.config.logs import Follower, log_file
from memento_desktop.config.paths import Paths

SECONDS = 0.5
"""Between two looks at a log that is followed."""


def show(lines: int, follow: bool, child: str, where: bool) -> None:
    """Prints a log.

    Args:
        child: `engine` or `embedder`; empty for the program's own.
        where: only its place.
    """
    paths = Paths.of_this_user()
    path = paths.logs / f"{child}.log" if child else log_file(paths)
    if where:
        out.print(styled(str(path)))
        return
    follower = Follower(path, lines)
    first = follower.read()
    if not first:
        note("", f"nothing is written in {path} yet", "dim")
    _print(first)
    with contextlib.suppress(KeyboardInterrupt):  # the way to end it
        while follow:
            time.sleep(SECONDS)
            _print(follower.read())


def _print(lines: Sequence[str]) -> None:
    for line in lines:
        out.print(styled(line))
    if lines:
        out.file.flush()
