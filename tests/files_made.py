"""Small real documents for tests, made on the spot: csv, docx, xlsx, pdf, pptx."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

Cell = str | int | float | None


def make_csv(path: Path, rows: Sequence[Sequence[object]], delimiter: str = ",", encoding: str = "utf-8") -> Path:
    """A delimited file; cells that hold the delimiter or a quote are quoted."""

    def cell(value: object) -> str:
        text = "" if value is None else str(value)
        return '"' + text.replace('"', '""') + '"' if delimiter in text or '"' in text else text

    path.write_bytes("".join(delimiter.join(map(cell, row)) + "\n" for row in rows).encode(encoding))
    return path


def make_docx(path: Path, paragraphs: Sequence[str], table: Sequence[Sequence[str]] = ()) -> Path:
    """A Word document with plain paragraphs and, behind them, one table."""
    body = "".join(f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>" for text in paragraphs)
    cells = ["".join(f"<w:tc><w:p><w:r><w:t>{escape(cell)}</w:t></w:r></w:p></w:tc>" for cell in row) for row in table]
    if table:
        body += "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"
    main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{kind}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{main}"><w:body>{body}</w:body></w:document>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>' + text)
    return path


def make_xlsx(path: Path, rows: Sequence[Sequence[Any]], sheets: dict[str, Sequence[Sequence[Any]]] | None = None) -> Path:
    """A workbook whose first sheet holds `rows`, with more sheets behind it."""
    from openpyxl import Workbook

    book = Workbook()
    first = book.worksheets[0]
    for row in rows:
        first.append(list(row))
    for name, more in (sheets or {}).items():
        sheet = book.create_sheet(name)
        for row in more:
            sheet.append(list(row))
    book.save(path)
    return path


def make_pptx(path: Path, slides: Sequence[tuple[str, str]]) -> Path:
    """A presentation, one slide for each title and text."""
    from pptx import Presentation

    made: Any = Presentation()
    for title, text in slides:
        slide = made.slides.add_slide(made.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = text
    made.save(str(path))
    return path


def make_pdf(path: Path, lines: Sequence[str], encrypted: bool = False) -> Path:
    """A one-page PDF with a line of text for each of `lines`; or one that nobody has the password of."""
    shown = "".join(f"({_pdf_text(line)}) Tj 0 -16 Td\n" for line in lines)
    stream = f"BT /F1 11 Tf 50 780 Td\n{shown}ET"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(stream)}>>\nstream\n{stream}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    trailer = f"/Size {len(objects) + 1}/Root 1 0 R"
    if encrypted:
        nobody = "00" * 32
        objects.append(f"<</Filter/Standard/V 1/R 2/P -4/O<{nobody}>/U<{nobody}>>>")
        trailer = f"/Size {len(objects) + 1}/Root 1 0 R/Encrypt {len(objects)} 0 R/ID[<{'11' * 16}><{'11' * 16}>]"
    data = b"%PDF-1.4\n"
    places: list[int] = []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n{body}\nendobj\n".encode("cp1252")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    data += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n<<{trailer}>>\nstartxref\n{len(data)}\n%%EOF\n".encode()
    path.write_bytes(data)
    return path


def _pdf_text(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
