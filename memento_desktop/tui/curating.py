"""Shaping memory by keys, the same on every screen that shows memories: asks what must be asked, does it, says what was done.

A screen that mixes this in says which memories are meant (`targets`). One change after the other: what is pressed meanwhile waits, and
means what is marked or under the cursor then.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from textual import work
from textual.content import Content
from textual.screen import Screen

from memento_desktop.errors import MementoError
from memento_desktop.plain import clean
from memento_desktop.tui.editing import in_editor
from memento_desktop.tui.screens.memory_sheets import ChoiceSheet, ConsentSheet, EditSheet, PickSheet, editable
from memento_desktop.tui.screens.sheets import LineSheet
from memento_desktop.tui.shelf import Shelf, shelf
from memento_desktop.tui.shell import shell
from memento_desktop.tui.widgets.memory_rows import one_line

if TYPE_CHECKING:
    from memento_desktop.memory.browsing.shaping import Shaped
    from memento_desktop.memory.records import Memory

T = TypeVar("T")
MANY = 50
"""Memories from which on even what can be undone is asked for."""
SOON = 0.3
"""Seconds after which it is said what is waited for."""
NEW = {
    "fact": "what is so: read where it fits a task", "preference": "how you like things", "instruction": "heeded in every task",
    "correction": "what was wrong, and how it is",
}  # fmt: skip
_PARTS = re.compile(r"^[ \t]*-{3,}[ \t]*$", re.MULTILINE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=\S)")


Do = Callable[[Any, "Shelf", "list[Memory]"], Coroutine[Any, Any, None]]


def shapes(least: int = 1, most: int = 0) -> Callable[[Do], Callable[[Any], object]]:
    """Makes an action of what is done to the memories that are meant, in its turn; errors are told. `most` 0: any number."""

    def made(do: Do) -> Callable[[Any], object]:
        @wraps(do)
        async def act(self: Curating) -> None:
            async with self.turn:
                try:
                    kept = await shelf(shell(self).desk)
                    await do(self, kept, await self.meant(kept, least, most))
                except MementoError as error:
                    shell(self).say_error(error)

        return work(act)

    return made


class Curating(Screen[None]):
    """The keys of shaping, for a screen."""

    def __init__(self, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name, id, classes)
        self.turn = asyncio.Lock()
        """One change after the other."""

    async def targets(self) -> Sequence[int]:
        """The memories that are meant, by number."""
        raise NotImplementedError

    def done(self, ids: Sequence[int]) -> None:
        """Something was done to these; a screen may take its marks away."""

    async def meant(self, kept: Shelf, least: int = 1, most: int = 0) -> list[Memory]:
        """
        Raises:
            MementoError: nothing is meant, or too many are.
        """
        found = await self._call("Looking", kept.assistant.memories.of, list(await self.targets()))
        if not found:
            raise MementoError("There is no memory here.", "Press n to write one down, or change the search.")
        if len(found) < least:
            raise MementoError("One memory cannot be merged.", "Mark two or more with Space, then press M.")
        if most and len(found) > most:
            raise MementoError(f"{len(found):,} memories are marked.", "This is done to one at a time. Esc takes the marks away.")
        return found

    async def _call(self, waits_for: str, function: Callable[..., T], *args: Any) -> T:
        """Something of the bank, in a thread; after a moment it is said what is waited for."""
        timer = self.set_timer(SOON, lambda: self.notify(f"{waits_for} …", timeout=3, markup=False))
        try:
            return await shell(self).desk.call(function, *args)
        finally:
            timer.stop()

    async def _shape(self, waits_for: str, function: Callable[..., Shaped], *args: Any) -> Shaped:
        """One change; says what it was."""
        shaped = await self._call(waits_for, function, *args)
        await self._told(shaped)
        return shaped

    async def _told(self, shaped: Shaped) -> None:
        if shaped.txn is None:
            self.notify("Nothing was to change.")
            return
        lessons = [f"Next time: {one.body}" for one in shaped.also if one.kind == "lesson" and one.status == "active"]
        also = f"  ({len(shaped.also)} more with it)" if shaped.also and not lessons else ""
        self.notify(clean("\n".join([f"{shaped.label}{also}  · u takes it back", *lessons])), markup=False)
        self.done([one.id for one in (*shaped.memories, *shaped.also)])
        await shell(self).changed()

    async def _ask(self, sheet: Screen[T]) -> T | None:
        return await shell(self).push_screen_wait(sheet)

    async def _each(self, verb: str, gerund: str, do: Callable[..., Shaped], meant: Sequence[Memory]) -> None:
        """The same to all that is meant."""
        title = f"{verb} {len(meant):,} memories?"
        if len(meant) > MANY and not await self._ask(ConsentSheet(title, _titles(meant), f"{verb.lower()} all")):
            return
        await self._shape(f"{gerund}; u takes it back afterwards", do, [one.id for one in meant])

    # texts

    @shapes(most=1)
    async def action_edit(self, kept: Shelf, meant: list[Memory]) -> None:
        [memory] = meant
        hint = "The task itself is reworded." if memory.kind == "case" else ""
        await self._edited(f"Edit this {memory.kind}", memory.body, hint, lambda text: (kept.shaping.edit, memory.id, text))

    async def _edited(self, title: str, text: str, hint: str, how: Callable[[str], tuple[Any, ...]]) -> None:
        """Has a text written until it is taken or given up: what was refused is there again, with the reason."""
        before, refused = editable(text), None
        while True:
            written = await self._ask(EditSheet(title, text, hint, refused))
            if written is None or (written == before and refused is None and before):
                return
            try:
                await self._shape("Saving", *how(written))
                return
            except MementoError as error:
                text, refused = written, error

    @shapes(most=1)
    async def action_editor(self, kept: Shelf, meant: list[Memory]) -> None:
        [memory] = meant
        sheet = await self._call("Opening", kept.sheets.open, memory.id)
        shaped = await in_editor(shell(self), kept.sheets, sheet)
        if shaped is not None:
            await self._told(shaped)

    @work
    async def action_new(self) -> None:
        async with self.turn:
            try:
                kept = await shelf(shell(self).desk)
                offered = [(kind, kind, NEW[kind]) for kind in NEW]
                kind = await self._ask(ChoiceSheet("What shall be remembered?", offered, marked="fact"))
                if kind:
                    await self._edited(f"A new {kind}", "", "In a sentence or two.", lambda text: (kept.shaping.create, kind, text))
            except MementoError as error:
                shell(self).say_error(error)

    @shapes(most=1)
    async def action_split(self, kept: Shelf, meant: list[Memory]) -> None:
        [memory] = meant
        hint = "A line with --- alone separates two memories. Each keeps the sources and links."
        text = "\n---\n".join(_SENTENCE.split(memory.body.strip()))

        def parts(written: str) -> tuple[Any, ...]:
            return kept.shaping.split, memory.id, [part.strip() for part in _PARTS.split(written) if part.strip()]

        await self._edited("Split into several", text, hint, parts)

    # one and several

    @shapes()
    async def action_pin(self, kept: Shelf, meant: list[Memory]) -> None:
        pinned = not all(one.pinned for one in meant)
        await self._shape("Pinning", kept.shaping.pin, [one.id for one in meant], pinned)

    @shapes()
    async def action_always(self, kept: Shelf, meant: list[Memory]) -> None:
        on = not all(one.always_on for one in meant)
        await self._shape("Changing", kept.shaping.always, [one.id for one in meant], on)

    @shapes()
    async def action_archive(self, kept: Shelf, meant: list[Memory]) -> None:
        await self._each("Put aside", "Putting aside", kept.shaping.archive, meant)

    @shapes()
    async def action_trash(self, kept: Shelf, meant: list[Memory]) -> None:
        await self._each("Delete", "Deleting", kept.shaping.trash, meant)

    @shapes()
    async def action_restore(self, kept: Shelf, meant: list[Memory]) -> None:
        await self._each("Restore", "Restoring", kept.shaping.restore, meant)

    @shapes()
    async def action_purge(self, kept: Shelf, meant: list[Memory]) -> None:
        ids = [one.id for one in meant]
        going = await self._call("Looking what goes with it", kept.shaping.purging, ids)
        staying = await self._call("Looking who else says it", _still_said, kept, meant[:5])
        text = Content("\n").join([_titles(going), *([Content(""), Content.styled(staying, "$foreground-muted")] if staying else [])])
        many = f"these {len(going):,} memories" if len(going) > 1 else "this memory"
        title = f"Remove {many} for good? There is no undo, and it is not learnt again."
        if not await self._ask(ConsentSheet(title, text, "remove for good", deaf=True)):
            return
        try:
            gone = await self._call("Removing for good; this cannot be stopped", kept.shaping.purge, ids)
            self.notify(f"Removed for good: {len(gone):,} {'memories' if len(gone) > 1 else 'memory'}.", markup=False)
            self.done(gone)
        finally:  # it may have been removed although another program still holds old pages
            await shell(self).changed()

    @shapes(most=1)
    async def action_wrong(self, kept: Shelf, meant: list[Memory]) -> None:
        """It ceases to hold: a fact from a day on, a case or lesson is put aside."""
        [memory] = meant
        if memory.kind in ("case", "lesson"):
            text = Content(f"A {memory.kind} does not hold for a time: it is put aside, and not read any more.")
            if await self._ask(ConsentSheet("Put it aside?", Content("\n").join([_titles([memory]), text]), "put aside")):
                await self._shape("Putting aside", kept.shaping.archive, [memory.id])
            return
        hint, said = "Empty: from now on. Or a day: yesterday, 3 May, 2026-05-03. It is still told of the time before.", ""
        while (said := await self._ask(LineSheet("Since when is this wrong?", hint, said))) is not None:
            try:
                at = await self._call("Reading the day", _moment, said)
                closed = await self._call("Ending", kept.assistant.personal.curator.close, memory.id, at)
            except MementoError as error:
                shell(self).say_error(error)
                continue
            self.notify(clean(f"Holds no more: {one_line(closed.title)}  · u takes it back"), markup=False)
            self.done([memory.id])
            await shell(self).changed()
            return

    @shapes(most=2)
    async def action_supersede(self, kept: Shelf, meant: list[Memory]) -> None:
        if len(meant) == 2:
            old, new = sorted(meant, key=lambda one: (one.recorded_at, one.id))
            text = Content("\n").join([
                Content.styled("ends:", "$foreground-muted"), Content(clean(old.body)), Content(""),
                Content.styled("holds instead:", "$foreground-muted"), Content(clean(new.body)),
            ])  # fmt: skip
            if await self._ask(ConsentSheet("Does the newer one take the place of the older?", text, "the newer one holds")):
                await self._shape("Ending", kept.shaping.supersede, old.id, new.id)
            return
        memory = meant[0]
        by = await self._ask(PickSheet(f"Which one takes the place of “{one_line(memory.title)}”?", memory.id))
        if by:
            await self._shape("Ending", kept.shaping.supersede, memory.id, by)

    @shapes(least=2)
    async def action_merge(self, kept: Shelf, meant: list[Memory]) -> None:
        options = [(str(one.id), one_line(one.title)[:60], f"{one.kind}, read {one.read}") for one in meant[:MANY]]
        hint = "The others end; their sources and links, and what is known of their use, go over to it."
        keep = await self._ask(ChoiceSheet(f"Which of these {len(meant)} shall stand?", options, hint))
        if not keep:
            return
        stands = next(one for one in meant if one.id == int(keep))
        others = [one for one in meant if one.id != stands.id]
        text = Content("\n").join([
            Content.styled("stands:", "$foreground-muted"), Content(clean(stands.body)), Content(""),
            Content.styled("ends, as said by it:", "$foreground-muted"), _titles(others),
        ])  # fmt: skip
        if await self._ask(ConsentSheet("Merge?", text, "merge")):
            await self._shape("Merging", kept.shaping.merge, stands.id, [one.id for one in others])

    @shapes()
    async def action_relabel(self, kept: Shelf, meant: list[Memory]) -> None:
        options = [
            ("good", "good", "it was right"), ("bad", "bad", "it was wrong"), ("correct", "correct", "say what to do next time"),
        ]  # fmt: skip
        many = f"these {len(meant)} cases" if len(meant) > 1 else "this case"
        said = await self._ask(ChoiceSheet(f"What was {many} worth?", options))
        if not said:
            return
        correction = ""
        if said == "correct":
            correction = await self._ask(LineSheet("What should it do next time?", "The next similar task reads it.")) or ""
            if not correction:
                return
        await self._shape("Judging", kept.shaping.relabel, [one.id for one in meant], float(said == "good"), None, correction)

    @shapes()
    async def action_copy(self, _: Shelf, meant: list[Memory]) -> None:
        text = "\n\n".join(one.body for one in meant)
        shell(self).copy_to_clipboard(text)
        self.notify(f"Copied: {len(text):,} characters.")


def _titles(memories: Sequence[Memory], most: int = 200) -> Content:
    """What is meant, a line each."""
    shown = [Content.assemble((f"{one.kind:<12}", "$foreground-muted"), one_line(one.title)) for one in memories[:most]]
    more = [Content.styled(f"… and {len(memories) - most:,} more", "$foreground-muted")] if len(memories) > most else []
    return Content("\n").join([*shown, *more])


def _still_said(kept: Shelf, memories: Sequence[Memory]) -> str:
    """Who says the same words and is not removed with them."""
    talks: set[int] = set()
    tasks: set[int] = set()
    for memory in memories:
        said, quoted = kept.assistant.personal.still_saying(memory)
        talks |= set(said)
        tasks |= set(quoted)
    parts = [f"{len(talks)} conversation{'s' if len(talks) > 1 else ''}"] if talks else []
    parts += [f"{len(tasks)} other task{'s' if len(tasks) > 1 else ''}"] if tasks else []
    return f"Its very words stand in {' and '.join(parts)} too; they stay there." if parts else ""


def _moment(said: str) -> str | None:
    """The day that somebody wrote, as ISO 8601; None for now.

    Raises:
        MementoError: it names no day.
    """
    from memento_desktop.memory.curation.moments import dates, iso, parsed

    if not said.strip():
        return None
    try:
        return iso(parsed(said.strip()))
    except ValueError:
        spans = dates(said, parsed(None))
    if not spans:
        raise MementoError(f"“{said}” names no day.", "Write yesterday, 3 May, or 2026-05-03; nothing means now.")
    return iso(spans[0].start)
