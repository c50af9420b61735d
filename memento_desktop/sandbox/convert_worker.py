"""The child process that turns one document into text or rows, under limits. Run by file path; speaks one line of JSON each way.

It limits itself before it reads anything: memory, processor time and file writes where the platform has `resource` (not on
Windows; macOS does not enforce the memory limit). Its standard input is a lifeline: when that closes, the parent is gone, and
so is this process.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
import zipfile
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

CELLS = 20_000_000
"""Cells of a workbook that are looked at."""


PAGE = "\ue00c"
"""Stands for a page's beginning until the text is whole: a character that no one strips as white space, and of no meaning of its own."""


class Refused(Exception):
    """A document that cannot be converted, with the words for its owner: message, hint."""


def main() -> None:
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not garble the answer
    request = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_die_with_parent, daemon=True).start()
    _limit(request["seconds"], request["memory"])
    sys.path[:] = list(dict.fromkeys([*sys.path, *request["import_from"]]))
    answers.write(json.dumps(_answer(request)).encode())
    answers.close()
    os._exit(0)  # the lifeline thread still reads; nothing is left to tidy up


def _die_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(3)


def _limit(seconds: float, memory: int) -> None:
    if sys.platform == "win32":
        return
    import resource

    wanted = {
        resource.RLIMIT_CPU: int(seconds) + 2,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_AS: memory,
    }
    for kind, value in wanted.items():
        _, hard = resource.getrlimit(kind)
        capped = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(kind, (capped, capped))
        except (ValueError, OSError) as error:
            print(f"limit {kind} cannot be set: {error}", file=sys.stderr)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    from memento_desktop.errors import MementoError

    name = request["name"]
    try:
        return _table(request) if request["mode"] == "table" else {"text": _text(request)}
    except MementoError as error:
        return {"error": error.message, "hint": error.hint}
    except Refused as refused:
        message, hint = refused.args
        return {"error": message, "hint": hint}
    except MemoryError:
        return {"error": f"{name} needs more memory than a document may take", "hint": "split it"}
    except Exception as error:
        print(f"{type(error).__name__}: {error}"[:2000], file=sys.stderr)
        return {"error": f"{name} cannot be read: it is damaged, or not what its ending says", "hint": "open and save it again"}


def _text(request: dict[str, Any]) -> str:
    from memento_desktop.sandbox import formats, textfile

    name, path = request["name"], request["path"]
    head = _start(path)
    found = formats.recognise(name, head)
    if found == "text":
        return textfile.decoded(Path(path).read_bytes(), name)
    ending = {"html": ".html", "notebook": ".ipynb", "pdf": ".pdf"}.get(found) or _container(path, name, found, request["expanded"])
    return _markitdown(path, name, ending)


def _start(path: str) -> bytes:
    from memento_desktop.sandbox.formats import HEAD

    with Path(path).open("rb") as file:
        return file.read(HEAD)


def _container(path: str, name: str, found: str, expanded: int) -> str:
    """Which document a zip or OLE file holds, as an ending."""
    ending = Path(name).suffix.lower()
    if found == "ole":
        data = Path(path).read_bytes()
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Refused(f"{name} is protected by a password", "save a copy without one")
        for mark, kind in (("__properties_version1.0", ".msg"), ("Workbook", ".xls"), ("Book", ".xls")):
            if mark.encode("utf-16-le") in data:
                return _agreeing(name, ending, kind)
        raise Refused(f"{name} is in an old Office format that cannot be read here", "save it in a current format, such as docx")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile as error:
        raise Refused(f"{name} is damaged: its zip container cannot be opened", "get another copy of it") from error
    if sum(entry.file_size for entry in entries) > expanded:
        raise Refused(f"{name} unpacks to more than {expanded / 1e6:g} MB", "split it")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused(f"{name} is protected by a password", "save a copy without one")
    names = [entry.filename for entry in entries]
    for folder, kind in (("word/", ".docx"), ("xl/", ".xlsx"), ("ppt/", ".pptx"), ("META-INF/container.xml", ".epub")):
        if any(entry.startswith(folder) for entry in names):
            return _agreeing(name, ending, kind)
    raise Refused(f"{name} is a zipped file without a document in it", "unpack it first")


