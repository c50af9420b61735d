"""Passages: cut where a reader would cut, nothing lost, each with its place, and as few changed as possible when a document is."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memento_desktop.memory.documents.chunking import LEAST, LONGEST_WORD, MOST, Chunk, chunks
from memento_desktop.memory.documents.matching import paired

HANDBOOK = """---
owner: Ruth
---
# Handbook

Welcome to all of you.

## Travel ##
### Hotels
Up to 120 EUR a night.

```sh
# no heading
```
### Trains
- second class
- first class from 4 hours

Leave
-----
25 days a year.

**Sickness:**

Call before nine.

## To be written
"""


def found(text: str, name: str) -> list[tuple[str, str, str]]:
    return [(" › ".join(chunk.headings), chunk.text, chunk.place) for chunk in chunks(text, name)]


def test_markdown_is_cut_along_its_headings():
    assert found(HANDBOOK, "handbook.md") == [
        ("", "---\nowner: Ruth\n---", "lines 1–3"),
        ("Handbook", "Welcome to all of you.", "line 6"),
        ("Handbook › Travel › Hotels", "Up to 120 EUR a night.\n\n```sh\n# no heading\n```", "lines 10–14"),
        ("Handbook › Travel › Trains", "- second class\n- first class from 4 hours", "lines 16–17"),
        ("Handbook › Leave", "25 days a year.", "line 21"),
        ("Handbook › Leave › Sickness", "Call before nine.", "line 25"),
        ("Handbook › To be written", "To be written", "line 27"),
    ]


def test_a_plain_text_shows_its_headings_in_capitals_and_numbers():
    text = "TRAVEL POLICY\n\n1. Scope\n\nAll staff.\n\n1.1 Hotels\n\nUp to 120 EUR.\n\nTO BUY\n\n1. Milk\n\n2. Bread\n\nThen go home."
    assert [(path, body) for path, body, _ in found(text, "policy.txt")] == [
        ("TRAVEL POLICY › 1. Scope", "All staff."),
        ("TRAVEL POLICY › 1. Scope › 1.1 Hotels", "Up to 120 EUR."),
        ("TO BUY", "1. Milk\n\n2. Bread\n\nThen go home."),
    ]


def test_places_are_called_what_the_format_calls_them():
    assert found("first\n\n\fsecond\fthird", "a.pdf") == [("", "first\n\nsecond\n\nthird", "pages 1–3")]
    assert found("\ffirst\n\n\f\n\fthird", "a.pdf") == [("", "first\n\nthird", "pages 1–3")]
    assert found("who knows where", "a.pdf") == [("", "who knows where", "line 1 of its text")]
    slides = "\n\n<!-- Slide number: 1 -->\n# Plan\nBuy it\n\n<!-- Slide number: 2 -->\nNo title here"
    assert found(slides, "a.pptx") == [("Plan", "Buy it", "slide 1"), ("", "No title here", "slide 2")]
    sheet = "## Trips\n| Ort | km | Unnamed: 2 |\n| --- | --- | --- |\n| Bern | 12 | NaN |\n| NaN | NaN | NaN |\n| Thun | 7 | x |\n"
    assert found(sheet, "a.xlsx") == [("Trips", "Ort: Bern; km: 12\nOrt: Thun; km: 7; x", "sheet Trips, rows 2–4")]
    assert found("Ort;km\nBern;12\nThun;7\n", "a.csv") == [("", "Ort: Bern; km: 12\nOrt: Thun; km: 7", "rows 2–3")]
    assert found("Hello\n\nworld", "a.docx") == [("", "Hello\n\nworld", "lines 1–3 of its text")]


def test_a_passage_ends_with_its_page_where_it_can():
    pages = ["\n\n".join(f"{page} {n} " + "word " * 30 for n in range(5)) for page in ("one", "two", "three")]
    assert [chunk.place for chunk in chunks("\f" + "\n\f".join(pages), "a.pdf")] == ["page 1", "page 2", "page 3"]


def test_a_table_without_names_keeps_its_first_row():
    assert found("1,2\n3,4\n", "a.csv") == [("", "1 | 2\n3 | 4", "rows 1–2")]
    assert found("Ort,km\n", "a.csv") == [("", "Ort | km", "row 1")]


def test_a_table_that_is_none_keeps_its_lines():
    assert found("a,b\n1,2,3,4\n", "ragged.csv") == [("", "a,b\n1,2,3,4", "lines 1–2")]


def test_each_part_of_a_long_row_says_whose_row_it_is():
    row = "Name;Notes\nRuth;" + "alpha beta " * 300
    parts = [chunk.text for chunk in chunks(row, "a.csv")]
    assert len(parts) > 2
    assert all(part.startswith("Name: Ruth; ") for part in parts)


def test_a_web_page_loses_addresses_that_lead_nowhere_from_here():
    text = '[Skip](#main)\n\n[ ]\n\nSee [our rules](/rules/a_(b) "Rules") and [theirs](https://example.org/x).'
    assert found(text, "a.html") == [("", "Skip\n\nSee our rules and [theirs](https://example.org/x).", "lines 1–5 of its text")]


def test_what_nobody_can_see_is_not_remembered():
    assert found("pay\u200b 10\u202e EUR\U000e0041 \ud800", "a.md") == [("", "pay 10 EUR ?", "line 1")]


WORDS = st.lists(st.text("abcdefghij", min_size=1, max_size=12), min_size=1, max_size=40).map(" ".join)
PARAGRAPHS = st.lists(
    st.one_of(
        WORDS,
        WORDS.map(lambda text: text.capitalize() + "."),
        WORDS.map(lambda text: f"- {text}"),
        st.text("漢字。", min_size=1, max_size=900),
    ),
    max_size=40,
)


@given(PARAGRAPHS, st.sampled_from(["a.md", "a.txt", "a.json", "a.pdf"]))
@settings(max_examples=60, deadline=None)
def test_nothing_is_lost_and_no_word_is_cut(paragraphs: list[str], name: str):
    text = "\n\n".join(paragraphs)
    made = chunks(text, name)
    assert "".join(re.findall(r"\w", "".join(chunk.text for chunk in made))) == "".join(re.findall(r"\w", text))
    assert all(0 < len(chunk.text) <= max(MOST, LONGEST_WORD) for chunk in made)
    spaced = {word for chunk in made for word in re.findall(r"[a-j]+", chunk.text.lower())}
    assert spaced == set(re.findall(r"[a-j]+", text.lower()))
    assert [chunk.text for chunk in made if chunk.text != chunk.text.strip("\n")] == []


def lines_of(chunk: Chunk) -> tuple[int, int]:
    numbers = [int(number) for number in re.findall(r"\d+", chunk.place)]
    return numbers[0], numbers[-1]


@given(PARAGRAPHS)
@settings(max_examples=40, deadline=None)
def test_a_place_is_where_the_passage_stands(paragraphs: list[str]):
    text = "\n\n".join(paragraphs)
    lines = text.split("\n")
    for chunk in chunks(text, "a.md"):
        first, last = lines_of(chunk)
        there = " ".join("\n".join(lines[first - 1 : last]).split())
        assert " ".join(chunk.text.split())[:40] in there
        assert " ".join(chunk.text.split())[-40:] in there


def changed_by_one_paragraph(seed: int) -> int:
    """How many passages of a document of forty are others after one paragraph was put in somewhere."""
    random = Random(seed)
    paragraphs = [" ".join(str(random.randint(0, 9999)) for _ in range(random.randint(5, 60))) for _ in range(200)]
    at = random.randint(0, 200)
    before = chunks("\n\n".join(paragraphs), "a.md")
    kept = {
        chunk.text for chunk in chunks("\n\n".join([*paragraphs[:at], "Something that was not there before.", *paragraphs[at:]]), "a.md")
    }
    assert len(before) > 30
    assert sum(LEAST <= len(chunk.text) <= MOST for chunk in before) >= len(before) - 1
    return sum(chunk.text not in kept for chunk in before)


def test_an_edit_moves_only_the_borders_near_it():
    """Cutting each passage as long as it may be would change 2.5 on average, and 22 at worst: measured once on like texts."""
    changed = [changed_by_one_paragraph(seed) for seed in range(40)]
    assert sum(changed) / len(changed) < 1.9
    assert max(changed) <= 12


@pytest.mark.parametrize("name", ["a.md", "a.txt", "a.pdf", "a.csv", "a.xlsx", "a.pptx", "a.html", "a.json", "noending"])
@given(st.text(max_size=400))
@settings(max_examples=25, deadline=None)
def test_no_text_breaks_it(name: str, text: str):
    for chunk in chunks(text, name):
        assert chunk.text.strip()
        assert chunk.place
        chunk.text.encode()


def test_versions_of_a_passage_are_paired():
    old = [("A", "the hotel limit is 120 EUR a night"), ("A", "breakfast is included in the price"), ("B", "alpha"), ("C", "gone")]
    new = [
        ("A", "breakfast is never included in the price"),
        ("A", "the hotel limit is 150 EUR a night"),
        ("B", "omega"),
        ("D", "brand new"),
    ]
    assert paired(old, new) == [(1, 0), (0, 1), (2, 2)]
    assert paired([], new) == []
    assert paired(old, []) == []
