"""read_document: the right line first, shown plainly, within its limits, and never trusted."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memento_desktop.errors import MementoError
from memento_desktop.sandbox.convert import Limits, convert
from memento_desktop.tools import texts
from memento_desktop.tools.base import Result
from memento_desktop.tools.documents import ReadDocument
from memento_desktop.tools.files import Folders
from memento_desktop.tools.passages import Passage, best, passages, without_unseen, words
from tests.files_made import make_docx, make_pdf, make_xlsx

INVOICE = """# Invoice 4711

**Customer:** Mara Delgado
The total of all fees due to late payment is stated below.

Total due: 1,240.00 EUR
Due date: 9 June 2026

| Item | Qty | Price |
| --- | --- | --- |
| Widget | 3 | 400.00 |
| Express delivery | 1 | 40.00 |

| Order number | 88-1 |
| --- | --- |
| Payment term | 30 days |

Net amount
1,200.00

Discount
€
12.00

Deposit
Rent: 900

Each party may end the agreement with a notice period of three months. Nothing else in this long paragraph matters to anyone at all, \
and it goes on for a while so that it is certainly cut into sentences. The warranty covers two years and begins on the day of \
delivery. After that, repairs are charged.
"""


def first(text: str, find: str) -> str:
    found = best(passages(text), find, 4, 600)
    return found[0].text if found else ""


@pytest.mark.parametrize(
    ("find", "shown"),
    [
        ("total due", "Total due: 1,240.00 EUR"),
        ("Due Date", "Due date: 9 June 2026"),
        ("the customer", "Customer: Mara Delgado"),
        ("customers", "Customer: Mara Delgado"),
        ("invoice", "Invoice 4711"),
        ("payment term", "Payment term: 30 days"),
        ("order number", "Order number: 88-1"),
        ("price widget", "Item: Widget, Qty: 3, Price: 400.00"),
        ("net amount", "Net amount 1,200.00"),
        ("discount", "Discount € 12.00"),
        ("deposit", "Deposit"),
        ("notice period", "Each party may end the agreement with a notice period of three months."),
        ("warranty", "The warranty covers two years and begins on the day of delivery."),
        ("interest rate", ""),
        ("unicorns", ""),
        ("", ""),
        ("?!", ""),
    ],
)
def test_the_line_that_tells_of_it_comes_first(find: str, shown: str) -> None:
    assert first(INVOICE, find) == shown


FORMS = ("{k}: {v}", "{k} - {v}", "{k} {v}", "The {k} is {v}.", "| {k} | {v} |", "{k} = {v}", "Your {k}: {v}", "We agreed the {k} is {v}.")


@pytest.mark.parametrize("form", FORMS)
def test_every_form_that_the_built_in_model_knows(form: str) -> None:
    others = ["Delivery: 3 days", "Start date: 1 May 2026", "The date of the delivery was moved.", "We delivered late."]
    text = "\n".join([*others[:2], form.format(k="delivery date", v="12 June"), *others[2:]])
    found = first(text, "delivery date")
    assert "delivery date" in found
    assert "12 June" in found


def test_a_sentence_broken_over_lines_is_put_together() -> None:
    text = (
        "All parties have read this and they agree that the deadline for the\nfirst draft is 3 May 2026, "
        "unless both of them agree in writing to\nmove it. Later changes are free of charge for as long as nobody minds them.\n"
    )
    found = best(passages(text), "deadline first draft", 4, 600)
    assert found[0].line == 1
    assert found[0].text.endswith("to move it.")
    assert best(passages(text), "later changes", 4, 600)[0].line == 3


def test_limits_hold() -> None:
    text = "\n".join(f"Budget {n}: " + "x" * 250 + f" budget {n} end" for n in range(20))
    found = best(passages(text), "budget", 4, 600)
    assert 1 <= len(found) <= 4
    assert sum(len(passage.text) for passage in found) <= 600
    assert len({passage.text for passage in found}) == len(found)


def test_a_match_deep_in_a_long_line_is_shown_with_its_surroundings() -> None:
    text = "word " * 500 + "the locker code is 4417 and " + "word " * 500
    assert "locker code is 4417" in first(text, "locker code")
    assert len(first(text, "locker code")) <= 300


FORM = """| Order / Rev: | 88-1 | | Cinema: | Downtown |
| --- | --- | --- | --- | --- |
| Deposit: | | | Region: | NORTH |

