"""All settings, drawn from their schema: each explained, changed in place, saved at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult, SuspendNotSupported
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Input, OptionList, Static
from textual.widgets.option_list import Option

from memento_desktop.errors import MementoError
from memento_desktop.plain import clean
from memento_desktop.tui import commands
from memento_desktop.tui.screens.sheets import AskSheet, TextSheet
from memento_desktop.tui.shell import shell
from memento_desktop.tui.themes import DARK
from memento_desktop.tui.widgets.listing import Column, Listing, Row
from memento_desktop.tui.widgets.search import SearchLine

if TYPE_CHECKING:
    from collections.abc import Callable

    from memento_desktop.config.editing import Setting
    from memento_desktop.config.settings import Settings

WIDE = 100
"""Columns from which the marked setting is explained beside the list."""
COLUMNS = (Column("mark", 1), Column("name", 20), Column("value"))
LATER = frozenset(
    ("profile", "memory.embedder", "memory.embedder_wait", "memory.reader", "memory.explore", "app.temporary")
)  # fmt: skip
"""What is read once, when the app starts; all of the model's settings are too."""


class Value(Input):
    """What a setting is to be, as text."""

    BINDINGS = [("escape", "screen.done", "")]  # noqa: RUF012


class Choices(OptionList):
    """What a setting may be."""

    BINDINGS = [("escape", "screen.done", "")]  # noqa: RUF012


