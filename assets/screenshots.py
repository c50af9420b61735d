"""Draws the README's pictures of the app: `python -m assets.screenshots`. They show the made-up bank of `assets.demo`."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from pathlib import Path

from assets import demo
from memento_desktop import plain
from memento_desktop.config.paths import Paths
from memento_desktop.tui.app import MementoApp
from memento_desktop.tui.desk import Start

HERE = Path(__file__).parent
TABLE = "day,km,mark\n1,100,\n2,30,void\n3,70,\n"


def draw(app: MementoApp, name: str) -> None:
    """The screen as it is, without a font that would be fetched from elsewhere."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", app.export_screenshot(title="memento", simplify=True), flags=re.DOTALL)
    (HERE / f"{name}.svg").write_text(svg, "utf-8")


async def drawn(folder: Path) -> None:
    app = MementoApp(Start((folder,), deterministic=True))
    async with app.run_test(size=(120, 32)) as pilot:
        await app.desk.ready()
        screen = app.work_screen
        await pilot.pause(2)
        for task in ("What is 17% of 2340?", "Total the km in trips_may.csv"):
            screen.prompt.write(task)
            await pilot.press("enter")
            await pilot.pause(0.5)
            while screen.busy:
                await pilot.pause(0.1)
        draw(app, "work")
        await app.run_action("memories")
        await pilot.pause(2)
        draw(app, "memories")


def main() -> None:
    plain.present = lambda: demo.TODAY
    with tempfile.TemporaryDirectory() as home:
        os.environ["MEMENTO_HOME"] = home
        demo.fill(Paths.of_this_user())
        folder = Path(home) / "work"
        folder.mkdir()
        (folder / "trips_may.csv").write_text(TABLE)
        asyncio.run(drawn(folder))


if __name__ == "__main__":
    main()
