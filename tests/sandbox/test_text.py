"""Formats and text files: content over names, encodings, delimiters."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memento_desktop.errors import MementoError
from memento_desktop.sandbox.formats import recognise
from memento_desktop.sandbox.textfile import decoded, table


@pytest.mark.parametrize(
    ("name", "head", "found"),
    [
        ("a.txt", b"hello", "text"),
        ("a.md", b"%PDF-1.4 is how a PDF begins", "text"),
        ("a.txt", b"ID3 tags explained", "text"),
        ("noending", b"hello", "text"),
        ("noending", b"<!DOCTYPE html><p>x", "html"),
        ("noending", b"%PDF-1.4\n\x00", "pdf"),
        ("a.html", b"<p>x", "html"),
        ("a.ipynb", b"{}", "notebook"),
        ("a.pdf", b"\n%PDF-1.7", "pdf"),
        ("a.docx", b"PK\x03\x04\x00", "zip"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "ole"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "ole"),
        ("a.csv", "a,b".encode("utf-16"), "text"),
    ],
)
def test_a_format_is_seen_in_the_content(name: str, head: bytes, found: str) -> None:
    assert recognise(name, head) == found


@pytest.mark.parametrize(
    ("name", "head", "said"),
    [
        ("a.docx", b"just text", "not a Word document, whatever its ending says: it is plain text"),
        ("a.docx", b"%PDF-1.4", "it is a PDF"),
        ("a.pdf", b"PK\x03\x04\x00", "zipped"),
        ("a.csv", b"PK\x03\x04\x00", "not a text file"),
        ("a.xls", b"<html>", "not an old Excel workbook"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "old Office format"),
        ("a.png", b"", "picture"),
        ("a.txt", b"\x89PNG\r\n\x1a\n\x00", "picture"),
        ("a", b"\xff\xd8\xff\xe0\x00", "picture"),
        ("a.mp3", b"x", "sound"),
        ("a.bin", b"RIFF\x00\x00\x00\x00WAVEfmt ", "sound"),
        ("a", b"\x00\x00\x00\x18ftypmp42", "sound"),
        ("a.zip", b"PK\x03\x04", "archive"),
        ("a.tgz", b"\x1f\x8b\x08", "archive"),
        ("a.bin", bytes(range(256)), "neither text"),
        ("a.txt", b"abc\x00def", "neither text"),
    ],
)
def test_what_has_no_text_or_a_wrong_name_is_refused(name: str, head: bytes, said: str) -> None:
    with pytest.raises(MementoError, match=said) as caught:
        recognise(name, head)
    assert name in caught.value.message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "latin-1"])
@pytest.mark.parametrize("text", ["Café", "Zürich: 5\nÅrhus", "naïve façade – 12", "plain"])
def test_encodings(encoding: str, text: str) -> None:
    if encoding == "latin-1" and "–" in text:
        text = text.replace("–", "-")
    assert decoded(text.encode(encoding), "a.txt") == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("名前,年齢,住所\n佐藤太郎,30,東京\n三木英子,25,大阪\n", "cp932"), ("Привет, как дела? Сегодня хорошая погода.\n", "cp1251")],
)
def test_other_scripts_are_guessed(text: str, encoding: str) -> None:
    assert decoded(text.encode(encoding), "a.txt") == text


def test_a_broken_mark_is_said() -> None:
    with pytest.raises(MementoError, match=r"a\.txt begins like utf-16"):
        decoded(b"\xff\xfe\x00", "a.txt")
    assert decoded(b"\x81\x8d caf\xe9", "a.txt") == "\x81\x8d café"
    assert decoded(b"a\r\nb\rc", "a.txt") == "a\nb\nc"


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_text_or_words(data: bytes) -> None:
    for name in ("a.csv", "a", "a.docx", "a.pdf"):
        try:
            recognise(name, data)
            decoded(data, name)
        except MementoError as error:
            assert name in error.message


CELLS = st.text(alphabet="ab 1.5;|\t\"',\n", max_size=8).map(lambda cell: " ".join(cell.split()) or "x")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=8), st.sampled_from(",;\t|"))
def test_a_written_table_is_read_back(rows: list[list[str]], delimiter: str) -> None:
    import csv
    import io

    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    found = table(f"sep={delimiter}\n{out.getvalue()}", "a.csv", 100)
    assert [list(found.header), *found.rows] == rows


@pytest.mark.parametrize(
    ("name", "text", "shape"),
    [
        ("a.txt", "a\tb\n1\t2\n", (2, 1)),
        ("a", "a;b\n1;2\n", (2, 1)),
        ("a.csv", "only\n1\n2\n", (1, 2)),
        ("a.tsv", "a,b\tc\n1,2\t3\n", (2, 1)),
        ("a.csv", 'a;b\n"1;5";2\n', (2, 1)),
        ("a.csv", "when,what\n2026-05-01,a|b|c\n2026-05-02,a|b|c\n", (2, 2)),
    ],
)
def test_delimiters(name: str, text: str, shape: tuple[int, int]) -> None:
    found = table(text, name, 10)
    assert (len(found.header), len(found.rows)) == shape


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.txt", "Dear all,\nthis is a letter, not a table.\n", "not a table"),
        ("a.json", "[1,2]\n", "not a table"),
        ("a.csv", "a\n" * 20, "more than 10 rows"),
        ("a.csv", "a,b\n1,2,3\n", "row 2 has 3 cells"),
        ("a.csv", "a,b\n" + "x" * 200_000 + ",1\n", "field"),
    ],
)
def test_what_is_no_table(name: str, text: str, said: str) -> None:
    with pytest.raises(MementoError, match=said):
        table(text, name, 10)
