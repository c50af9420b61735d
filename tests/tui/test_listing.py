"""The list of rows: widths, the mark, what folds, what hostile text becomes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult

from memento_desktop.tui.widgets.listing import Column, Listing, Row, fitted, one_line

COLUMNS = (Column("title", title="title"), Column("from", 10, room=50, title="from"), Column("age", 6, right=True, title="age"))


class Alone(App[None]):
    def compose(self) -> ComposeResult:
        yield Listing(COLUMNS, empty="Nothing.")


def rows(*keys: str) -> list[Row]:
    return [Row(key, {"title": f"row {key}", "from": "here", "age": "3 d"}) for key in keys]


def lines(listing: Listing) -> list[str]:
    return [listing.render_line(y).text for y in range(listing.size.height)]


@given(st.text(max_size=60), st.integers(1, 40), st.booleans())
def test_any_text_takes_exactly_its_cells(text: str, width: int, right: bool) -> None:
    line = one_line(text)
    assert cell_len(fitted(line, width, right)) == width
    assert "\n" not in line and "\x1b" not in line


async def test_the_mark_stays_on_its_row_when_rows_come_and_go() -> None:
    app = Alone()
    async with app.run_test(size=(80, 12)) as pilot:
        listing = app.query_one(Listing)
        listing.show(rows("a", "b", "c"))
        listing.focus()
        await pilot.press("down", "down")
        assert listing.marked and listing.marked.key == "c"
        listing.show(rows("x", "y", "c", "a"))
        assert listing.marked.key == "c"
        listing.show(rows("x", "y"))
        assert listing.marked.key == "y"
        listing.show([])
        assert listing.marked is None and "Nothing." in lines(listing)[1]


async def test_headings_are_stepped_over_in_both_directions() -> None:
    app = Alone()
    async with app.run_test(size=(80, 12)) as pilot:
        listing = app.query_one(Listing)
        head = Row("head", {"title": "a heading"}, heading=True)
        listing.show([head, *rows("a"), head, *rows("b")])
        listing.focus()
        seen = [listing.marked.key if listing.marked else ""]
        for key in ("down", "down", "up", "up", "end", "home"):
            await pilot.press(key)
            seen.append(listing.marked.key if listing.marked else "")
        assert seen == ["a", "b", "b", "a", "a", "b", "a"]


async def test_columns_fold_away_and_the_marked_row_stays_in_sight() -> None:
    app = Alone()
    async with app.run_test(size=(80, 12)) as pilot:
        listing = app.query_one(Listing)
        listing.show(rows(*(str(n) for n in range(500))))
        listing.focus()
        await pilot.press("end")
        assert "row 499" in lines(listing)[-1] and "here" in lines(listing)[-1]
        await pilot.resize_terminal(40, 10)
        await pilot.pause()
        assert "row 499" in lines(listing)[-1] and "here" not in "".join(lines(listing))
        await pilot.press("pageup", "home")
        assert "row 0" in lines(listing)[1]


async def test_a_click_marks_and_a_second_one_chooses() -> None:
    chosen: list[str] = []

    class Listening(Alone):
        def on_listing_chosen(self, event: Listing.Chosen) -> None:
            chosen.append(event.row.key)

    app = Listening()
    async with app.run_test(size=(80, 12)) as pilot:
        listing = app.query_one(Listing)
        listing.show([Row("a", {"title": "two lines"}, below="the second"), *rows("b")])
        await pilot.click(Listing, offset=(3, 3))
        assert listing.marked and listing.marked.key == "b" and chosen == []
        await pilot.click(Listing, offset=(3, 2))
        await pilot.click(Listing, offset=(3, 1))
        assert chosen == ["a"]