| Month | Shows | | Net Amount |
| --- | --- | --- | --- |
| May | 48 | NaN | $11.00 |
"""


@pytest.mark.parametrize(
    ("find", "shown"),
    [
        ("cinema", ["Cinema: Downtown"]),
        ("region", ["Region: NORTH"]),
        ("deposit", ["Deposit:"]),
        ("net amount", ["Month: May, Shows: 48, Net Amount: $11.00"]),
    ],
)
def test_forms_laid_out_as_tables(find: str, shown: list[str]) -> None:
    assert [passage.text for passage in best(passages(FORM), find, 4, 600)] == shown


def test_half_of_the_words_are_enough_and_less_is_not() -> None:
    assert first("The deadline is Friday.", "project deadline") == "The deadline is Friday."
    assert first("The deadline is Friday.", "garden project deadline") == ""


def test_words() -> None:
    assert words("The owner's Parties, boxes and check-in: Café buses") == ["owner", "party", "box", "check", "in", "cafe", "buse"]


def test_nothing_unseen_is_left() -> None:
    assert without_unseen("a\x1b[31mb\u202ec\u200bd\x00\x9be\U000e0041\tf\fg") == "a[31mbcde\tf\ng"


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab due:|-*#>[]()._`\n\t Total1€", max_size=300), st.text(alphabet="ab due Total-1", max_size=20))
def test_any_text_gives_passages_in_order(text: str, find: str) -> None:
    found = passages(text)
    assert [passage.line for passage in found] == sorted(passage.line for passage in found)
    assert all(passage.text.strip() and "\n" not in passage.text for passage in found)
    shown = best(found, find, 4, 600)
    assert len(shown) <= 4
    assert sum(len(passage.text) for passage in shown) <= 600


@pytest.fixture
def counted() -> list[Path]:
    return []


def reader(folder: Path, counted: list[Path] | None = None, beginning: int = 3000) -> ReadDocument:
    async def counting(path: Path, limits: Limits, cancelled: asyncio.Event | None) -> str:
        if counted is not None:
            counted.append(path)
        return await convert(path, limits, cancelled)

    return ReadDocument(Folders([folder]), beginning=beginning, converter=counting)


async def read(tool: ReadDocument, path: str, find: str | None = None) -> Result:
    return await tool.call({"path": path} | ({} if find is None else {"find": find}), asyncio.Event())


async def test_an_answer_names_the_file_as_the_owner_does(tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "Invoice.md").write_text(INVOICE)
    tool = reader(tmp_path)
    result = await read(tool, "papers/invoice.md", " due  date ")
    assert result.ok
    assert result.untrusted
    assert result.text.splitlines()[0] == texts.found_lines("papers/Invoice.md", [(7, "Due date: 9 June 2026")])
    missing = await read(tool, "Invoice.md", "unicorn")
    assert missing == Result(texts.nothing_found("papers/Invoice.md", "unicorn"), untrusted=True)
    assert tool.preview({"path": "a.md", "find": "x"}) == "Find x in a.md"
    assert tool.preview({"path": "a.md"}) == "Read a.md"


async def test_without_find_it_is_the_beginning(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("short\n\n\n\n\ntext\n")
    (tmp_path / "b.txt").write_text("\n".join(f"line {n}" for n in range(200)))
    assert (await read(reader(tmp_path), "a.txt")).text == "short\n\ntext"
    result = await read(reader(tmp_path, beginning=100), "b.txt", "")
    *lines, last = result.text.split("\n")
    assert lines[0] == "line 0"
    assert lines[-1].startswith("line ")
    assert last.startswith("… 1,")
    assert last.endswith("more characters; say what to find in them.")


async def test_a_document_is_converted_once_until_it_changes(tmp_path: Path, counted: list[Path]) -> None:
    path = tmp_path / "a.txt"
    path.write_text("code: 1")
    tool = reader(tmp_path, counted)
    assert "code: 1" in (await read(tool, "a.txt", "code")).text
    assert "code: 1" in (await read(tool, "a.txt", "code")).text
    assert len(counted) == 1
    path.write_text("code: 2")
    os.utime(path, ns=(1, 1))
    assert "code: 2" in (await read(tool, "a.txt", "code")).text
    assert len(counted) == 2


async def test_what_cannot_be_read_is_an_untrusted_error(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_text("not a zip")
    result = await read(reader(tmp_path), "a.docx", "x")
    assert (result.ok, result.untrusted) == (False, True)
    assert "a.docx is not a Word document" in result.text
    with pytest.raises(MementoError, match=r"There is no file b\.docx here\. Files: a\.docx\."):
        await read(reader(tmp_path), "b.docx", "x")


async def test_real_documents(tmp_path: Path) -> None:
    make_docx(tmp_path / "lease.docx", ["Lease", "The monthly rent is 900 EUR."], [["Deposit", "1,800 EUR"], ["Landlord", "Ivy Vorsal"]])
    make_pdf(tmp_path / "bill.pdf", ["Bill", "Total due", "1,240.00", "Due date: 9 June 2026"])
    make_xlsx(tmp_path / "stock.xlsx", [["Item", "Weight", "Shelf"], ["drill", 2.5, "B7"], ["tent", 4.5, "A1"]])
    tool = reader(tmp_path)
    asked = {
        ("lease.docx", "rent"): "The monthly rent is 900 EUR.",
        ("lease.docx", "deposit"): "Deposit: 1,800 EUR",
        ("lease.docx", "landlord"): "Landlord: Ivy Vorsal",
        ("bill.pdf", "total due"): "Total due 1,240.00",
        ("bill.pdf", "due date"): "Due date: 9 June 2026",
        ("stock.xlsx", "tent"): "Item: tent, Weight: 4.5, Shelf: A1",
    }
    await asyncio.gather(*(read(tool, path) for path in {path for path, _ in asked}))
    got = {(path, find): (await read(tool, path, find)).text.split(" [")[0] for path, find in asked}
    assert got == asked


def test_a_huge_text_is_searched_quickly() -> None:
    text = "Some words of no interest stand here.\n" * 50_000 + "locker code: 4417\n"
    found = best(passages(text), "locker code", 4, 600)
    assert found == [Passage(50_001, "locker code: 4417")]
