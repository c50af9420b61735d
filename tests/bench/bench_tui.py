"""How quick the screens answer, headless, with what a terminal would be sent rendered as well. One function for each thing measured.

    python -m tests.bench.bench_tui browse --size 100000

browse: from a key to the paint that shows what it did, in the browser of memories. Keys come as somebody types, `--gap` seconds apart.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, cast

from textual import events
from textual._compositor import CompositorUpdate

from memento_desktop.config.paths import Paths
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.browsing.query import QueryError, parse
from memento_desktop.tui.app import MementoApp
from memento_desktop.tui.desk import Start
from memento_desktop.tui.screens.memories import MemoriesScreen
from tests.bench.bench_browse import WORDS, fill, typed
from tests.bench.bench_search import SYLLABLES, percentile

BAR = 0.05
QUERIES = ("kind:case ", "kind:fact reward:none ", "reward<0.5 ", "used:0 ", "sort:helped ", "-kind:case ")


class Timed(MementoApp):
    """Renders as for a terminal, and notes when each paint was done."""

    painted: Callable[[], None] = staticmethod(lambda: None)

    def _display(self, screen: Any, renderable: Any) -> None:
        if isinstance(renderable, CompositorUpdate):
            renderable.render_segments(self.console)
        super()._display(screen, cast(Any, renderable))
        self.painted()


class Stopwatch:
    """From a key to the paint after which `shown` holds."""

    def __init__(self, app: Timed, gap: float) -> None:
        self.app, self.gap = app, gap

    async def press(self, key: str, character: str | None, shown: Callable[[], bool]) -> tuple[float, float]:
        """Seconds by the clock, and of this process's own work."""
        done = asyncio.get_running_loop().create_future()

        def painted() -> None:
            if not done.done() and shown():
                done.set_result((time.perf_counter() - began, time.process_time() - worked))

        self.app.painted = painted
        began, worked = time.perf_counter(), time.process_time()
        self.app.post_message(events.Key(key, character))
        took = await asyncio.wait_for(done, 30)
        await asyncio.sleep(self.gap)
        return took


def told(name: str, both: list[tuple[float, float]]) -> None:
    """On a busy machine the clock tells of the others as well: the process's own work stands beside it."""
    times, work = [took for took, _ in both], [worked for _, worked in both]
    p50, p95 = percentile(times, 0.5), percentile(times, 0.95)
    bar = "" if p95 <= BAR * 1000 else f"  ABOVE {BAR * 1000:.0f}"
    print(
        f"  {name:<28} n {len(times):>4}  p50 {p50:6.1f} ms  p95 {p95:6.1f} ms  worst {max(times) * 1e3:6.1f} ms   "
        f"own work p50 {percentile(work, 0.5):5.1f} p95 {percentile(work, 0.95):5.1f}{bar}",
        flush=True,
    )


async def browse(app: Timed, words: list[str], gap: float, rounds: int) -> None:
    """Typing, moving and jumping in the browser."""
    from memento_desktop.tui.screens import memories

    r = Random(5)
    async with app.run_test(size=(120, 40)) as pilot:
        while not app.desk.is_open:
            await pilot.pause()
        began = time.perf_counter()
        app.post_message(events.Key("f8", None))
        while not isinstance(app.screen, MemoriesScreen) or app.screen.shown is None:
            await pilot.pause(0.002)
        print(f"  from F8 to the list          {time.perf_counter() - began:.2f} s")
        screen, watch = app.screen, Stopwatch(app, gap)
        assert isinstance(screen, memories.MemoriesScreen)
        await asyncio.sleep(3)  # what is read beforehand is read
        await typing(screen, watch, words, r, rounds)
        screen.line.input.value = ""
        while screen.shown != screen.wanted:
            await pilot.pause()
        await pilot.press("escape")
        for name, key, count in (("down", "down", 60), ("page down", "pagedown", 30), ("end and home", "", 20)):
            times: list[tuple[float, float]] = []
            for n in range(count):
                was = screen.table.cursor
                pressed = key or ("home" if n % 2 else "end")
                times.append(
                    await watch.press(pressed, None, lambda was=was: screen.table.cursor != was and screen.table.current is not None)
                )
            told(name, times)


async def typing(screen: MemoriesScreen, watch: Stopwatch, words: list[str], r: Random, rounds: int) -> None:
    """Each key of words and conditions, and of taking them back."""
    screen.line.input.focus()
    times: dict[str, list[tuple[float, float]]] = {
        "words, first two letters": [],
        "words, from the third on": [],
        "conditions": [],
        "backspace": [],
    }
    for n in range(rounds):
        whole = typed(r, words)[-1]
        for text, name in ((r.choice(QUERIES) if n % 2 else "", "conditions"), (whole, "")):
            for at, letter in enumerate(text):
                which = name or ("words, first two letters" if at < 2 else "words, from the third on")
                expected = screen.line.input.value + letter
                times[which].append(await watch.press(letter, letter, lambda e=expected: settled(screen, e)))
        while screen.line.input.value:
            expected = screen.line.input.value[:-1]
            times["backspace"].append(await watch.press("backspace", None, lambda e=expected: settled(screen, e)))
    for name, found in times.items():
        told(name, found)


def settled(screen: MemoriesScreen, text: str) -> bool:
    """Whether what is shown is the answer to what stands in the line: the list, or what is wrong with it."""
    if screen.line.input.value != text:
        return False
    try:
        return screen.shown == parse(text)
    except QueryError:
        return screen.line.error is not None and screen.line.said == text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("browse",))
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--gap", type=float, default=0.1, help="seconds between two keys")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--keep", type=Path, help="a folder to keep the bank in, for the next time")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = options.keep or Path(folder)
        os.environ["MEMENTO_HOME"] = str(home)
        paths = Paths.of_this_user()
        paths.make()
        r = Random(options.size)
        words = ["".join(r.choice(SYLLABLES) for _ in range(3)) for _ in range(WORDS)]
        if not paths.bank.exists():
            bank = Bank(paths.bank)
            fill(bank, options.size, r, words)
            bank.close()
        print(f"{options.size} memories, {paths.bank.stat().st_size / 1e6:.0f} MB")
        asyncio.run(browse(Timed(Start((), deterministic=True)), words, options.gap, options.rounds))


if __name__ == "__main__":
    main()
