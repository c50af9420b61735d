"""The longest time for which the app does not react while it streams answers, beside the same for an app that does nothing.

    python -m tests.bench.bench_stall --seconds 20

A stall is how much later than asked a timer of 5 ms fires. The first seconds, in which things are imported once, count as well and are
told apart. Answers are long: a model with random weights would do; the built-in one's are repeated as Markdown by a stand-in for the loop.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import AsyncGenerator
from pathlib import Path

TICK = 0.005
WORDS = "**bold** words of an answer that goes on, with `code`, a list:\n\n- one\n- two\n\n```python\nprint('x')\n```\n\nand so on. "


async def measured(seconds: float, stalls: list[tuple[float, float]]) -> None:
    began = time.monotonic()
    while (now := time.monotonic()) - began < seconds:
        await asyncio.sleep(TICK)
        stalls.append((now - began, time.monotonic() - now - TICK))


async def stream(seconds: float) -> AsyncGenerator[object]:
    """Events as the loop sends them, 25 deltas a second, of an answer that grows to some thousand words."""
    from memento_desktop.agent import events as ev

    yield ev.TaskStarted(case_id=0, task="write", model="stand-in")
    yield ev.TextDelta(role="planner", text='{"answer":"')
    end = time.monotonic() + seconds
    escaped = WORDS.replace("\n", "\\n")
    while time.monotonic() < end:
        for part in (escaped[i : i + 12] for i in range(0, len(escaped), 12)):
            if part.endswith("\\"):
                part = part[:-1]
            yield ev.TextDelta(role="planner", text=part.replace("\\", "") if part.startswith("n") else part)
            await asyncio.sleep(1 / 25)
    yield ev.Answer(text=WORDS)
    yield ev.CaseWritten(case_id=0, outcome="done", prompt_tokens=1, cached_tokens=0, completion_tokens=1, seconds=seconds)


async def run(seconds: float, busy: bool) -> list[tuple[float, float]]:
    from memento_desktop.tui.app import MementoApp
    from memento_desktop.tui.desk import Start

    app = MementoApp(Start((Path.cwd(),)))
    stalls: list[tuple[float, float]] = []
    async with app.run_test(size=(120, 40)) as pilot:
        while not app.desk.is_open:
            await pilot.pause()
        await asyncio.sleep(2)
        if busy:
            app.desk.run = lambda task: stream(seconds - 2)  # type: ignore[assignment,method-assign]
            app.work_screen.prompt.write("write")
            await pilot.press("enter")
        await measured(seconds, stalls)
        while app.work_screen.busy:
            await pilot.pause()
    return stalls


def told(name: str, stalls: list[tuple[float, float]]) -> None:
    late = sorted(late for _, late in stalls)
    first = max(late for at, late in stalls if at < 2) * 1000
    rest = max(late for at, late in stalls if at >= 2) * 1000
    p99 = late[int(len(late) * 0.99)] * 1000
    print(f"{name:<10} largest stall {rest:6.1f} ms (bar 100), in the first two seconds {first:6.1f} ms, p99 {p99:.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    args = parser.parse_args()
    for name, busy in (("idle", False), ("streaming", True)):
        with tempfile.TemporaryDirectory() as home:
            os.environ["MEMENTO_HOME"] = home
            told(name, asyncio.run(run(args.seconds, busy)))


if __name__ == "__main__":
    main()
