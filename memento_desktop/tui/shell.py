"""The app as its widgets see it, with its type."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from textual.dom import DOMNode

    from memento_desktop.tui.app import MementoApp


def shell(node: DOMNode) -> MementoApp:
    """The running app."""
    return cast("MementoApp", node.app)  # pyright: ignore[reportUnknownMemberType]