class SettingsScreen(Screen[None]):
    """The list, and the marked setting with what it means. Needs no memory: it works where that cannot be opened."""

    BINDINGS = [*commands.bindings("settings")]  # noqa: RUF012
    DEFAULT_CSS = """
    SettingsScreen #head { height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
    SettingsScreen #body { layout: vertical; height: 1fr; }
    SettingsScreen #detail { height: auto; max-height: 60%; min-height: 7; padding: 0 2; border-top: hkey $surface-lighten-2; }
    SettingsScreen.-wide #body { layout: horizontal; }
    SettingsScreen.-wide #detail { width: 45%; height: 1fr; max-height: 100%; border-top: none; border-left: vkey $surface-lighten-2; }
    SettingsScreen #detail Static { height: auto; }
    SettingsScreen #value { border: none; height: 1; background: $panel; padding: 0 1; margin: 1 0 0 0; }
    SettingsScreen #choices { border: none; height: auto; max-height: 12; background: $panel; padding: 0 1; margin: 1 0 0 0; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.settings: Settings | None = None
        """What the file says."""
        self.known: dict[str, Setting] = {}
        self.trouble = ""
        self._theme = ""

    def compose(self) -> ComposeResult:
        yield Static("", id="head")
        yield SearchLine("Find a setting by its name or what it does", "#list")
        with Container(id="body"):
            yield Listing(COLUMNS, id="list", empty="No setting is called so.")
            with VerticalScroll(id="detail", can_focus=False):
                yield Static("", id="about")
                yield Value(id="value")
                yield Choices(id="choices")
                yield Static("", id="refused")
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self._fold()
        self.on_resize()
        self._load()
        self.query_one(Listing).focus()

    def on_resize(self) -> None:
        self.set_class(self.size.width >= WIDE, "-wide")

    @property
    def path(self) -> Path:
        from memento_desktop.config.paths import Paths

        return Paths.of_this_user().settings

    @property
    def setting(self) -> Setting | None:
        row = self.query_one(Listing).marked
        return self.known.get(row.key) if row is not None else None

    # what the file says

    def _load(self) -> None:
        """Reads the file: some kilobytes."""
        from memento_desktop.config.settings import Settings

        try:
            self._take(Settings.load(self.path))
        except MementoError as error:
            self.settings, self.known = None, {}
            self.trouble = f"{error.message}\n{error.hint}\ne opens the file."
            self._list()

    def _take(self, settings: Settings) -> None:
        from memento_desktop.config.editing import described

        self.settings, self.trouble = settings, ""
        self.known = {one.key: one for one in described(settings, self.path)}
        self._list()

    def on_screen_resume(self) -> None:
        if self.known:
            self._load()

    @on(Input.Changed, "#search")
    def _list(self) -> None:
        from memento_desktop.config.editing import section_title

        words = self.query_one(SearchLine).value.lower().split()
        rows: list[Row] = []
        section = None
        for one in self.known.values():
            if not all(word in f"{one.key} {one.name.replace('_', ' ')} {one.description}".lower() for word in words):
                continue
            if one.section != section:
                section = one.section
                title = f"{section}: {section_title(section)}" if section else "whose memory"
                rows.append(Row(f"section {section}", {"name": title}, heading=True))
            rows.append(Row(one.key, {"mark": "●" if changed(one) else "", "name": one.name.replace("_", " "), "value": said(one)}))
        self.query_one(Listing).show(rows)
        count = sum(changed(one) for one in self.known.values())
        text = Content.assemble(("Settings", "bold"), f"  {count} changed ●  ", (clean(str(self.path)), "$foreground-muted"))
        self.query_one("#head", Static).update(text)

    # the marked one

    def on_listing_marked(self) -> None:
        if not self._editing():
            self._fold()

    def _editing(self) -> bool:
        return isinstance(self.focused, Value | Choices)

    def _fold(self) -> None:
        """The explanation alone, without a field."""
        for field in (self.query_one(Value), self.query_one(Choices)):
            field.display = False
        self.query_one("#refused", Static).update("")
        one = self.setting
        about = Content.styled(clean(self.trouble), "$text-error") if self.trouble else self._about(one) if one else Content("")
        self.query_one("#about", Static).update(about)
        self.query_one("#detail").scroll_home(animate=False)

    def _about(self, one: Setting) -> Content:
        lines = [Content.styled(one.key, "bold"), Content(clean(one.description)), Content("")]
        lines.append(Content(f"it is       {clean(said(one))}"))
        by = {"file": ", set in the file", "environment": ", set by the environment: that counts", "default": ""}[one.set_by]
        lines.append(Content.styled(f"by default  {clean(spoken(one.default))}{by}", "$foreground-muted"))
        lines.append(Content.styled(f"may be      {clean(one.allowed)}", "$foreground-muted"))
        if (running := self._used(one)) is not None:
            lines.append(Content.styled(f"Counts from the next start on. Until then: {clean(running)}", "$text-warning"))
        elif later(one.key):
            lines.append(Content.styled("A change counts from the next start on.", "$foreground-muted"))
        if one.kind == "path" and one.value and not Path(str(one.value)).expanduser().exists():
            lines.append(Content.styled("There is nothing at this path.", "$text-warning"))
        return Content("\n").join(lines)

    def _used(self, one: Setting) -> str | None:
        """The value in use, where the file says another by now."""
        desk = shell(self).desk
        if not desk.is_open or not later(one.key):
            return None
        holder = getattr(desk.settings, one.section) if one.section else desk.settings
        now, wanted = spoken(getattr(holder, one.name)), spoken(one.value)
        return now if now != wanted else None

    # changing

    async def action_change(self) -> None:
        one = self.setting
        if one is None:
            return
        self._fold()
        if one.set_by == "environment":
            self.notify("The environment says what this is; a change here would not count.", severity="warning")
        elif one.kind == "bool":
            self._set(one, not one.value)
        elif one.kind == "table":
            from memento_desktop.tui.screens.keys import KeysScreen

            await shell(self).push_screen(KeysScreen())
        elif one.kind == "choice" or one.key == "app.theme":
            self._offer(one)
        else:
            self._ask(one)

    @on(Listing.Chosen)
    async def _clicked(self) -> None:
        await self.action_change()

    def _ask(self, one: Setting) -> None:
        field = self.query_one(Value)
        field.value = "" if one.value in (None, [], "") else spoken(one.value)
        field.placeholder = one.allowed
        field.display = True
        field.focus()
        field.action_end()
        field.call_after_refresh(field.scroll_visible, animate=False)

    def _offer(self, one: Setting) -> None:
        field, app = self.query_one(Choices), shell(self)
        names = list(one.choices) if one.choices else sorted(app.available_themes)
        now = str(one.value) if one.value else app.theme
        self._theme = app.theme
        field.clear_options()
        field.add_options([Option(Text(clean(name)), id=f"-{n}") for n, name in enumerate(names)])
        field.display = True
        field.highlighted = names.index(now) if now in names else 0
        field.focus()
        field.call_after_refresh(field.scroll_visible, animate=False)

    @on(OptionList.OptionHighlighted, "#choices")
    def _look(self, event: OptionList.OptionHighlighted) -> None:
        """A theme is shown before it is taken."""
        if self.setting is not None and self.setting.key == "app.theme" and self.focused is event.option_list:
            shell(self).theme = str(event.option.prompt)

    @on(OptionList.OptionSelected, "#choices")
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        one = self.setting
        if one is not None:
            self._theme = ""
            self._set(one, str(event.option.prompt))

    @on(Input.Submitted, "#value")
    def _submitted(self, event: Input.Submitted) -> None:
        one = self.setting
        if one is not None:
            self._set(one, event.value.strip() or (None if one.optional else event.value.strip()))

    def action_done(self) -> None:
        """Leaves the field; nothing is changed."""
        if self._theme:
            shell(self).theme, self._theme = self._theme, ""
        self.query_one(Listing).focus()
        self._fold()

    def action_reset(self) -> None:
        from memento_desktop.config.editing import unset

        one = self.setting
        if one is None:
            return
        if one.set_by != "file":
            self.notify("It is not set in the file.")
        elif one.kind == "table":
            self.notify("Enter shows the keys; each is reset there.")
        else:
            self._save(one, lambda: unset(self.path, one.key))

    def _set(self, one: Setting, value: object) -> None:
        from memento_desktop.config.editing import set_value

        self._save(one, lambda: set_value(self.path, one.key, value))

    def _save(self, one: Setting, how: Callable[[], Settings]) -> None:
        """Writes and shows; a refusal is said under the field, which stays as it is."""
        try:
            settings = how()
        except MementoError as error:
            self.query_one("#refused", Static).update(Content.styled(clean(f"{error.message} {error.hint}".strip()), "$text-error"))
            self.query_one("#refused", Static).scroll_visible(animate=False)
            return
        self._theme = ""
        self.query_one(Listing).focus()
        self._take(settings)
        take_effect(self, settings)
        self._fold()
        self.notify(f"Saved{': counts from the next start on' if later(one.key) else ''}.")

    # the whole file

    def action_search(self) -> None:
        self.query_one(SearchLine).focus()

    @work
    async def action_edit(self) -> None:
        """The file in the owner's editor, again and again until it can be used or is left as it was."""
        from memento_desktop.config.editing import replace_text, template
        from memento_desktop.config.settings import Settings

        app, path = shell(self), self.path
        try:
            there = Settings.read(path)
            text = there if there is not None else template()
            while (changed := await self._edited(text)) is not None and changed != text:
                try:
                    if Settings.read(path) != there:
                        app.say_error(MementoError(f"{path} was changed by another program meanwhile.", "Edit it again."))
                        return
                    take_effect(self, replace_text(path, changed))
                    self.notify("Saved.")
                    break
                except MementoError as error:
                    sheet = AskSheet(
                        "This cannot be used. Open it again?", f"{error.message}\n{error.hint}\nWith no, the file stays as it was."
                    )
                    if not await app.push_screen_wait(sheet):
                        break
                    there, text = there, changed
        except MementoError as error:
            app.say_error(error)
        self._load()
        self._fold()

    async def _edited(self, text: str) -> str | None:
        from memento_desktop.tui.external import in_editor

        app = shell(self)
        try:
            return in_editor(app, text, ".toml", self.settings.app.editor if self.settings else "")
        except SuspendNotSupported:
            return await app.push_screen_wait(TextSheet("The settings file", text))


