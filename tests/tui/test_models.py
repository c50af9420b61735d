"""Models in the app: what is here, what can be had; used, downloaded with a pause, measured, removed."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, Static

from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings
from memento_desktop.inference.models.benching import Bench
from memento_desktop.inference.models.download import Progress
from memento_desktop.inference.models.fits import Machine
from memento_desktop.inference.models.local import LocalModel
from memento_desktop.inference.models.store import ModelStore
from memento_desktop.tui.app import MementoApp
from memento_desktop.tui.desk import Start
from memento_desktop.tui.downloads import downloads
from memento_desktop.tui.model_words import found_models, of_progress
from memento_desktop.tui.screens.models import ModelsScreen
from memento_desktop.tui.screens.sheets import AskSheet, LineSheet
from memento_desktop.tui.widgets.listing import Listing
from memento_desktop.tui.widgets.panels import Meters
from memento_desktop.tui.widgets.search import SearchLine
from tests.gguf_made import make_gguf
from tests.inference.models import conftest as made
from tests.inference.models.hub_made import MadeHub
from tests.tui.conftest import opened, wait_for

online, tiny = made.online, made.tiny
pytestmark = pytest.mark.usefixtures("no_embedder", "machine")
GB = 10**9


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    def fixed(*_: object, **__: object) -> Machine:
        return Machine(16 * GB, 8 * GB, 20 * GB, 2)

    monkeypatch.setattr(ModelStore, "machine", fixed)


@pytest.fixture
def here(paths: Paths) -> Path:
    """A sound model that Memento downloaded, a damaged one, and one with a hostile name."""
    paths.make()
    folder = paths.models / "owner--sound"
    folder.mkdir(parents=True)
    sound = make_gguf(folder / "sound.gguf", metadata={})
    (folder / "cut.gguf").write_bytes(sound.read_bytes()[:-5000])
    (folder / "[@click=app.quit]x[_]\x1b[31m.gguf").write_bytes(b"GGUF nothing")
    return sound


async def shown(app: MementoApp, pilot: Pilot[None], is_open: bool = True) -> ModelsScreen:
    if is_open:
        await opened(app, pilot)
    await app.action_models()
    screen = app.screen
    assert isinstance(screen, ModelsScreen)
    await wait_for(pilot, lambda: screen.local and screen.query_one(Listing).rows, "the list")
    return screen


async def go(screen: ModelsScreen, pilot: Pilot[None], key: str) -> None:
    assert screen.query_one(Listing).mark(key), [row.key for row in screen.query_one(Listing).rows]
    await pilot.pause()


async def until(pilot: Pilot[None], app: MementoApp, kind: type[Screen[Any]]) -> None:
    await wait_for(pilot, lambda: isinstance(app.screen, kind), kind.__name__)


def said(screen: ModelsScreen, part: str = "#about") -> str:
    return str(screen.query_one(part, Static).content)


async def test_each_is_described_the_damaged_with_the_reason_and_offline_is_said_plainly(app: MementoApp, here: Path) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await shown(app, pilot)
        rows = {row.key: row for row in screen.query_one(Listing).rows}
        assert screen.query_one(Listing).marked is rows[next(key for key, model in screen.local.items() if model.built_in)]
        assert len(screen.entries) > 8
        cut = f"local {here.with_name('cut.gguf')}"
        assert rows[cut].cells["fits"] == "damaged" and rows[cut].tone == "error"
        await go(screen, pilot, cut)
        assert "bytes are missing" in said(screen)
        await go(screen, pilot, next(iter(screen.entries)))
        assert "good for" in said(screen) and "Apache" in said(screen) and "checked" in said(screen)
        for y in range(screen.query_one(Listing).size.height):
            assert "\x1b" not in screen.query_one(Listing).render_line(y).text
        await pilot.resize_terminal(40, 10)
        await pilot.resize_terminal(80, 24)
        await pilot.press("g")  # HF_HUB_OFFLINE is set in every test
        await until(pilot, app, LineSheet)
        app.screen.query_one(Input).value = "owner/repo"
        await pilot.press("enter")
        await wait_for(pilot, lambda: any("HF_HUB_OFFLINE" in n.message for n in app._notifications), "said")  # pyright: ignore[reportPrivateUsage]
        screen.query_one(SearchLine).value = "qwen3 2507 4b"
        await pilot.pause()
        assert [row.cells["name"] for row in screen.query_one(Listing).rows if not row.heading] == ["Qwen3 4B Instruct 2507"]


async def test_another_model_is_used_without_a_new_start_and_written_down(app: MementoApp, here: Path, paths: Paths) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await shown(app, pilot)
        await go(screen, pilot, f"local {here}")
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.desk.assistant.model.path == here, "used")
        assert Settings.load(paths.settings).model.path == here
        assert app.work_screen.query_one(Meters).model == app.desk.assistant.model.name
        await wait_for(pilot, lambda: screen.query_one(Listing).marked and screen.query_one(Listing).marked.cells["mark"] == "●", "marked")  # pyright: ignore[reportOptionalMemberAccess]
        await pilot.press("d")  # in use: refused
        await until(pilot, app, AskSheet)
        await pilot.press("y")
        await wait_for(pilot, lambda: app.screen is screen, "refused")
        assert f"local {here}" in screen.local
        await go(screen, pilot, f"local {here.with_name('cut.gguf')}")
        await pilot.press("enter")  # damaged: refused
        await pilot.pause()
        assert app.desk.assistant.model.path == here


async def test_removing_asks_and_only_takes_what_memento_downloaded(app: MementoApp, here: Path) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await shown(app, pilot)
        await pilot.press("d")  # the built-in one
        await wait_for(pilot, lambda: any("not downloaded by Memento" in n.message for n in app._notifications), "refused")  # pyright: ignore[reportPrivateUsage]
        await go(screen, pilot, f"local {here}")
        for answer, there in (("escape", True), ("y", False)):
            await pilot.press("d")
            await until(pilot, app, AskSheet)
            await pilot.press(answer)
            await wait_for(pilot, lambda there=there: app.screen is screen and here.exists() == there, "as answered")
        await wait_for(pilot, lambda: f"local {here}" not in screen.local, "gone from the list")


async def test_a_download_is_asked_for_paused_gone_on_with_and_can_be_used(
    app: MementoApp,
    online: MadeHub,
    tiny: bytes,
    paths: Paths,
) -> None:
    online.files["owner/repo/model-Q4_K_M.gguf"] = tiny
    online.hold = threading.Event()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await shown(app, pilot)
        assert not online.requests
        await pilot.press("g")
        await until(pilot, app, LineSheet)
        app.screen.query_one(Input).value = "owner/repo"
        await pilot.press("enter")
        await until(pilot, app, AskSheet)
        assert online.downloads() == []
        await pilot.press("y")
        await wait_for(pilot, lambda: online.downloads(), "it began")
        await wait_for(pilot, lambda: "Space pauses" in said(screen, "#doing"), "it is said how to pause")
        await pilot.press("space")
        online.hold.set()
        current = downloads(app.desk).current
        assert current is not None
        await wait_for(pilot, lambda: current.state in ("paused", "done"), "paused")
        if current.state == "paused":
            await wait_for(pilot, lambda: screen.halves, "the half is listed")
            await pilot.press("space")
        await wait_for(pilot, lambda: current.state == "done" and any(m.ours for m in screen.local.values()), "whole")
    (file,) = paths.models.rglob("*.gguf")
    assert file.read_bytes() == tiny


async def test_leaving_the_app_ends_a_download_and_keeps_what_came(app: MementoApp, online: MadeHub, tiny: bytes, paths: Paths) -> None:
    online.files["owner/repo/model.gguf"] = tiny
    online.hold = threading.Event()
    async with app.run_test(size=(80, 24)) as pilot:
        await shown(app, pilot)
        await pilot.press("g")
        await until(pilot, app, LineSheet)
        app.screen.query_one(Input).value = "owner/repo/model.gguf"
        await pilot.press("enter")
        await until(pilot, app, AskSheet)
        await pilot.press("y")
        await wait_for(pilot, lambda: online.downloads(), "it began")
        current = downloads(app.desk).current
    assert current is not None and current.state == "paused"
    online.hold.set()
    assert not list(paths.models.rglob("*.gguf"))


async def test_measuring_can_be_stopped_and_its_result_stands_in_the_list(
    app: MementoApp, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[bool] = []

    async def bench(_: ModelStore, model: LocalModel) -> Bench:
        assert model.path == here
        begun.append(True)
        if len(begun) == 1:
            await asyncio.Event().wait()  # until it is stopped
        return Bench(0.5, 300.0, 42.0, GB, 2, 1024, "2026-05-03T10:00:00+00:00")

    monkeypatch.setattr(ModelStore, "bench", bench)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await shown(app, pilot)
        await go(screen, pilot, f"local {here}")
        await pilot.press("b")
        await wait_for(pilot, lambda: begun and "b stops it" in said(screen, "#doing"), "it is measured")
        await pilot.press("b")
        await wait_for(pilot, lambda: not screen.query_one("#doing").display, "stopped")
        await pilot.press("b")
        await wait_for(pilot, lambda: "writes 42 tokens/s" in said(screen), "measured")
        marked = screen.query_one(Listing).marked
        assert marked is not None and marked.cells["speed"] == "42"


async def test_it_works_where_the_memory_cannot_be_opened(paths: Paths, folder: Path) -> None:
    paths.make()
    paths.bank.write_bytes(b"no database at all" * 100)
    app = MementoApp(Start((folder,)))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: len(app.screen_stack) > 1, "the error is shown")
        await pilot.press("escape")
        screen = await shown(app, pilot, is_open=False)
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.screen is screen, "no crash")


@pytest.mark.parametrize(
    ("progress", "part"),
    [(None, "asking the hub"), (Progress("f", 250, 1000, 10.0, "downloading"), "25%"), (Progress("f", 5, 0, 0.0, "downloading"), "0.0 MB"),
     (Progress("f", 1000, 1000, 0.0, "checking"), "checksum"), (Progress("f", 2000, 1000, 1.0, "downloading"), "100%")],
)  # fmt: skip
def test_progress_is_said_in_a_line(progress: Progress | None, part: str) -> None:
    assert part in of_progress(progress)


def test_one_sentence_says_what_was_found_at_the_first_start(here: Path, paths: Paths) -> None:
    desk: Any = SimpleNamespace(start=Start(()), settings=Settings(), paths=paths)
    assert found_models(desk).startswith("A larger model is on this disk already")
    for file in here.parent.iterdir():
        file.unlink()
    assert "/models offers larger ones" in found_models(desk)
    desk.start = Start((), model=here)
    assert found_models(desk) == ""
