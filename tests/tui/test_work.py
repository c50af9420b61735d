"""Working in the app, by keyboard, on the built-in model."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from memento_desktop.agent import events as ev
from memento_desktop.tui.app import MementoApp
from memento_desktop.tui.desk import Start
from memento_desktop.tui.screens import sheets
from memento_desktop.tui.screens.sheets import ApprovalSheet, LineSheet, PlanSheet
from memento_desktop.tui.widgets.conversation import MOUNTED, STEP, Entry, MessageView
from memento_desktop.tui.widgets.prompt import Prompt
from tests.tui.conftest import opened, wait_for


async def ask(app: MementoApp, pilot: Pilot[None], task: str) -> str:
    """Writes a task as a person does, and returns the answer."""
    screen = app.work_screen
    before = len(screen.talk.entries)
    screen.prompt.focus()
    for letter in task:
        await pilot.press("space" if letter == " " else letter)
    await pilot.press("enter")
    await wait_for(pilot, lambda: len(screen.talk.entries) == before + 2 and not screen.busy, f"an answer to {task!r}")
    return screen.talk.entries[-1].text


async def test_ask_correct_ask_again(app: MementoApp, folder: Path):
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(app, pilot)
        assert "200" in await ask(app, pilot, "Total the km in trips_april.csv")
        await pilot.press("f4")
        await wait_for(pilot, lambda: isinstance(app.screen, LineSheet), "it asks what to do next time")
        for letter in "leave out rows marked void":
            await pilot.press("space" if letter == " " else letter)
        await pilot.press("enter")
        screen = app.work_screen
        await wait_for(pilot, lambda: "leave out rows marked void" in screen.talk.entries[-1].note, "what follows from it is said")
        lessons = lambda: app.desk.assistant.memories.count(kinds=("lesson",))  # noqa: E731
        await pilot.press("f12")
        await wait_for(pilot, lambda: lessons() == 0, "the correction is taken back by one key")
        screen.prompt.write("/redo")
        await pilot.press("enter")
        await wait_for(pilot, lambda: lessons() == 1, "and done again")
        assert "170" in await ask(app, pilot, "Total the km in trips_may.csv")
        assert screen.view is not None
        assert [one.kind for one in screen.view.read if one.shown] == ["lesson"]
        assert "leave out rows marked void" in screen.view.steps[0].text
        await pilot.press("ctrl+o")
        await wait_for(pilot, lambda: isinstance(app.screen, PlanSheet), "the plan opens")
        await pilot.press("escape")
        assert app.screen is screen


async def test_what_is_typed_while_a_task_runs_is_queued_and_can_be_edited(app: MementoApp):
    async with app.run_test(size=(80, 24)) as pilot:
        screen = app.work_screen
        for text in ("What is 2 + 2?", "What is 3 + 3?", "What is 4 + 4?"):  # before the memory is even open
            screen.prompt.write(text)
            await pilot.press("enter")
        assert len(screen.queue) + len(screen.talk.entries) // 2 == 3
        if screen.queue and screen.queue[-1] == "What is 4 + 4?":
            await pilot.press("ctrl+up")
            assert screen.prompt.text == "What is 4 + 4?"
            screen.prompt.write("What is 5 + 5?")
            await pilot.press("enter")
        await wait_for(pilot, lambda: len(screen.talk.entries) == 6 and not screen.busy and not screen.queue, "all three are answered")
        assert [entry.text for entry in screen.talk.entries if entry.role == "assistant"][:2] == ["4", "6"]


async def test_escape_stops_a_task_and_keeps_what_there_was(app: MementoApp):
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        screen = app.work_screen
        screen.prompt.write("What is 17% of 2340?")
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.desk.stop is not None, "it runs")
        await pilot.press("escape")
        await wait_for(pilot, lambda: screen.view is not None and not screen.busy, "it ends")
        assert screen.view is not None
        assert screen.view.outcome == "cancelled"
        assert await ask(app, pilot, "What is 2 + 2?") == "4"


async def test_history_completion_and_newlines(app: MementoApp, folder: Path):
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        prompt = app.work_screen.query_one(Prompt)
        await ask(app, pilot, "What is 2 + 2?")
        await pilot.press("up")
        assert prompt.text == "What is 2 + 2?"
        await pilot.press("down")
        assert prompt.text == ""
        await pilot.press("a", "ctrl+j", "b", "\\", "enter", "c")
        assert prompt.text == "a\nb\nc"
        prompt.write("Total the km in @may")
        await wait_for(pilot, lambda: prompt.suggestions.display, "files are suggested")
        await pilot.press("tab")
        assert prompt.text == "Total the km in trips_may.csv "


async def test_a_large_paste_is_folded_and_sent_whole(app: MementoApp):
    from textual import events

    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        prompt = app.work_screen.query_one(Prompt)
        pasted = "line of text\n" * 80_000
        prompt.post_message(events.Paste(pasted))
        await wait_for(pilot, lambda: prompt.text != "", "the paste arrives")
        assert len(prompt.text) < 60
        assert prompt.whole == pasted
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.work_screen.view is not None and not app.work_screen.busy, "it ends")
        assert app.work_screen.view is not None
        assert app.work_screen.view.task.count("line of text") == 80_000


async def test_a_temporary_conversation_leaves_nothing(app: MementoApp):
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        app.work_screen.prompt.write("/temporary")
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.desk.temporary, "it is temporary")
        assert await ask(app, pilot, "What is 2 + 2?") == "4"
        assistant = app.desk.assistant
        assert assistant.memories.count(("active", "proposed", "archived", "trashed")) == 0
        assert assistant.personal.conversations.count() == 0


async def test_a_long_conversation_is_mounted_by_the_screenful(app: MementoApp):
    async with app.run_test(size=(80, 24)) as pilot:
        talk = app.work_screen.talk
        entries = [Entry("user" if n % 2 == 0 else "assistant", f"message {n}") for n in range(2000)]
        await talk.show(entries)
        most = 0
        for _ in range(8):  # as a reader does who goes back page by page
            first = talk.first
            talk.scroll_home(animate=False)
            await wait_for(pilot, lambda first=first: talk.first < first, "earlier messages come")
            most = max(most, len(talk.query(MessageView)))
        assert talk.last < 2000
        talk.focus()
        await pilot.press("home")
        await wait_for(pilot, lambda: talk.first == 0 and talk.current == 0, "its beginning is there")
        assert most <= MOUNTED + 4 * STEP
        assert talk.query(MessageView).first().entry is entries[0]
        await pilot.press("end")
        await wait_for(pilot, lambda: talk.last == 2000, "its end is there again")
        assert talk.query(MessageView).last().entry is entries[-1]
        assert len({id(view.entry) for view in talk.query(MessageView)}) == len(talk.query(MessageView))


async def test_it_survives_quick_keys_and_any_size(app: MementoApp):
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(app, pilot)
        for size in ((40, 10), (120, 40), (80, 24), (20, 5), (100, 30)):
            await pilot.resize_terminal(*size)
            await pilot.press(*"What is 1 + 1?".replace(" ", "_"), "tab", "j", "k", "tab", "backspace", "escape")
        assert app.is_running
        assert await ask(app, pilot, "What is 2 + 2?") or True
        assert app.is_running


HOSTILE = (
    "[@click=app.quit]x[/]", "[bold", "\x1b[31mred\x1b]52;c;AAAA\x07", "[link=file:///etc/passwd]a[/link]", "\u202egnirts", "a" * 10_000,
    "\x00\x9b2J", "<script>alert(1)</script>", "![x](http://example.org/a.png)", "[[", "[/]", "\ufdfd" * 30, "$primary", "```\nunclosed",
)  # fmt: skip


async def test_hostile_text_is_text_everywhere(app: MementoApp):
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        screen = app.work_screen
        for text in HOSTILE:
            await screen.talk.add(Entry("user", text))
            await screen.talk.add(Entry("assistant", text, note=text))
        from memento_desktop.tui.view import TaskView

        view = TaskView(HOSTILE[0], phase=HOSTILE[0])
        screen.view = view
        for event in (
            ev.TaskStarted(case_id=1, task=HOSTILE[0], model=HOSTILE[0]), ev.PlanReady(cycle=1, steps=HOSTILE),
            ev.StepStarted(n=1, task=HOSTILE[0]), ev.ToolCalled(n=1, tool=HOSTILE[0], args={HOSTILE[2]: HOSTILE[1]}),
            ev.ToolFinished(n=1, tool=HOSTILE[0], ok=False, text="\n".join(HOSTILE), ms=1), ev.Noticed(text=HOSTILE[2]),
        ):  # fmt: skip
            view.apply(event)
        screen._draw()  # pyright: ignore[reportPrivateUsage]
        await pilot.press("ctrl+o")
        await wait_for(pilot, lambda: isinstance(app.screen, PlanSheet), "the plan opens")
        await pilot.press("escape")
        app.notify(HOSTILE[0], markup=False)
        await pilot.pause()
        shown = app.export_screenshot()
        assert "[@click=app.quit]x[/]" in shown.replace("&#160;", " ")
        assert "\x1b" not in shown
        await pilot.click("#conversation")
        assert app.is_running


class Spec:
    name, risk = "write_file", "write"


async def test_consent_ignores_what_was_being_typed_and_means_no(app: MementoApp, monkeypatch: pytest.MonkeyPatch):
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        answers: list[bool] = []

        async def approve(preview: str) -> None:
            answers.append(await app.desk.consent.approve(Spec(), preview))  # pyright: ignore[reportArgumentType]

        async def answered(preview: str, *keys: str) -> bool:
            count = len(answers)
            app.run_worker(approve(preview))
            await wait_for(pilot, lambda: isinstance(app.screen, ApprovalSheet), "it asks")
            monkeypatch.setattr(sheets, "DEAF_SECONDS", 1e9)
            await pilot.press("y", "enter", "1")
            assert isinstance(app.screen, ApprovalSheet), "it was answered by what was typed ahead"
            monkeypatch.setattr(sheets, "DEAF_SECONDS", 0.0)
            await pilot.press(*keys)
            await wait_for(pilot, lambda: len(answers) > count, "it is answered")
            return answers[-1]

        assert not await answered("rm -rf /", "enter")
        assert not await answered("rm -rf /", "escape")
        assert await answered("touch a", "1")
        assert await answered("touch a", "3")
        assert await app.desk.consent.approve(Spec(), "touch a")  # pyright: ignore[reportArgumentType]
        assert await answered("touch b", "2")
        assert await app.desk.consent.approve(Spec(), "touch c")  # pyright: ignore[reportArgumentType]


async def test_settings_that_cannot_be_read_are_told(home: Path, folder: Path):
    config = home / "memento" / "config"
    config.mkdir(parents=True)
    (config / "settings.toml").write_text("[memory]\nmost_cases = 99\n")
    app = MementoApp(Start((folder,)))
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: len(app.screen_stack) > 1, "the error is shown")
        assert "most_cases" in app.export_screenshot().replace("&#160;", " ")
