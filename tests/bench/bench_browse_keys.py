"""From a key to its paint in the browser over 100,000 memories: what is typed into the search, and moves in the list.

python -m tests.bench.bench_browse_keys --sizes 100000

Told of each letter: until it stands in the search line, and until the list shows what is found for it; and the longest time in which the
app took no key meanwhile. Between two letters the app comes to rest; `--burst` sends each query at once, and measures its last letter.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

from textual import events
from textual.keys import _character_to_key  # pyright: ignore[reportPrivateUsage]

from memento_desktop.config.paths import Paths
from memento_desktop.memory.bank import Bank
from memento_desktop.tui.app import MementoApp
from memento_desktop.tui.desk import Start
from memento_desktop.tui.screens.memories import MemoriesScreen
from tests.bench.bench_browse import WORDS, fill, typed
from tests.bench.bench_search import SYLLABLES, percentile

QUERIES = ("kind:case reward<0.5", "added:1y helped>0", "sort:helped")
MOVES = ("down", "down", "up", "pagedown", "pagedown", "end", "pageup", "home", "space", "shift+down")
TICK = 0.002
PATIENCE = 30.0
clock: Callable[[], float] = time.perf_counter


class Watched(MementoApp):
    """Notes when it painted last, and what its list and its search line said then."""

    painted = 0
    at = 0.0

    def _display(self, screen: Any, renderable: Any) -> None:
        super()._display(screen, renderable)
        self.painted += 1
        self.at = clock()


async def until(holds: Callable[[], object], seconds: float) -> None:
    """Lets the app run until something holds, or the time is over."""
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:  # noqa: ASYNC110 - an event would be noticed later than what is measured
        await asyncio.sleep(0)


class Bench:
    def __init__(self, app: Watched, screen: MemoriesScreen) -> None:
        self.app, self.screen = app, screen
        self.letters: list[float] = []
        self.lists: list[float] = []
        self.moves: list[float] = []
        self.stalls: list[float] = []
        self.slowest = (0.0, "")

    def send(self, key: str) -> None:
        """As the terminal's driver does."""
        name = _character_to_key(key) if len(key) == 1 else key
        driver = self.app._driver  # pyright: ignore[reportPrivateUsage]
        assert driver is not None
        event = events.Key(name, key if len(key) == 1 else None)
        event.set_sender(self.app)
        driver.send_message(event)

    async def until(self, holds: Callable[[], object]) -> float:
        """When the first paint after something holds was done."""
        painted, end = -1, time.monotonic() + PATIENCE
        while painted < 0 or self.app.painted == painted:
            if painted < 0 and holds():
                painted = self.app.painted
            if time.monotonic() > end:
                raise TimeoutError("it was never painted")
            await asyncio.sleep(0)
        return self.app.at

    async def rest(self) -> None:
        """Until nothing is painted for a while."""
        painted, since = self.app.painted, time.monotonic()
        while time.monotonic() - since < 0.25:
            await asyncio.sleep(0.01)
            if self.app.painted != painted:
                painted, since = self.app.painted, time.monotonic()

    async def watch(self) -> None:
        """How late a timer fires that does nothing else."""
        while True:
            began = time.perf_counter()
            await asyncio.sleep(TICK)
            self.stalls.append(time.perf_counter() - began - TICK)

    def found(self, whole: str) -> bool:
        return self.screen.line.input.value == whole and (self.screen.shown == self.screen.wanted or self.screen.line.error is not None)

    async def type(self, whole: str, burst: bool) -> None:
        """A query, letter by letter, into an empty line."""
        line = self.screen.line.input
        line.value = ""
        await self.rest()
        steps = [whole] if burst else [whole[:n] for n in range(1, len(whole) + 1)]
        for text in steps:
            began = clock()
            for letter in text if burst else text[-1]:
                self.send(letter)
            self.letters.append(await self.until(lambda text=text: line.value == text) - began)
            await until(lambda text=text: self.found(text), PATIENCE)
            with suppress(TimeoutError):
                self.lists.append(await self.painted(began))
                self.slowest = max(self.slowest, (self.lists[-1], text))
            await self.rest()

    async def painted(self, began: float) -> float:
        """The list's paint: the next one, unless it shows already what it had."""
        painted = self.app.painted
        await until(lambda: self.app.painted != painted, 0.2)
        return self.app.at - began

    async def move(self, key: str) -> None:
        painted, began = self.app.painted, clock()
        self.send(key)
        await until(lambda: self.app.painted != painted, 1.0)
        if self.app.painted > painted:
            self.moves.append(self.app.at - began)
        await self.rest()


