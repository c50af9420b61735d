"""What is imported, opened: a file, a folder or an archive as named parts. Read in memory with caps; nothing is ever unpacked to disk."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from memento_desktop.errors import MementoError
from memento_desktop.memory.exchange.base import Bad, Log

FILE_LIMIT = 512 * 2**20
"""Bytes of one file, also unpacked."""
TOTAL_LIMIT = 2 * 2**30
LINE_LIMIT = 64 * 2**20
PARTS = 200_000
SAMPLE = 50
"""Lines that are looked at to know a format."""


class Part:
    """One file of what is imported. `name` is its path inside the folder or archive."""

    def __init__(self, name: str, load: Callable[[], bytes]) -> None:
        self.name, self._load = name, load
        self.sha256 = ""
        """Of its bytes, once they were read."""

    @property
    def base(self) -> str:
        return self.name.rsplit("/", 1)[-1].lower()

    def data(self) -> bytes:
        """Its bytes; those of a gzip file unpacked.

        Raises:
            MementoError: it cannot be read, or is too large.
        """
        data = self._load()
        if self.base.endswith(".gz"):
            data = self._unzipped(data)
        self.sha256 = hashlib.sha256(data).hexdigest()
        return data

    def _unzipped(self, data: bytes) -> bytes:
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
                return capped(file, self.name)
        except (OSError, EOFError, zlib.error) as error:
            raise MementoError(f"{self.name} is a damaged gzip file: {error}.", "Export it again.") from error

    def text(self) -> str:
        """
        Raises:
            Bad: it is not text.
        """
        return decoded(self.data())

    @cached_property
    def whole(self) -> Any:
        """The one JSON value that it holds, or None when it holds something else; `problem` says what is wrong then."""
        try:
            return parsed(self.text())
        except Bad as error:
            self.problem = str(error)
            return None

    problem = ""

    def lines(self, log: Log) -> Generator[tuple[int, Any]]:
        """(line number, JSON value) of a JSON-lines file; what is no JSON is a problem of the log's."""
        data = self.data()
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            data = decoded(data).encode()
        for n, line in enumerate(_split(data.removeprefix(codecs.BOM_UTF8)), 1):
            if not line.strip():
                continue
            try:
                if len(line) > LINE_LIMIT:
                    raise Bad(f"the line has {len(line) >> 20} MiB; at most {LINE_LIMIT >> 20} are taken")
                yield n, parsed(decoded(line))
            except Bad as error:
                log.bad(f"{self.name}, line {n}", str(error))

    @cached_property
    def first_records(self) -> list[dict[str, Any]]:
        """The first records of a JSON-lines file, to know its format by."""
        found: list[dict[str, Any]] = []
        for n, (_, value) in enumerate(self.lines(Log())):
            if isinstance(value, dict):
                found.append(value)  # pyright: ignore[reportUnknownArgumentType]
            if n >= SAMPLE:
                break
        return found


class Opened:
    """What is imported. `single` is true for one plain file."""

    def __init__(self, path: Path, parts: list[Part], single: bool) -> None:
        self.path, self.parts, self.single = path, parts, single

    @property
    def name(self) -> str:
        return self.path.name or str(self.path)

    def ref(self, part: str) -> str:
        """How a source names a part."""
        return self.name if self.single else f"{self.name}/{part}"


