"""What the browser finds: by example, and against a plain loop over all memories."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.browsing.browser import Browser, Row
from memento_desktop.memory.browsing.query import parse
from memento_desktop.memory.history import History
from memento_desktop.memory.memories import Memories
from tests.memory.browsing.conftest import NOW, dated, reading, task


def titles(browser: Browser, query: str) -> list[str]:
    wanted = parse(query, NOW)
    rows = browser.page(wanted, 0, 100)
    assert len(rows) == browser.count(wanted)
    assert [row.id for row in rows] == browser.ids(wanted)
    assert [browser.position(wanted, row.id) for row in rows] == list(range(len(rows)))
    return [row.title for row in rows]


@pytest.fixture
def filled(bank: Bank, memories: Memories) -> dict[str, int]:
    numbers = {text: memories.keep(text).id for text in ("bike lock 4471", "running shoes", "the university library")}
    for n, number in enumerate(numbers.values(), 1):
        dated(bank, number, f"2026-05-0{n}")
    numbers["total km"] = task(bank, memories, "total km", 0.2, at="2026-04-01")
    numbers["sum miles"] = task(bank, memories, "sum miles", 0.9, "self", at="2026-04-02")
    numbers["old bike"] = dated(bank, memories.keep("old bike").id, "2025-01-01")
    memories.set_status(numbers["old bike"], "archived", "archive")
    numbers["gone bike"] = dated(bank, memories.keep("gone bike").id, "2025-01-02")
    memories.trash(numbers["gone bike"])
    return numbers


def test_the_newest_first_without_trash(browser: Browser, filled: dict[str, int]):
    everything = ["the university library", "running shoes", "bike lock 4471", "sum miles", "total km", "old bike"]
    assert titles(browser, "") == everything
    browser.warm()
    assert titles(browser, "") == everything
    assert titles(browser, "status:trash") == ["gone bike"]
    assert titles(browser, f"id:{filled['gone bike']}") == ["gone bike"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("bike", ["bike lock 4471", "old bike"]),
        ("bi", ["bike lock 4471", "old bike"]),
        ("bi ", []),
        ("bike -lock", ["old bike"]),
        ("bike status:archived", ["old bike"]),
        ('"lock 4471"', ["bike lock 4471"]),
        ('"4471 lock"', []),
        ("run", ["running shoes"]),
        ("runni", ["running shoes"]),
        ("universi", ["the university library"]),
        ("universit", ["the university library"]),
        ("Café", []),
        ("kind:case", ["sum miles", "total km"]),
        ("-kind:fact", ["sum miles", "total km"]),
        ("reward<0.5", ["total km"]),
        ("-reward<0.5 kind:case", ["sum miles"]),
        ("reward:none", []),
        ("outcome:done,failed sort:title", ["sum miles", "total km"]),
        ("model:NAN", ["sum miles", "total km"]),
        ("added:2026-05", ["the university library", "running shoes", "bike lock 4471"]),
        ("added:before:2026", ["old bike"]),
        ("sort:title kind:fact", ["bike lock 4471", "old bike", "running shoes", "the university library"]),
        ("sort:-title kind:fact bike", ["old bike", "bike lock 4471"]),
        ("sort:reward kind:case", ["sum miles", "total km"]),
        ("sort:-reward", ["total km", "sum miles", "the university library", "running shoes", "bike lock 4471", "old bike"]),
        ("sort:relevance bike lock", ["bike lock 4471"]),
        ("origin:assistant", ["sum miles", "total km"]),
        ("trust<0.5", []),
        ("pool:none kind:case", ["sum miles", "total km"]),
        ("pool:any", []),
        ("is:edited", []),
    ],
)
def test_filters(browser: Browser, filled: dict[str, int], query: str, found: list[str]):
    assert titles(browser, query) == found


def test_words_of_other_scripts(browser: Browser, memories: Memories):
    memories.keep("東京タワー")
    archived = memories.keep("Zürich café, naïve")
    memories.set_status(archived.id, "archived", "archive")
    assert titles(browser, "京タ") == ["東京タワー"]
    assert titles(browser, "東") == ["東京タワー"]
    memories.keep("表A鷗 no no")
    for phrase in ("表A", "A鷗", "A鷗 no", "no no", "鷗"):
        assert titles(browser, f'"{phrase}"') == ["表A鷗 no no"]
    assert titles(browser, '"東京タ"') == ["東京タワー"]
    assert titles(browser, '"no no no"') == []
    assert titles(browser, "zurich cafe") == ["Zürich café, naïve"]


@pytest.mark.parametrize(
    "text",
    [
        'a" OR b',
        "NEAR(",
        "*",
        "title:",
        "^bike",
        "col : x",
        "a AND",
        '"',
        "-",
        "'",
        "bike\0lock",
        "\ud800",
        "a\ud800b",
        "model:\ud800",
        "pool:\ud800",
    ],
)
def test_nothing_typed_is_a_command_of_the_index(browser: Browser, filled: dict[str, int], text: str):
    for query in (text, f'"{text}"', f"-{text}"):
        try:
            browser.count(parse(query))
        except MementoError as error:
            assert error.hint


def test_what_was_read_and_what_helped(bank: Bank, memories: Memories, browser: Browser, filled: dict[str, int]):
    lock, shoes, library = (filled[text] for text in ("bike lock 4471", "running shoes", "the university library"))
    good, bad, judged = (task(bank, memories, f"task {n}", reward, source)
                         for n, (reward, source) in enumerate(((1.0, "owner"), (0.0, "owner"), (1.0, "self"))))  # fmt: skip
    reading(bank, good, lock, shoes, at="2026-05-12")
    reading(bank, bad, lock, at="2026-05-14")
    reading(bank, judged, lock, at="2026-05-13")
    reading(bank, bad, shoes, followed=0.1)
    reading(bank, good, library, shown=False, reason="not similar enough")
    assert titles(browser, "used>2") == ["bike lock 4471"]
    assert titles(browser, "used:0 kind:fact") == ["the university library", "old bike"]
    assert titles(browser, "helped:1 kind:fact") == ["running shoes", "bike lock 4471"]
    assert titles(browser, "harmed:1") == ["bike lock 4471"]
    assert titles(browser, "used-last:never kind:fact") == ["the university library", "old bike"]
    assert titles(browser, "used-last:2026-05-14") == ["bike lock 4471"]
    assert titles(browser, "sort:read kind:fact")[:2] == ["bike lock 4471", "running shoes"]
    assert titles(browser, "sort:used kind:fact")[:2] == ["bike lock 4471", "running shoes"]
    row = browser.page(parse("bike lock"), 0, 1)[0]
    assert (row.read, row.helped, row.harmed, row.last_used) == (3, 1, 1, "2026-05-14T10:00:00.000000+00:00")
    fresh = Browser(bank, memories).row(lock)
    assert fresh == row


def test_a_leech_is_often_read_and_never_helps(bank: Bank, memories: Memories, browser: Browser, filled: dict[str, int]):
    for n in range(5):
        assert titles(browser, "is:leech") == []
        reading(bank, task(bank, memories, f"task {n}", 0.0), filled["running shoes"])
    assert titles(browser, "is:leech") == ["running shoes"]
    reading(bank, task(bank, memories, "well done", 1.0), filled["running shoes"])
    assert titles(browser, "is:leech") == []


def test_a_merged_lessons_readings_count_for_the_one_that_stands_for_it(bank: Bank, memories: Memories, browser: Browser):
    kept, gone = (memories.keep(f"lesson {n}", kind="lesson").id for n in (1, 2))
    reading(bank, task(bank, memories, "a", 1.0), gone)
    bank.rows("UPDATE memory SET status = 'superseded', superseded_by = ? WHERE id = ?", kept, gone)
    assert titles(browser, "helped:1 kind:lesson") == ["lesson 1"]
    assert browser.row(kept).helped == 1


def test_it_follows_every_change_and_its_undo(bank: Bank, memories: Memories, browser: Browser, history: History, filled: dict[str, int]):
    browser.warm()
    new = memories.keep("a bike for Ruth")
    assert "a bike for Ruth" in titles(browser, "bike")
    memories.edit(new.id, "a boat for Ruth")
    assert "a boat for Ruth" in titles(browser, "sort:title")
    assert titles(browser, "is:edited") == ["a boat for Ruth"]
    memories.trash(new.id)
    assert titles(browser, "boat") == []
    assert titles(browser, "boat is:trash") == ["a boat for Ruth"]
    for _ in range(3):
        history.undo()
    assert titles(browser, "Ruth") == titles(browser, "Ruth is:trash") == []
    for _ in range(2):
        history.redo()
    assert titles(browser, "Ruth") == ["a boat for Ruth"]
    with pytest.raises(RuntimeError), bank.change("owner", "broken off"):
        bank.rows("UPDATE memory SET pinned = 1 WHERE id = ?", new.id)
        assert titles(browser, "is:pinned") == ["a boat for Ruth"]
        raise RuntimeError
    assert titles(browser, "is:pinned") == []
    memories.purge(new.id)
    assert titles(browser, "Ruth") == []


def test_it_sees_what_another_process_wrote_and_no_other_profile(bank: Bank, browser: Browser, filled: dict[str, int]):
    browser.warm()
    before = browser.count(parse(""))
    other = Bank(bank.path)
    Memories(other).keep("from elsewhere")
    other.use("work")
    Memories(other).keep("a bike at work")
    other.close()
    assert browser.count(parse("")) == before + 1
    assert titles(browser, "elsewhere") == ["from elsewhere"]
    assert "a bike at work" not in titles(browser, "bike")
    bank.use("work")
    assert titles(browser, "") == titles(browser, "bike") == ["a bike at work"]


def test_two_browsers_of_one_bank_do_not_disturb_each_other(bank: Bank, memories: Memories, filled: dict[str, int]):
    one, other = Browser(bank, memories), Browser(bank, memories)
    assert titles(one, "bike") == titles(other, "bike")
    memories.restore(filled["gone bike"])
    assert titles(one, "bike") == titles(other, "bike") == ["bike lock 4471", "gone bike", "old bike"]


def test_a_place_that_is_not_there(browser: Browser, filled: dict[str, int]):
    assert browser.position(parse("bike"), filled["running shoes"]) is None
    with pytest.raises(MementoError, match="no memory 999"):
        browser.row(999)
    assert browser.page(parse(""), 5, 60)[0].title == "old bike"
    assert browser.page(parse(""), 60, 60) == []


# against a plain loop

KINDS = ("fact", "lesson", "preference")
MADE = st.lists(
    st.tuples(
        st.sampled_from(KINDS), st.sampled_from(("red", "green", "red green", "blue")), st.sampled_from(("active", "archived", "trashed")),
        st.booleans(), st.integers(1, 9),
    ),
    max_size=8,
)  # fmt: skip
CONDITIONS: dict[str, Callable[[Row], bool]] = {
    "kind:fact": lambda row: row.kind == "fact",
    "kind:lesson,preference": lambda row: row.kind in ("lesson", "preference"),
    "status:archived": lambda row: row.status == "archived",
    "is:trash,pinned": lambda row: row.status == "trashed" or row.pinned,
    "is:pinned": lambda row: row.pinned,
    "added:2026-05-04..2026-05-06": lambda row: "2026-05-04" <= row.recorded_at[:10] <= "2026-05-06",
    "green ": lambda row: "green" in row.title,
    '"red green"': lambda row: row.title.startswith("red green"),
}


@settings(max_examples=40, deadline=None)
@given(
    MADE,
    st.lists(st.tuples(st.sampled_from(sorted(CONDITIONS)), st.booleans()), max_size=3),
    st.sampled_from(("recorded", "title", "kind")),
)
def test_it_finds_what_a_loop_over_all_memories_finds(made: list[tuple[Any, ...]], wanted: list[tuple[str, bool]], sort: str):
    with tempfile.TemporaryDirectory() as folder:
        bank = Bank(Path(folder) / "b.sqlite")
        memories = Memories(bank)
        browser = Browser(bank, memories)
        for n, (kind, text, status, pinned, day) in enumerate(made):
            number = memories.keep(f"{text} {n}", kind=kind).id
            bank.rows("UPDATE memory SET pinned = ? WHERE id = ?", int(pinned), dated(bank, number, f"2026-05-{day:02}"))
            memories.set_status(number, status, status)
            if n == 3:
                browser.warm()  # the rest is followed
        query = " ".join(f"{'-' if negated else ''}{text.strip()}" for text, negated in wanted) + f" sort:{sort} "
        rows: list[Row] = [browser.row(memory["id"]) for memory in bank.rows("SELECT id FROM memory")]
        trash = any(text == "is:trash,pinned" and not negated for text, negated in wanted)
        rows = [row for row in rows if (trash or row.status != "trashed") and all(CONDITIONS[text](row) is not no for text, no in wanted)]
        rows.sort(key=lambda row: (row.recorded_at, row.id), reverse=True)
        if sort == "title":
            rows.sort(key=lambda row: row.title.casefold())
        elif sort == "kind":
            rows.sort(key=lambda row: ("case", "lesson", "fact", "preference").index(row.kind))
        assert browser.ids(parse(query)) == [row.id for row in rows]
        assert browser.page(parse(query)) == rows
        bank.close()