def told(name: str, times: list[float], bar: bool = True) -> None:
    p50, p95 = percentile(times, 0.5), percentile(times, 0.95)
    said = "  (bar: 50 ms)" if bar else ""
    print(f"  {name:<46} n {len(times):>4}  p50 {p50:6.1f} ms  p95 {p95:6.1f} ms  worst {max(times) * 1e3:6.1f} ms{said}", flush=True)


async def measure(words: list[str], queries: int, burst: bool, size: tuple[int, int]) -> None:
    app, r = Watched(Start(())), Random(11)
    async with app.run_test(size=size) as pilot:
        await app.desk.ready()
        began = time.perf_counter()
        await app.action_memories()
        screen = app.screen
        assert isinstance(screen, MemoriesScreen)
        while screen.shown is None:
            await pilot.pause()
        print(f"  the first page after {time.perf_counter() - began:.2f} s", flush=True)
        while any(one.group == "warm" for one in app.workers):  # noqa: ASYNC110 - awaiting none of them would mean to await all
            await asyncio.sleep(0.01)
        bench = Bench(app, screen)
        await bench.rest()
        watching = asyncio.create_task(bench.watch())
        for key in MOVES * 4:
            await bench.move(key)
        screen.line.input.focus()
        for text in (*QUERIES, *(typed(r, words)[-1] for _ in range(queries))):
            await bench.type(text, burst)
        watching.cancel()
    told("a move in the list, to its paint", bench.moves)
    told("a letter, to its paint in the search line", bench.letters)
    told("a letter, to the list of what is found", bench.lists)
    print(f"  the slowest to find: {bench.slowest[1]}")
    print(f"  longest time in which the app took no key: {max(bench.stalls) * 1e3:.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000])
    parser.add_argument("--queries", type=int, default=12, help="queries of one or two words that are typed")
    parser.add_argument("--burst", action="store_true", help="each query at once, as somebody does who types faster than it searches")
    parser.add_argument("--wide", type=int, default=120)
    parser.add_argument("--high", type=int, default=40)
    parser.add_argument("--keep", type=Path, help="where the banks stay, for the next time")
    parser.add_argument("--cpu", action="store_true", help="processor time instead of time: for a machine that others use as well")
    options = parser.parse_args()
    if options.cpu:
        global clock
        clock = time.process_time
    for size in options.sizes:
        r = Random(size)
        words = ["".join(r.choice(SYLLABLES) for _ in range(3)) for _ in range(WORDS)]
        with tempfile.TemporaryDirectory() as home:
            os.environ["MEMENTO_HOME"] = home
            there = Paths.of_this_user()
            there.make()
            kept = options.keep / f"bank{size}-0.1.sqlite" if options.keep else None
            if kept is not None and kept.exists():
                shutil.copy(kept, there.bank)
            else:
                bank = Bank(there.bank)
                fill(bank, size, r, words)
                bank.close()
                if kept is not None:
                    kept.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(there.bank, kept)
            print(f"{size} memories at {options.wide}×{options.high}{', typed at once' if options.burst else ''}")
            asyncio.run(measure(words, options.queries, options.burst, (options.wide, options.high)))


if __name__ == "__main__":
    main()