def _agreeing(name: str, ending: str, kind: str) -> str:
    from memento_desktop.sandbox.formats import PROMISED

    if ending in PROMISED and ending != kind:
        raise Refused(f"{name} is really a {kind[1:]} file, whatever its ending says", f"name it {Path(name).stem}{kind}")
    return kind


_CONVERTERS: dict[str, tuple[str, tuple[str, ...]]] = {
    ".html": ("HtmlConverter", ()),
    ".ipynb": ("IpynbConverter", ()),
    ".epub": ("EpubConverter", ()),
    ".pdf": ("PdfConverter", ("pdfminer", "pdfplumber")),
    ".docx": ("DocxConverter", ("mammoth",)),
    ".xlsx": ("XlsxConverter", ("pandas",)),
    ".xls": ("XlsConverter", ("pandas",)),
    ".pptx": ("PptxConverter", ("pptx",)),
    ".msg": ("OutlookMsgConverter", ("olefile",)),
}
"""The one converter that is offered a file, and the optional parser it needs: none of those that call out (audio, YouTube)."""
_OPTIONAL = ("pdfminer", "pdfplumber", "mammoth", "pandas", "pptx", "olefile", "azure", "youtube_transcript_api", "speech_recognition")
"""What markitdown imports where it is there, and does without where it is not."""


def _markitdown(path: str, name: str, ending: str) -> str:
    converter, needed = _CONVERTERS[ending]
    for left_out in set(_OPTIONAL) - set(needed):
        sys.modules[left_out] = None  # pyright: ignore[reportArgumentType]  (None makes its import fail: half the time, less code)
    markitdown: Any = importlib.import_module("markitdown")  # 0.3 s; no types of its own
    converters: Any = importlib.import_module("markitdown.converters")
    engine = markitdown.MarkItDown(enable_builtins=False, enable_plugins=False)
    engine.register_converter(_paged(getattr(converters, converter)()) if ending == ".pdf" else getattr(converters, converter)())
    info = markitdown.StreamInfo(extension=ending, charset=_charset(path, name) if ending == ".html" else None)
    try:
        text = str(engine.convert_local(path, stream_info=info).text_content).replace(PAGE, "\f")
    except markitdown.MarkItDownException as error:
        causes = [attempt.exc_info for attempt in getattr(error, "attempts", None) or () if attempt.exc_info]
        if any(isinstance(cause[1], MemoryError) for cause in causes):
            raise MemoryError from error
        if any(word in str(cause[0]) + str(cause[1]) for cause in causes for word in ("Password", "Encrypt", "encrypted")):
            raise Refused(f"{name} is protected by a password", "save a copy without one") from error
        raise
    if not text.strip():
        hint = "it may be a scan" if ending == ".pdf" else ""
        raise Refused(f"{name} holds no text", hint)
    return text


def _paged(converter: Any) -> Any:
    """A converter of PDFs that says where each page begins, also of those with tables. What it is based on is the way of one version of
    markitdown: where another has another, pages are not told, and nothing else changes."""
    convert, module = converter.convert, sys.modules[type(converter).__module__]
    table = getattr(module, "_extract_form_content_from_words", None)

    def of_page(page: Any) -> str | None:
        found = table(page) if table else None
        if found is None:
            page.extract_text = _after_page(page.extract_text)
            return None
        return PAGE + found

    def marked(*args: Any, **options: Any) -> Any:
        result = convert(*args, **options)
        if PAGE not in result.markdown and "\f" in result.markdown:
            pages = result.markdown.removesuffix("\f").split("\f")  # a form feed ends each page, and would be lost on a line of its own
            result.markdown = "".join(PAGE + page for page in pages)
        return result

    if table:
        setattr(module, "_extract_form_content_from_words", of_page)  # noqa: B010
    converter.convert = marked
    return converter


def _after_page(extract: Any) -> Any:
    def marked(*args: Any, **options: Any) -> str:
        return PAGE + (extract(*args, **options) or "")

    return marked


