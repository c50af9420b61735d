"""Between the screens and the assistant: opens it in the background, runs one task at a time, asks the owner for consent.

The app draws its first frame before anything of this is imported. Calls of the bank run in threads; what they return is shown by the
event loop alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from memento_desktop.errors import MementoError

if TYPE_CHECKING:
    from memento_desktop.agent.events import Event
    from memento_desktop.agent.ports import ToolSpec
    from memento_desktop.assistant import Assistant
    from memento_desktop.config.paths import Paths
    from memento_desktop.config.settings import Settings

Choice = Literal["once", "task", "always", "no"]
T = TypeVar("T")
INDEX_SECONDS = 30.0
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Start:
    """How the app was started."""

    folders: tuple[Path, ...]
    """What the file tools may read."""
    model: Path | None = None
    temporary: bool = False
    """A conversation that reads no memory and writes none."""
    deterministic: bool = False


class Consent:
    """Asks through a screen, and remembers what was allowed for the task and until the app is closed."""

    def __init__(self, ask: Callable[[ToolSpec, str], Awaitable[Choice]]) -> None:
        self._ask = ask
        self.of_task: set[str] = set()
        self.always: set[tuple[str, str]] = set()

    async def approve(self, spec: ToolSpec, preview: str) -> bool:
        if spec.name in self.of_task or (spec.name, preview) in self.always:
            return True
        choice = await self._ask(spec, preview)
        if choice == "task":
            self.of_task.add(spec.name)
        if choice == "always":
            self.always.add((spec.name, preview))
        return choice != "no"


class Desk:
    """The assistant as the screens use it. `assistant` raises until it is open."""

    def __init__(self, start: Start, ask_owner: Callable[[ToolSpec, str], Awaitable[Choice]]) -> None:
        self.start = start
        self.temporary = start.temporary
        self.consent = Consent(ask_owner)
        self.stop: asyncio.Event | None = None
        """Set to stop the running task; None while none runs."""
        self.session: int | None = None
        """The conversation that is written in; None: the next task begins one."""
        self._assistant: Assistant | None = None
        self._opened = asyncio.Event()
        self._failed: MementoError | None = None

    # opening and closing

    async def open(self) -> Assistant:
        """Imports and opens the assistant in a thread.

        Raises:
            MementoError: the settings or the bank cannot be used.
        """
        try:
            self._assistant = await asyncio.to_thread(self._build)
        except MementoError as error:
            self._failed = error
            raise
        finally:
            self._opened.set()
        return self._assistant

    def _build(self) -> Assistant:
        from memento_desktop.assistant import Assistant
        from memento_desktop.config import logs
        from memento_desktop.config.paths import Paths
        from memento_desktop.config.settings import Settings

        paths = Paths.of_this_user()
        logs.start(logs.log_file(paths))  # nothing is printed over the screen
        settings = Settings.load(paths.settings)
        return Assistant(
            settings, paths, folders=self.start.folders, model=self.start.model, approver=self.consent,
            random=None if self.start.deterministic else Random(),
        )  # fmt: skip

    async def ready(self) -> Assistant:
        """The assistant, as soon as it is open.

        Raises:
            MementoError: it could not be opened.
        """
        await self._opened.wait()
        return self.assistant

    @property
    def assistant(self) -> Assistant:
        if self._assistant is None:
            raise self._failed or MementoError("The memory is not open yet.", "Wait a moment.")
        return self._assistant

    @property
    def is_open(self) -> bool:
        return self._assistant is not None

    @property
    def settings(self) -> Settings:
        return self.assistant.settings

    @property
    def paths(self) -> Paths:
        return self.assistant.paths

    async def close(self) -> None:
        if self.stop is not None:
            self.stop.set()
        if self._assistant is not None:
            await self._assistant.close()

    # work

    async def run(self, task: str) -> AsyncGenerator[Event]:
        """One task's events. `cancel` stops it at any moment."""
        assistant = await self.ready()
        self.stop = stop = asyncio.Event()
        self.consent.of_task.clear()
        assistant.use_memory = not self.temporary
        try:
            async with aclosing(assistant.ask(task, stop, session=self.session)) as events:
                async for event in events:
                    if event.type == "task_started" or event.type == "remembered":
                        self.session = event.session_id or self.session
                    yield event
        finally:
            self.stop = None

    def cancel(self) -> bool:
        """Stops the running task. Returns whether there was one."""
        if self.stop is None or self.stop.is_set():
            return False
        self.stop.set()
        return True

    async def use_model(self, path: Path | None) -> str:
        """Another model from the next task on; None: the built-in one. Returns its name.

        Raises:
            MementoError: a task is running.
        """
        if self.stop is not None:
            raise MementoError("A task is running on the present model.", "Esc stops it; or wait for its end.")
        return (await self.assistant.running.use(path)).name

    async def catch_up(self) -> None:
        """Embeds what waits, learns, makes the day's copy: beside everything else, never in its way."""
        assistant = await self.ready()
        try:
            await assistant.index(wait=INDEX_SECONDS)
            await asyncio.to_thread(assistant.daily_copy)
        except MementoError as error:
            log.warning("memories were not embedded: %s", error)

    async def call(self, function: Callable[..., T], *args: Any, **named: Any) -> T:
        """Something of the bank, in a thread."""
        return await asyncio.to_thread(function, *args, **named)

    async def verdict(self, case_id: int, reward: float, correction: str = "") -> str:
        """The owner's verdict on a case. Returns what follows from it, in a sentence.

        Raises:
            MementoError: there is no such case, or it still runs.
        """
        assistant = await self.ready()
        _, lessons = await self.call(assistant.feedback, case_id, reward, correction)
        if lessons:
            return "Next time: " + " ".join(lesson.body for lesson in lessons)
        if correction:
            return "Kept with the case; the next similar task reads it."
        return (
            "What was read for it gets the credit."
            if reward >= 0.5
            else "What was read for it loses credit. What should it do instead? (correct)"
        )


def files_in(folders: Sequence[Path], most: int = 5000) -> list[str]:
    """Names of the files below some folders, for completion: relative, without hidden ones, at most so many."""
    found: list[str] = []
    for folder in folders:
        waiting = [folder]
        while waiting and len(found) < most:
            here = waiting.pop()
            try:
                entries = sorted(here.iterdir())
            except OSError:  # not ours to read: nothing to suggest there
                continue
            for entry in entries:
                if entry.name.startswith(".") or entry.is_symlink():
                    continue
                if entry.is_dir():
                    waiting.append(entry)
                else:
                    found.append(entry.relative_to(folder).as_posix())
    return found[:most]
