"""The theme's colours for text that Rich draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style
from textual.color import Color

from memento_desktop.tui.shell import shell

if TYPE_CHECKING:
    from textual.dom import DOMNode


def ink(node: DOMNode, name: str, bold: bool = False) -> Style:
    """A colour of the theme, such as `primary`, as a style."""
    return Style(color=Color.parse(shell(node).theme_variables[name]).rich_color, bold=bold or None)
