"""Text files: the right encoding, and rows from delimited ones. Pure functions, the same in the app and in the worker."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from memento_desktop.errors import MementoError

TABLES = (".csv", ".tsv", ".tab")
PERHAPS_TABLES = (".txt", ".dat", ".log", "")
"""Endings of text files that may hold a table: it counts as one when each row has the same two or more columns."""
DELIMITERS = (",", ";", "\t", "|")
MULTIBYTE = ("cp932", "euc_jp", "gb18030", "big5", "euc_kr", "cp1251", "koi8_r", "cp1253", "cp1255", "cp1256", "cp874")
"""Encodings that are guessed at when too many bytes are not ASCII for a western text."""


@dataclass(frozen=True)
class Rows:
    """A table: the names in its first row, and each row below as text, all of one length. Blank rows are left out."""

    header: tuple[str, ...]
    rows: list[list[str]]


def decoded(data: bytes, name: str) -> str:
    """The text of a file: UTF-8, UTF-16 with its mark, else a guess; line ends become plain newlines.

    Raises MementoError when it breaks the encoding that its first bytes announce.
    """
    try:
        if data.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
            text = data.decode("utf-32")
        elif data.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = data.decode("utf-16")
        else:
            text = _utf8_or_guess(data)
    except UnicodeDecodeError as error:
        raise MementoError(f"{name} begins like {error.encoding} text but is not: it may be damaged") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _utf8_or_guess(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        high = sum(byte >= 0x80 for byte in data[:100_000])
    if high >= 8 and high > len(data[:100_000]) * 0.25:
        from charset_normalizer import from_bytes  # 30 ms

        # Only for text that is mostly not western: on a few accented letters its guesses are worse than the plain rule below.
        best = from_bytes(data[:20_000], cp_isolation=list(MULTIBYTE), threshold=0.4).best()
        if best is not None:
            return data.decode(best.encoding, errors="replace")
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def table(text: str, name: str, max_rows: int) -> Rows:
    """The rows of a text file that is a table by its ending, or by its looks. Raises MementoError for any other text file."""
    ending = Path(name).suffix.lower()
    if ending in TABLES:
        return delimited(text, name, max_rows)
    not_a_table = MementoError(f"{name} is not a table", "read_document is for that")
    if ending not in PERHAPS_TABLES:
        raise not_a_table
    delimiter = _delimiter(text, name)
    counts = {len(row) for row in _parsed(text, delimiter, name) if row}
    if len(counts) != 1 or counts == {1}:
        raise not_a_table
    return delimited(text, name, max_rows)


def delimited(text: str, name: str, max_rows: int) -> Rows:
    """The rows of a csv or tsv text, whichever of `, ; tab |` parts them.

    Raises MementoError when there are more than `max_rows`, when nothing stands in it, or when a row has more cells than the
    first one has names: then it is not clear which cell belongs to which column.
    """
    announced = re.match(r"sep=(.)\n", text)  # a line that Excel writes and reads
    delimiter = announced.group(1) if announced else _delimiter(text, name)
    body = text[announced.end() :] if announced else text
    found: list[list[str]] = []
    for row in _parsed(body, delimiter, name):
        cells = [cell.strip() for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            found.append(cells)
        if len(found) > max_rows + 1:
            raise MementoError(f"{name} has more than {max_rows:,} rows")
    if not found:
        raise MementoError(f"{name} has no rows")
    header, *rows = found
    for number, row in enumerate(rows, 2):
        if len(row) > len(header):
            shown = delimiter.join(row)[:80]
            raise MementoError(
                f"{name}: row {number} has {len(row)} cells under {len(header)} columns: {shown}",
                "put quotes around cells that hold the separator",
            )
    return Rows(tuple(header), [row + [""] * (len(header) - len(row)) for row in rows])


def _parsed(text: str, delimiter: str, name: str) -> list[list[str]]:
    """Strict first. A quote that is never closed would swallow the rest of the file, so then quotes are taken as plain signs."""
    if '"' not in text:
        return _read(text, delimiter, name, csv.QUOTE_NONE)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        unclosed = "end of data" in str(error) or "field limit" in str(error)
    return _read(text, delimiter, name, csv.QUOTE_NONE if unclosed else csv.QUOTE_MINIMAL)


def _read(text: str, delimiter: str, name: str, quoting: Literal[0, 3]) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting))
    except csv.Error as error:
        raise MementoError(f"{name} cannot be read as a table: {error}") from error


def _delimiter(text: str, name: str) -> str:
    """The one that cuts the first rows into equally many cells, the more the better."""
    if name.lower().endswith((".tsv", ".tab")):
        return "\t"
    sample = text[:20_000].split("\n")
    sample = [line for line in sample[: max(1, len(sample) - (len(text) > 20_000))] if line.strip()][:50]
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        counts = [len(row) for row in csv.reader(sample, delimiter=delimiter) if row]
        usual = max(set(counts), key=counts.count, default=1)
        if usual < 2 and counts.count(usual) == len(counts):
            continue
        agreeing = sum(count == counts[0] for count in counts) / len(counts) if counts[0] > 1 else 0.0
        score = agreeing * 1000 + min(usual, 100)
        if score > best_score:
            best, best_score = delimiter, score
    return best
