"""The review by keyboard: a card at a time, each decision by one key, and the way back."""

from __future__ import annotations

from textual.pilot import Pilot
from textual.widgets import Static, TextArea

from memento_desktop.memory.records import Source
from memento_desktop.tui.app import MementoApp
from memento_desktop.tui.screens.review import ReviewScreen
from memento_desktop.tui.screens.sheets import TextSheet
from tests.tui.conftest import opened, wait_for
from tests.tui.quiet import quiet as quiet

HOSTILE = "[@click=app.quit]x[/] \x1b[31mred\x1b[0m \u202eover\u200b " + "漢字" * 40


async def reviewing(app: MementoApp, pilot: Pilot[None]) -> ReviewScreen:
    """The review, with its first card."""
    await opened(app, pilot)
    await pilot.press("f9")
    await wait_for(pilot, lambda: isinstance(app.screen, ReviewScreen) and app.screen.queue is not None, "the queue is read")
    screen = app.screen
    assert isinstance(screen, ReviewScreen)
    await settled(pilot, screen)
    return screen


async def settled(pilot: Pilot[None], screen: ReviewScreen) -> None:
    def shown() -> bool:
        item = screen.item
        return (screen.card is None) if item is None else bool(screen.card and screen.card.item == item)

    await wait_for(pilot, lambda: shown() and not screen._deciding, "the card of the question is there")


def text(screen: ReviewScreen, name: str) -> str:
    return str(screen.query_one(f"#{name}", Static).visual)


async def press(pilot: Pilot[None], screen: ReviewScreen, key: str, said: str) -> None:
    await pilot.press(key)
    await wait_for(pilot, lambda: said in text(screen, "said"), f"{key} says {said!r}")
    await settled(pilot, screen)


def propose(app: MementoApp, body: str, quote: str = "", ref: str = "notes.md") -> int:
    memories = app.desk.assistant.memories
    number = memories.keep(body, origin="import", status="proposed").id
    with memories.bank.change("import", "source") as change:
        change.touch(number)
        memories.add_source(number, Source(ref, quote))
    return number


async def test_accept_refuse_edit_skip_and_back(app: MementoApp):
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        memories = app.desk.assistant.memories
        a, b, c, d = (propose(app, f"The {name} is green", f"the {name}: green") for name in ("door", "gate", "shed", "roof"))
        screen = await reviewing(app, pilot)
        assert [item.memory.id for item in screen.queue.items] == [d, c, b, a] if screen.queue else False
        assert "The roof is green" in text(screen, "first") and "“the roof: green”  notes.md" in text(screen, "from")
        await press(pilot, screen, "a", "Used from now on: “The roof is green”")
        assert (memories.get(d).status, screen.item and screen.item.memory.id) == ("active", c)
        await press(pilot, screen, "x", "Thrown away")
        assert (memories.get(c).status, screen.item and screen.item.memory.id) == ("trashed", b)
        await press(pilot, screen, "n", "Left for later")
        assert screen.item and screen.item.memory.id == a
        await press(pilot, screen, "u", "Taken back: reject")
        assert (memories.get(c).status, screen.item and screen.item.memory.id) == ("proposed", c)
        await press(pilot, screen, "U", "Done again: reject")
        await wait_for(
            pilot, lambda: [i.memory.id for i in screen.queue.items] == [a, b] if screen.queue else False, "what was left for later is last"
        )
        await settled(pilot, screen)
        await pilot.press("e")
        await wait_for(pilot, lambda: isinstance(app.screen, TextSheet), "a sheet opens")
        app.screen.query_one(TextArea).load_text(" ")
        await pilot.press("ctrl+s")
        await wait_for(pilot, lambda: "is empty" in str(app.screen.query(".hint").first(Static).visual), "an empty text is refused")
        app.screen.query_one(TextArea).load_text("The door is blue")
        await pilot.press("ctrl+s")
        await wait_for(pilot, lambda: app.screen is screen and memories.get(a).status == "active", "it is accepted in these words")
        assert memories.get(a).body == "The door is blue"
        await wait_for(pilot, lambda: len(screen.queue.items if screen.queue else ()) == 1, "one is left")
        assert b == (screen.item.memory.id if screen.item else 0)