def _charset(path: str, name: str) -> str | None:
    """UTF-8 where the page is; else markitdown reads what the page itself declares."""
    try:
        Path(path).read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        print(f"{name} is not UTF-8: {error}", file=sys.stderr)
        return None
    return "utf-8"


def _table(request: dict[str, Any]) -> dict[str, Any]:
    from memento_desktop.sandbox import formats, textfile

    name, path = request["name"], request["path"]
    found = formats.recognise(name, _start(path))
    if found == "text":
        table = textfile.table(textfile.decoded(Path(path).read_bytes(), name), name, request["rows"])
        return {"header": table.header, "rows": table.rows}
    kind = _container(path, name, found, request["expanded"]) if found in ("zip", "ole") else found
    if kind == ".xls":
        raise Refused(f"{name} is an old Excel workbook", "save it as .xlsx")
    if kind != ".xlsx":
        raise Refused(f"{name} is not a table", "read_document is for that")
    header, rows = _workbook(path, name, request["sheet"], request["rows"])
    return {"header": header, "rows": rows}


def _workbook(path: str, name: str, sheet: str, max_rows: int) -> tuple[list[str], list[list[str]]]:
    openpyxl: Any = importlib.import_module("openpyxl")  # 0.15 s; no types of its own
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except MemoryError:
        raise
    except Exception as error:
        raise Refused(f"{name} is damaged: it cannot be opened as a workbook", "open and save it again") from error
    sheets = {str(one.title): one for one in book.worksheets}
    if sheet and sheet not in sheets:
        raise Refused(f"There is no sheet {sheet} in {name}", f"sheets: {', '.join(sheets)}")
    for title, one in [(sheet, sheets[sheet])] if sheet else sheets.items():
        found = _sheet_rows(one, name, max_rows)
        if found:
            width = max(len(row) for row in found)
            header, *rows = [row + [""] * (width - len(row)) for row in found]
            if not all(all(row) for row in rows):
                _refuse_uncalculated(openpyxl, path, name, title)
            return header, rows
    raise Refused(f"{name} has no rows", "")


def _sheet_rows(sheet: Any, name: str, max_rows: int) -> list[list[str]]:
    """All rows with something in them, as text, without the empty cells at their ends."""
    sheet.reset_dimensions()  # what a file says of its own size is often wrong
    found: list[list[str]] = []
    looked_at = 0
    for row in sheet.iter_rows(values_only=True):
        looked_at += len(row) + 1
        if looked_at > CELLS:
            raise Refused(f"{name} has more than {CELLS:,} cells", "split it")
        cells = [_cell(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            found.append(cells)
        if len(found) > max_rows + 1:
            raise Refused(f"{name} has more than {max_rows:,} rows", "split it")
    return found


def _cell(value: object) -> str:
    """A cell as a person would write it: numbers with all their digits and no exponent, days as 2026-05-03."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}".removesuffix(".0") if value == value and abs(value) != float("inf") else ""
    text = value.isoformat() if isinstance(value, (date, time)) else str(value)
    return text.removesuffix("T00:00:00").strip()


def _refuse_uncalculated(openpyxl: Any, path: str, name: str, title: str) -> None:
    """A formula that no program has worked out yet reads as an empty cell, and would be left out of a total without a word."""
    with zipfile.ZipFile(path) as archive:
        sheets = [entry for entry in archive.namelist() if entry.startswith("xl/worksheets/") and entry.endswith(".xml")]
        if not any(b"<f>" in (data := archive.read(entry)) or b"<f " in data for entry in sheets):
            return
    values = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)[title]
    formulas = openpyxl.load_workbook(path, read_only=True, data_only=False, keep_links=False)[title]
    for value_row, formula_row in zip(values.iter_rows(), formulas.iter_rows(), strict=False):
        for value, formula in zip(value_row, formula_row, strict=False):
            if value.value is None and formula.data_type == "f" and getattr(value, "data_type", "n") != "str":
                raise Refused(f"{name} holds formulas that were never worked out, such as {formula.coordinate}", "open and save it once")


if __name__ == "__main__":
    main()
