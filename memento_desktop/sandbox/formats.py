"""What kind of file a name and its first bytes promise, and which kinds are refused before anything parses them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from memento_desktop.errors import MementoError

Format = Literal["text", "html", "notebook", "pdf", "zip", "ole"]
"""zip: docx, xlsx, pptx, epub; ole: the older Office formats, Outlook messages, and anything that Office encrypts."""

HEAD = 4096
"""Bytes that `recognise` wants to see."""

PROMISED: dict[str, tuple[Format, str]] = {
    ".docx": ("zip", "a Word document"),
    ".xlsx": ("zip", "an Excel workbook"),
    ".pptx": ("zip", "a PowerPoint file"),
    ".epub": ("zip", "an e-book"),
    ".pdf": ("pdf", "a PDF"),
    ".xls": ("ole", "an old Excel workbook"),
    ".msg": ("ole", "an Outlook message"),
    ".html": ("html", "a web page"),
    ".htm": ("html", "a web page"),
    ".ipynb": ("notebook", "a notebook"),
}
_TEXT_ENDINGS = (
    ".txt .text .md .markdown .rst .csv .tsv .tab .json .jsonl .xml .yaml .yml .toml .ini .cfg .conf .log .py .js .ts .c .h .cpp .java "
    ".rs .go .sh .sql .tex .srt .eml .ics .vcf .svg .css"
)
TEXTS = frozenset(_TEXT_ENDINGS.split())
OLD = {".doc": "docx", ".dot": "docx", ".ppt": "pptx", ".pps": "pptx"}
PICTURES = frozenset(".jpg .jpeg .png .gif .bmp .webp .tif .tiff .heic .heif .avif .ico".split())
SOUNDS = frozenset(".wav .mp3 .m4a .aac .flac .ogg .opus .wma .mp4 .m4v .mov .avi .mkv .webm .mpg .mpeg".split())
ARCHIVES = frozenset(".zip .7z .rar .gz .bz2 .xz .tar .tgz .zst".split())

_PICTURE_STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\x00", b"MM\x00*")
_SOUND_STARTS = (b"ID3", b"fLaC", b"OggS", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\x1a\x45\xdf\xa3")
_ARCHIVE_STARTS = (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd")
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_TEXT_CONTROLS = frozenset(b"\t\n\r\f\b\x1b")


def recognise(name: str, head: bytes) -> Format:
    """The format of a file, from its content; `name` only has to agree with it.

    Raises MementoError, naming the file, for what has no text to give: pictures, sounds, archives, unknown bytes, and for a
    file that is not what its ending says.
    """
    ending = Path(name).suffix.lower()
    if ending in OLD:
        raise MementoError(f"{name} is in an old Office format that cannot be read here", f"save it as .{OLD[ending]}")
    found = _content(name, head, ending)
    promised, what = PROMISED.get(ending, (None, ""))
    locked = promised == "zip" and found == "ole"  # a password turns an Office file into an OLE container: the worker looks
    if promised and found != promised and not locked and not (promised in ("html", "notebook") and found == "text"):
        raise MementoError(f"{name} is not {what}, whatever its ending says: it is {_called(found)}", "give it the ending it should have")
    if ending in TEXTS and found != "text":
        raise MementoError(
            f"{name} is not a text file, whatever its ending says: it is {_called(found)}", "give it the ending it should have"
        )
    return promised if found == "text" and promised else found


def _content(name: str, head: bytes, ending: str) -> Format:
    if ending in TEXTS and not is_binary(head):
        return "text"
    if ending in PICTURES or head.startswith(_PICTURE_STARTS) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        raise MementoError(f"{name} is a picture: there is no text in it to read")
    is_media = head[4:8] == b"ftyp" or (head[:4] == b"RIFF" and head[8:12] in (b"WAVE", b"AVI "))
    if ending in SOUNDS or is_media or head.startswith(_SOUND_STARTS):
        raise MementoError(f"{name} is a sound or a film: there is no text in it to read")
    if ending in ARCHIVES or head.startswith(_ARCHIVE_STARTS):
        raise MementoError(f"{name} is an archive", "unpack it first")
    if head.lstrip().startswith(b"%PDF-") or (ending == ".pdf" and b"%PDF-" in head[:1024]):
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return "zip"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "ole"
    if is_binary(head):
        raise MementoError(f"{name} is neither text nor a document that can be read here")
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    return "html" if start.startswith((b"<!doctype html", b"<html")) else "text"


def is_binary(head: bytes) -> bool:
    """Whether the first bytes cannot be text: control bytes that no text has, unless a mark says that it is UTF-16."""
    if head.startswith(_MARKS):
        return False
    controls = sum(byte < 32 and byte not in _TEXT_CONTROLS for byte in head)
    return b"\x00" in head or controls > len(head) // 50


def _called(found: Format) -> str:
    names: dict[Format, str] = {"text": "plain text", "html": "a web page", "notebook": "a notebook", "pdf": "a PDF"}
    return names.get(found, "a zipped file, such as docx or xlsx" if found == "zip" else "an old Office file")
