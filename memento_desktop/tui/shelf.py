"""What the screens of memory call: made once for each assistant, when the first of them opens; imported in a thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from memento_desktop.assistant import Assistant
    from memento_desktop.memory.browsing.browser import Browser
    from memento_desktop.memory.browsing.detail import Details
    from memento_desktop.memory.browsing.shaping import Shaping
    from memento_desktop.memory.browsing.sheet import Sheets
    from memento_desktop.tui.desk import Desk


@dataclass(frozen=True)
class Shelf:
    """Looking and shaping, over one bank."""

    assistant: Assistant
    browser: Browser
    details: Details
    shaping: Shaping
    sheets: Sheets


_MADE: WeakKeyDictionary[Assistant, Shelf] = WeakKeyDictionary()


async def shelf(desk: Desk) -> Shelf:
    """The one of this app.

    Raises:
        MementoError: the memory could not be opened.
    """
    assistant = await desk.ready()
    if assistant not in _MADE:
        made = await desk.call(_make, assistant)
        _MADE.setdefault(assistant, made)
    return _MADE[assistant]


def _make(assistant: Assistant) -> Shelf:
    from memento_desktop.memory.browsing.browser import Browser
    from memento_desktop.memory.browsing.detail import Details
    from memento_desktop.memory.browsing.shaping import Shaping
    from memento_desktop.memory.browsing.sheet import Sheets

    bank, memories, cases = assistant.bank, assistant.memories, assistant.cases
    with bank.lock:  # they look into the bank as they are made
        shaping, sheets = Shaping(bank, memories, cases), Sheets(bank, memories, cases)
        return Shelf(assistant, Browser(bank, memories), Details(bank, memories), shaping, sheets)