async def test_a_conflict_is_decided_by_one_key(app: MementoApp):
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(app, pilot)
        assistant = app.desk.assistant
        old = assistant.personal.curator.remember("My locker code is 77").memory.id
        assistant.memories.edit(old, "My locker code is 78")
        new = assistant.personal.curator.remember("My locker code is 99").memory.id
        screen = await reviewing(app, pilot)
        assert "My locker code is 78" in text(screen, "first") and "My locker code is 99" in text(screen, "second")
        left, right = screen.query_one("#first"), screen.query_one("#second")
        assert left.region.y == right.region.y and left.region.right <= right.region.x

        def holds(number: int) -> bool:
            memory = assistant.memories.get(number)
            return memory.status == "active" and memory.valid_to is None

        await pilot.press("a", "x")  # which of the two is what the owner must say
        for key, first, second in (("1", True, False), ("2", False, True), ("b", True, True)):
            await pilot.press(key)
            await wait_for(pilot, lambda: screen.queue is not None and not screen.queue.items, f"{key} decides it")
            await settled(pilot, screen)
            assert (holds(old), holds(new)) == (first, second)
            await press(pilot, screen, "u", "Asked again" if key == "b" else "Taken back")
            assert screen.item and screen.item.what == "conflict"


async def test_two_that_say_the_same_become_one(app: MementoApp):
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        memories = app.desk.assistant.memories
        short = memories.keep("Tom from next door keeps our spare set").id
        long = memories.keep("Tom from next door keeps our spare set of keys").id
        screen = await reviewing(app, pilot)
        assert "Do these say the same?" in text(screen, "question")
        assert screen.query_one("#first").region.bottom <= screen.query_one("#second").region.y  # one above the other
        await press(pilot, screen, "s", "One now")
        assert memories.get(short).superseded_by == long
        await press(pilot, screen, "u", "Taken back")
        await press(pilot, screen, "b", "Left as they are")
        assert screen.item is None
        await press(pilot, screen, "A", "1 question is asked again")
        assert screen.item and screen.item.what == "duplicate"


async def test_no_more_than_ten_at_a_time_and_quick_keys_decide_nothing_unseen(app: MementoApp):
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        for n in range(14):
            propose(app, f"Number {n} of the list")
        screen = await reviewing(app, pilot)
        assert len(screen.queue.items if screen.queue else ()) == 10
        assert "more behind" in text(screen, "head")
        before = app.desk.assistant.personal.review.count()
        assert screen._decisions is not None
        waiting, decided = screen._decisions.accept, 0

        def counted(item: object) -> str:
            nonlocal decided
            decided += 1
            return waiting(item)  # pyright: ignore[reportArgumentType]

        screen._decisions.accept = counted  # pyright: ignore[reportAttributeAccessIssue]
        screen.action_accept()
        for _ in range(5):  # before the next card can be there
            screen.action_accept()
        await wait_for(pilot, lambda: decided == 1 and not screen._deciding, "one decision")
        assert app.desk.assistant.personal.review.count() == before - 1


async def test_hostile_text_is_shown_as_text(app: MementoApp):
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        propose(app, HOSTILE, HOSTILE, HOSTILE)
        propose(app, "y" * 10_000, "z" * 10_000)
        screen = await reviewing(app, pilot)
        assert "4,000 more characters" in text(screen, "first")
        await pilot.press("j")
        await settled(pilot, screen)
        shown = text(screen, "first") + text(screen, "from")
        assert "[@click=app.quit]x[/]" in shown and "\x1b" not in shown and "\u202e" not in shown
        for width, height in ((40, 10), (120, 40), (80, 24)):
            await pilot.resize_terminal(width, height)
            await pilot.pause()
            assert all(widget.region.right <= width for widget in screen.query("Static") if widget.display)
        await press(pilot, screen, "x", "Thrown away")


async def test_an_empty_review_says_what_would_come_and_follows_changes_from_elsewhere(app: MementoApp):
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await reviewing(app, pilot)
        assert "Nothing waits for you" in text(screen, "question")
        for key in "axe12sbn":
            await pilot.press(key)
        number = propose(app, "The door is green")
        await app.changed()
        await settled(pilot, screen)
        assert screen.item and screen.item.memory.id == number
        app.desk.assistant.memories.edit(number, "The door is red")
        await pilot.press("a")  # what was asked about is not what is there
        await wait_for(pilot, lambda: "red" in text(screen, "first"), "it is asked anew")
        assert app.desk.assistant.memories.get(number).status == "proposed"
        await pilot.press("escape")
        assert app.screen is app.work_screen