def later(key: str) -> bool:
    """Whether a change counts only from the next start on."""
    return key in LATER or key.startswith("model.")


def changed(one: Setting) -> bool:
    return one.set_by != "default" and one.value != one.default


def spoken(value: object) -> str:
    """A value as a person types it."""
    if value is None or value in ("", [], ()):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name} {key}" for name, key in cast("dict[str, str]", value).items()) or "–"
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in cast("list[object]", value))
    return str(value).removesuffix(".0")


def said(one: Setting) -> str:
    """Its value in the list."""
    return spoken(one.value)


def take_effect(screen: Screen[None], settings: Settings) -> None:
    """What need not wait for the next start holds at once; the rest stays as it runs."""
    app = shell(screen)
    theme = settings.app.theme or DARK
    if theme in app.available_themes:
        app.theme = theme
    try:
        app.keys = commands.keymap(settings.app.keys)
        app.set_keymap(app.keys)
    except MementoError as error:
        app.say_error(error)
    if not app.desk.is_open:
        return
    now = app.desk.settings
    live = {name: getattr(settings.memory, name) for name in type(now.memory).model_fields if not later(f"memory.{name}")}
    update = {"loop": settings.loop, "app": settings.app, "memory": now.memory.model_copy(update=live)}
    app.desk.assistant.settings = now.model_copy(update=update)
    app.work_screen.on_resize()


SCREEN = SettingsScreen
