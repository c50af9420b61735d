"""A model on its way from the hub: goes on whatever screen is open, can be paused, ends with the app; what arrived is kept."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal
from weakref import WeakKeyDictionary

from memento_desktop.errors import MementoError

if TYPE_CHECKING:
    from memento_desktop.inference.models.download import Progress, Wanted
    from memento_desktop.inference.models.local import LocalModel
    from memento_desktop.inference.models.store import ModelStore
    from memento_desktop.tui.desk import Desk

State = Literal["running", "pausing", "paused", "failed", "done"]


class Download:
    """One model. `progress` is what was heard last."""

    def __init__(self, title: str, wanted: Sequence[Wanted]) -> None:
        self.title, self.wanted = title, tuple(wanted)
        self.state: State = "paused"
        self.progress: Progress | None = None
        self.model: LocalModel | None = None
        self.error: MementoError | None = None
        self._stop = threading.Event()

    def heard(self, progress: Progress) -> None:
        self.progress = progress

    def pause(self) -> None:
        """Ends it soon; what arrived is kept."""
        if self.state == "running":
            self.state = "pausing"
            self._stop.set()

    async def run(self, store: ModelStore, told: Callable[[Download], None]) -> None:
        """Fetches it, or the rest of it. `told` hears how it ended."""
        from memento_desktop.inference.models.download import Paused

        self.state, self.error, self._stop = "running", None, threading.Event()
        try:
            self.model = await asyncio.to_thread(store.pull, self.wanted, progress=self.heard, stop=self._stop)
            self.state = "done"
        except Paused:
            self.state = "paused"
        except MementoError as error:
            self.state, self.error = "failed", error
        except asyncio.CancelledError:  # the app ends: so does the thread
            self._stop.set()
            self.state = "paused"
            raise
        told(self)


class Downloads:
    """The one that is on its way, or was last."""

    def __init__(self) -> None:
        self.current: Download | None = None

    @property
    def busy(self) -> bool:
        return self.current is not None and self.current.state in ("running", "pausing")


_of: WeakKeyDictionary[Desk, Downloads] = WeakKeyDictionary()


def downloads(desk: Desk) -> Downloads:
    """Those of one app."""
    return _of.setdefault(desk, Downloads())
