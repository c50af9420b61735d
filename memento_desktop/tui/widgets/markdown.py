"""Answers as Markdown; imported when the first one is shown, since its parser and highlighter cost half of a first frame."""

from __future__ import annotations

from textual.widgets import Markdown
from textual.widgets.markdown import MarkdownStream

from memento_desktop.plain import clean
from memento_desktop.tui.shell import shell


class SafeMarkdown(Markdown):
    """Markdown of untrusted text: nothing in it can be opened by accident or run. What is only added to is only added to."""

    def __init__(self, text: str = "") -> None:
        super().__init__(clean(text), open_links=False)
        self._shown = text
        self._stream: MarkdownStream | None = None

    async def say(self, text: str, more_comes: bool) -> None:
        """Shows a text; with `more_comes` it is the beginning of a longer one."""
        if text == self._shown:
            return
        if more_comes and text.startswith(self._shown):
            if self._stream is None:
                self._stream = Markdown.get_stream(self)
            await self._stream.write(clean(text[len(self._shown) :]))
        else:
            await self.end()
            await self.update(clean(text))
        self._shown = text

    async def end(self) -> None:
        """Nothing more comes."""
        if self._stream is not None:
            stream, self._stream = self._stream, None
            await stream.stop()

    def on_markdown_link_clicked(self, event: Markdown.LinkClicked) -> None:
        event.stop()
        shell(self).copy_to_clipboard(event.href)
        self.notify(f"The address is copied, not opened: {clean(event.href)}", markup=False)


def warm() -> None:
    """Imports what the first code block of an answer would otherwise wait for. For a thread, while nothing is asked."""
    from textual.highlight import highlight

    highlight("print(1)\n", language="python")