def _split(data: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(data):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        yield data[start:end]
        start = end + 1


def capped(file: Any, name: str, limit: int = FILE_LIMIT) -> bytes:
    """What a file-like object holds.

    Raises:
        MementoError: it is larger than the limit, whatever it says of itself.
    """
    data: bytes = file.read(limit + 1)
    if len(data) > limit:
        raise MementoError(f"{name} is larger than {limit >> 20} MiB.", "Split it into smaller files and import one after the other.")
    return data


def decoded(data: bytes) -> str:
    """Text from UTF-8, or from UTF-16 with its mark.

    Raises:
        Bad: it is neither.
    """
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise Bad(f"it is not UTF-8 text (byte {error.start:,})") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the field “{twice[:40]}” stands there twice")
    return found


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def parsed(text: str) -> Any:
    """The JSON value of a text.

    Raises:
        Bad: it is not JSON, nested too deeply, or has a field twice.
    """
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise Bad(f"it is not JSON: {error.msg} at character {error.pos + 1:,}") from error
    except RecursionError as error:
        raise Bad("it is nested too deeply") from error
    except ValueError as error:
        raise Bad(str(error)[:200]) from error


def opened(path: Path, log: Log) -> Opened:
    """A file, folder or zip archive.

    Raises:
        MementoError: there is none, it cannot be read, or it is too large.
    """
    path = path.expanduser()
    try:
        if path.is_dir():
            return Opened(path.resolve(), list(_of_folder(path, log)), single=False)
        if not path.is_file():
            raise MementoError(f"There is no file {path}.", "Give the file, folder or zip archive to import.")
        if zipfile.is_zipfile(path):
            return Opened(path, list(_of_archive(path, log)), single=False)
    except OSError as error:
        raise MementoError(f"{path} cannot be read: {error.strerror or error}.", "Check its permissions.") from error
    return Opened(path, [Part(path.name, _loader(path))], single=True)


def _loader(path: Path) -> Callable[[], bytes]:
    def load() -> bytes:
        try:
            with path.open("rb") as file:
                return capped(file, str(path))
        except OSError as error:
            raise MementoError(f"{path} cannot be read: {error.strerror or error}.", "Check its permissions.") from error

    return load


def _of_folder(folder: Path, log: Log) -> Iterable[Part]:
    """Its files by name, without hidden ones; links are not followed, they could lead anywhere."""
    count = total = 0
    for top, folders, files in os.walk(folder, onerror=_fail):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and not (Path(top) / name).is_symlink())
        for name in sorted(files):
            file = Path(top) / name
            if name.startswith("."):
                continue
            if file.is_symlink() or not file.is_file():
                log.leave_out("links to other files")
                continue
            count, total = count + 1, total + file.stat().st_size
            _bounded(folder, count, total)
            yield Part(file.relative_to(folder).as_posix(), _loader(file))


def _fail(error: OSError) -> None:
    raise error


def _bounded(path: Path, count: int, total: int) -> None:
    if count > PARTS:
        raise MementoError(f"{path} holds more than {PARTS:,} files.", "Import its folders one after the other.")
    if total > TOTAL_LIMIT:
        raise MementoError(f"{path} holds more than {TOTAL_LIMIT >> 30} GiB.", "Import its files one after the other.")


def _of_archive(path: Path, log: Log) -> Iterable[Part]:
    """The members by name. A name is only ever shown and matched: nothing is written under it."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if not m.is_dir()]
    except (zipfile.BadZipFile, NotImplementedError, ValueError, RecursionError) as error:
        raise MementoError(f"{path} is a damaged zip archive: {error}.", "Export it again, or unpack it and import the folder.") from error
    _bounded(path, len(members), sum(min(m.file_size, FILE_LIMIT) for m in members))
    seen: set[str] = set()
    for member in sorted(members, key=lambda m: m.filename):
        hidden = any(piece.startswith((".", "__MACOSX")) and piece.strip(".") for piece in member.filename.split("/"))
        if member.filename in seen:
            log.bad(member.filename, "the archive holds this name twice; the first is read")
        elif not hidden:
            yield Part(member.filename, _member(path, member))
        seen.add(member.filename)


def _member(path: Path, member: zipfile.ZipInfo) -> Callable[[], bytes]:
    def load() -> bytes:
        try:
            with zipfile.ZipFile(path) as archive, archive.open(member) as file:
                return capped(file, member.filename)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
            raise MementoError(
                f"{member.filename} in {path} cannot be read: {error}.", "If it has a password, unpack it and import the folder."
            ) from error

    return load
