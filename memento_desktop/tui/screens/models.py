"""Models: those on this disk and those to get, how each goes with this machine; used, downloaded, measured, removed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Input, Static
from textual.worker import Worker

from memento_desktop.errors import MementoError
from memento_desktop.tui import commands
from memento_desktop.tui import model_words as words
from memento_desktop.tui.downloads import Download, Downloads, downloads
from memento_desktop.tui.screens.sheets import AskSheet, LineSheet
from memento_desktop.tui.shell import shell
from memento_desktop.tui.widgets.listing import Column, Listing, Row, one_line
from memento_desktop.tui.widgets.panels import Meters
from memento_desktop.tui.widgets.search import SearchLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import App

    from memento_desktop.inference.models.benching import Bench
    from memento_desktop.inference.models.catalogue import Entry
    from memento_desktop.inference.models.download import Unfinished
    from memento_desktop.inference.models.fits import Fit, Machine
    from memento_desktop.inference.models.hub import Wanted
    from memento_desktop.inference.models.local import LocalModel
    from memento_desktop.inference.models.store import ModelStore
    from memento_desktop.tui.desk import Desk

WIDE = 110
"""Columns from which the marked model is described beside the list."""
COLUMNS = (
    Column("mark", 1), Column("name", title="model"), Column("size", 8, right=True, title="size"),
    Column("kind", 8, room=62, title="weights"), Column("context", 7, right=True, room=72, title="context"),
    Column("fits", 10, title="memory"), Column("speed", 8, right=True, room=50, title="tokens/s"),
)  # fmt: skip
TICK = 0.25


class ModelsScreen(Screen[None]):
    """All models that can be had here. Needs no memory, and the network only for what is asked of it."""

    BINDINGS = [*commands.bindings("models")]  # noqa: RUF012
    DEFAULT_CSS = """
    ModelsScreen #head { height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
    ModelsScreen #body { layout: vertical; height: 1fr; }
    ModelsScreen #detail { height: auto; max-height: 50%; min-height: 5; padding: 0 2; border-top: hkey $surface-lighten-2; }
    ModelsScreen.-wide #body { layout: horizontal; }
    ModelsScreen.-wide #detail { width: 40%; height: 1fr; max-height: 100%; border-top: none; border-left: vkey $surface-lighten-2; }
    ModelsScreen #detail Static { height: auto; }
    ModelsScreen #doing { height: auto; max-height: 3; padding: 0 1; color: $text-accent; display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.store: ModelStore | None = None
        self.machine: Machine | None = None
        self.local: dict[str, LocalModel] = {}
        self.entries: dict[str, Entry] = {}
        self.halves: dict[str, Unfinished] = {}
        self.speeds: dict[Path, Bench] = {}
        self.best, self.reason = "", ""
        """The row that is recommended, and why."""
        self.hidden = 0
        """Files here that cannot answer, such as embedding models."""
        self._waiting = "looking through this disk …"
        self._measuring: Worker[None] | None = None
        self._said = ""

    def compose(self) -> ComposeResult:
        yield Static("", id="head")
        yield SearchLine("Find a model by its name, maker or use", "#list")
        with Container(id="body"):
            yield Listing(COLUMNS, id="list", empty="")
            with VerticalScroll(id="detail", can_focus=False):
                yield Static("", id="about")
        yield Static("", id="doing")
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self.on_resize()
        self.query_one(Listing).focus()
        self._look()
        self.set_interval(TICK, self._tick)

    def on_resize(self) -> None:
        self.set_class(self.size.width >= WIDE, "-wide")

    @property
    def desk(self) -> Desk:
        return shell(self).desk

    @property
    def on_its_way(self) -> Downloads:
        return downloads(self.desk)

    # what there is

    @work(exclusive=True, group="look")
    async def _look(self) -> None:
        """Reads the disk anew; where this machine was never measured, its figures come some seconds later."""
        from memento_desktop.config.paths import Paths
        from memento_desktop.config.settings import Settings
        from memento_desktop.inference.models.store import ModelStore

        try:
            paths = Paths.of_this_user()
            self.store = store = ModelStore(Settings.load(paths.settings), paths)
            found = await self.desk.call(store.local)
            self.machine = await self.desk.call(store.machine, measure=False)
            self.speeds = await self.desk.call(store.speeds, found)
            here = [model for model in found if model.role == "chat" or model.damage]
            self.hidden = len(found) - len(here)
            self.local = {f"local {model.path}": model for model in here}
            self.entries = {f"entry {one.key}": one for one in store.catalogue() if store.installed(one, found) is None}
            self._halve(store.unfinished())
            self._waiting = "" if self.machine.bandwidth else "measuring this machine once, some two seconds …"
            self._list()
            if not self.machine.bandwidth:
                self.machine = await self.desk.call(store.machine)
            self._waiting = ""
            self._list()
            for trouble in store.troubles:
                self.notify(trouble, severity="warning", markup=False)
        except MementoError as error:
            self._waiting = ""
            shell(self).say_error(error)
            self._say()

    def _halve(self, unfinished: Sequence[Unfinished]) -> None:
        """Downloads that can go on: at their entry of the catalogue, or in a row of their own."""
        self.halves = {}
        for half in unfinished:
            keys = (key for key, one in self.entries.items() if (one.repository, one.file) == (half.wanted.repository, half.wanted.file))
            self.halves[next(keys, f"half {half.wanted.repository}/{half.wanted.file}")] = half

    @on(Input.Changed)
    def _list(self) -> None:
        rows: list[Row] = []
        self.best, self.reason = words.advice(self.local, self.entries, self.machine)
        local = [self._row(key, model) for key, model in self.local.items() if self._wanted(words.words_of(model))]
        rows += [Row("here", {"name": "on this disk"}, heading=True), *local] if local else []
        halves = [words.half_row(key, half) for key, half in self.halves.items() if key not in self.entries and self._wanted(key)]
        entries = [
            words.entry_row(key, one, self._fit(one), key in self.halves, key == self.best)
            for key, one in self.entries.items()
            if self._wanted(words.words_of(one))
        ]
        if halves or entries:
            rows += [Row("there", {"name": "to download: g gets any other"}, heading=True), *halves, *entries]
        listing = self.query_one(Listing)
        listing.empty = "No model is called so. g downloads any other by its name." if self.local else self._waiting
        used = next((key for key, model in self.local.items() if self._used(model)), None)
        listing.show(rows, None if listing.rows else used)
        self._say()

    def _wanted(self, text: str) -> bool:
        return all(word in text.lower() for word in self.query_one(SearchLine).value.lower().split())

    def _used(self, model: LocalModel) -> bool:
        """Whether tasks run on it now; where the memory is not open, whether they would."""
        if self.desk.is_open:
            return self.desk.assistant.model.path in (model.path, *model.parts)
        return self.store is not None and self.store.uses(model)

    def _fit(self, one: LocalModel | Entry) -> Fit | None:
        return words.suits(one.shape, self.machine, one.context, self.store.settings.model.context if self.store else 0)

    def _row(self, key: str, model: LocalModel) -> Row:
        return words.local_row(
            key, model, None if model.damage else self._fit(model), self.speeds.get(model.path), self._used(model), key == self.best
        )

    def _say(self) -> None:
        folder = self.store.paths.models if self.store is not None else None
        self.query_one("#head", Static).update(words.heading(self.machine, folder, self._waiting, self.hidden))

    # the marked one

    @property
    def key(self) -> str:
        row = self.query_one(Listing).marked
        return row.key if row is not None else ""

    def on_listing_marked(self) -> None:
        key = self.key
        title, rows = "", list[tuple[str, str]]()
        if (model := self.local.get(key)) is not None:
            title, rows = model.name, words.of_local(model, None if model.damage else self._fit(model), self.speeds.get(model.path))
        elif (one := self.entries.get(key)) is not None:
            title, rows = one.name, words.of_entry(one, self._fit(one))
        if (half := self.halves.get(key)) is not None:
            from memento_desktop.inference.models.fits import gigabytes

            title = title or half.wanted.file
            rows.insert(0, ("paused", f"{gigabytes(half.done)} are here: Space goes on"))
        if key == self.best and key:
            rows = [("advice", self.reason), *(row for row in rows if row[0] != "fits")]
        lines = [Content.styled(one_line(title), "bold"), *(Content(f"{name:<9} {one_line(text)}") for name, text in rows)]
        self.query_one("#about", Static).update(Content("\n").join(lines))
        self.refresh_bindings()

    def _tick(self) -> None:
        """What goes on, with how to stop it."""
        download = self.on_its_way.current
        lines: list[str] = []
        if download is not None and download.state in ("running", "pausing"):
            how = "Space pauses" if download.state == "running" else "pausing …"
            lines.append(f"{one_line(download.title)}  {words.of_progress(download.progress)}  · {how}")
        elif download is not None and download.state == "paused":
            lines.append(f"{one_line(download.title)}  {words.of_progress(download.progress)}  · paused: Space goes on")
        elif download is not None and download.error is not None:
            lines.append(f"{one_line(download.title)}: {one_line(download.error.message)} {one_line(download.error.hint)}")
        if self._measuring is not None and self._measuring.is_running:
            lines.append("Measuring: the model is loaded and writes for a while … b stops it")
        if (text := "\n".join(lines)) != self._said:
            self._said = text
            doing = self.query_one("#doing", Static)
            doing.display = bool(text)
            doing.update(Content(text))

    # what can be done

    def action_search(self) -> None:
        self.query_one(SearchLine).focus()

    def action_again(self) -> None:
        self._look()

    def action_copy(self) -> None:
        model, one = self.local.get(self.key), self.entries.get(self.key)
        text = str(model.path) if model else f"{one.repository}/{one.file}" if one else ""
        if text:
            shell(self).copy_to_clipboard(text)
            self.notify(f"Copied: {text}", markup=False)

    @on(Listing.Chosen)
    def _clicked(self) -> None:
        self.action_choose()

    @work
    async def action_choose(self) -> None:
        key, store = self.key, self.store
        if store is None:
            return
        if (model := self.local.get(key)) is not None:
            await self._use(store, model)
        elif key in self.halves:
            self._go_on(key)
        elif (one := self.entries.get(key)) is not None:
            await self._offer(one.name, store.remote(one.key), one.licence, self._fit(one))

    async def _use(self, store: ModelStore, model: LocalModel) -> None:
        app, fitted = shell(self), self._fit(model)
        if app.work_screen.busy:
            self.notify("A task is running: the model is changed between tasks. Esc in the conversation stops it.", severity="warning")
            return
        if model.usable and fitted is not None and fitted.verdict != "fits":
            sheet = AskSheet(f"{one_line(model.name)}: {fitted.verdict} here. Use it anyway?", fitted.sentence)
            if not await app.push_screen_wait(sheet):
                return
        try:
            await self.desk.call(store.use, model)
            if self.desk.is_open:
                await self.desk.use_model(None if model.built_in else model.path)
        except MementoError as error:
            app.say_error(error)
            return
        if self.desk.is_open:
            meters, now = app.work_screen.query_one(Meters), self.desk.assistant.model
            meters.model, meters.context, meters.used, meters.speed = now.name, now.context, 0, 0.0
            meters.display_state()
        self._list()
        self.notify(f"{model.name} is used from the next task on.", markup=False)

    @work
    async def action_get(self) -> None:
        store = self.store
        hint = "OWNER/REPOSITORY, OWNER/REPOSITORY:Q4_K_M, or the address of a file. The hub is asked for it, nothing else is sent."
        name = await shell(self).push_screen_wait(LineSheet("Download which model?", hint, placeholder="Qwen/Qwen3-4B-GGUF:Q4_K_M"))
        if not name or store is None:
            return
        self._waiting = f"asking the hub for {name} …"
        self._say()
        try:
            wanted = await self.desk.call(store.remote, name)
        except MementoError as error:
            shell(self).say_error(error)
            return
        finally:
            self._waiting = ""
            self._say()
        entry = store.entry(name)
        await self._offer(entry.name if entry else wanted[0].file, wanted, entry.licence if entry else "", None)

    async def _offer(self, title: str, wanted: Sequence[Wanted], licence: str, fitted: Fit | None) -> None:
        """Asks before anything is fetched, with all that it means."""
        if self._is_busy() or self.store is None:
            return
        text = words.said_offer(wanted, licence, fitted, self.store.paths.models)
        if await shell(self).push_screen_wait(AskSheet(f"Download {one_line(title)}?", text)):
            self._start(Download(title, wanted))

    def _is_busy(self) -> bool:
        if self.on_its_way.busy:
            self.notify("One download at a time: Space pauses the one that runs.", severity="warning")
        return self.on_its_way.busy

    def _start(self, download: Download) -> None:
        """Runs it beside everything else: it belongs to the app, not to this screen."""
        if self.store is not None:
            self.on_its_way.current = download
            app = shell(self)
            app.run_worker(download.run(self.store, lambda done: self._ended(app, done)), group="download", exit_on_error=False)

    def _ended(self, app: App[None], download: Download) -> None:
        """Told on whatever screen is open by then."""
        if download.state == "done" and download.model is not None:
            app.notify(f"Downloaded and checked: {one_line(download.model.name)}. It can be used now.", markup=False)
        elif download.error is not None:
            app.notify(f"{download.error.message} {download.error.hint}".strip(), severity="error", timeout=10, markup=False)
        else:
            app.notify(f"Paused: {one_line(download.title)}", markup=False)
        if self.is_attached:
            self._look()

    def action_pause(self) -> None:
        current = self.on_its_way.current
        if current is not None and current.state == "running":
            current.pause()
            self._tick()
        elif self.key in self.halves:
            self._go_on(self.key)
        elif current is not None and current.state in ("paused", "failed"):
            self._start(current)
        else:
            self.notify("Nothing is being downloaded.")

    def _go_on(self, key: str) -> None:
        if not self._is_busy():
            half, one = self.halves[key], self.entries.get(key)
            current = self.on_its_way.current
            same = current is not None and half.wanted in current.wanted and current.state != "done"
            self._start(current if current is not None and same else Download(one.name if one else half.wanted.file, [half.wanted]))

    @work
    async def action_remove(self) -> None:
        from memento_desktop.inference.models.fits import gigabytes

        model, store = self.local.get(self.key), self.store
        if model is None or store is None:
            return
        if model.ours and not await shell(self).push_screen_wait(
            AskSheet(f"Delete {one_line(model.name)}?", f"{model.path}\n{gigabytes(model.size)}. It can be downloaded again.")
        ):
            return
        try:
            freed = await self.desk.call(store.remove, model)
            self.notify(f"Deleted: {gigabytes(freed)} are free again.")
        except MementoError as error:
            shell(self).say_error(error)
        self._look()

    def action_bench(self) -> None:
        if self._measuring is not None and self._measuring.is_running:
            self._measuring.cancel()
            self.notify("Measuring is stopped.")
        elif (model := self.local.get(self.key)) is not None:
            self._measuring = self._bench(model)

    @work(group="bench")
    async def _bench(self, model: LocalModel) -> None:
        if self.store is None:
            return
        try:
            self.speeds[model.path] = await self.store.bench(model)
        except MementoError as error:
            shell(self).say_error(error)
            return
        self._list()


SCREEN = ModelsScreen
