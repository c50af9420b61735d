"""Screens as SVG pictures that are kept beside the tests: a change of a screen is a change of its picture, to be looked at.

UPDATE_PICTURES=1 python -m pytest tests/tui/test_pictures.py      draws them anew
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from textual.app import App

FOLDER = Path(__file__).with_name("pictures")


def drawn(app: App[None]) -> str:
    """What the screen shows, without what differs from run to run or would be fetched from elsewhere."""
    svg = app.export_screenshot(simplify=True)
    svg = re.sub(r"terminal-\d+", "terminal", svg)
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def check(app: App[None], name: str) -> None:
    """Compares the screen with its picture.

    Raises:
        AssertionError: there is none, or it shows something else; the new one lies beside it then, as `name.new.svg`.
    """
    path, shown = FOLDER / f"{name}.svg", drawn(app)
    new = path.with_suffix(".new.svg")
    if os.environ.get("UPDATE_PICTURES"):
        FOLDER.mkdir(exist_ok=True)
        path.write_text(shown, "utf-8")
        return
    kept = path.read_text("utf-8") if path.exists() else ""
    if kept != shown:
        new.write_text(shown, "utf-8")
        raise AssertionError(f"{name}: the screen is not what its picture shows. Look at {new}; UPDATE_PICTURES=1 keeps it.")
    new.unlink(missing_ok=True)
