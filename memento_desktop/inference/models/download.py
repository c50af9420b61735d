"""Downloads models from the hub because the owner asked: can be paused and cut, is checked, and is in place only when it is whole.

Plain HTTP with ranges. Beside a file that is on its way (`NAME.part`) stands what it is to become (`NAME.part.json`), so that a part of
another version is never continued.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any, Literal, cast

from memento_desktop.errors import MementoError
from memento_desktop.inference.models.fits import gigabytes
from memento_desktop.inference.models.head import read_head
from memento_desktop.inference.models.hub import Failed as Failed
from memento_desktop.inference.models.hub import Wanted as Wanted
from memento_desktop.inference.models.hub import address, ask, linked_sha256, refuse_offline, unreachable

TIMEOUT = 30.0
TRIES = 6
"""Attempts in a row that bring nothing, after which it is given up."""
WAIT = 1.0
"""Seconds before the second attempt; twice as long before each further one."""
LONGEST_WAIT = 30.0
MARGIN = 512 * 2**20
"""Bytes of the disk that are left alone."""
_CHUNK = 2**20
_TELL = 0.1
_busy: set[Path] = set()
_busy_lock = threading.Lock()


@dataclass(frozen=True)
class Progress:
    """How far a file is: bytes done and in all (0 unknown), bytes a second (0.0 unknown)."""

    file: str
    done: int
    total: int
    speed: float
    stage: Literal["connecting", "downloading", "retrying", "checking"]


class Paused(MementoError):
    """The owner paused it. `done` bytes are kept; the same call goes on from there."""

    def __init__(self, file: str, done: int) -> None:
        super().__init__(f"Paused: {gigabytes(done)} of {file} are kept.", "The same command goes on from there.")
        self.done = done


@dataclass(frozen=True)
class Unfinished:
    """A download that was paused or cut."""

    wanted: Wanted
    done: int


Tell = Callable[[Progress], None]


class _Stopped(Exception):
    """The stop event was set."""


def target(wanted: Wanted, folder: Path) -> Path:
    """Where a file goes below `folder`: one folder a repository, so that files of the same name do not meet."""
    return folder / wanted.repository.replace("/", "--") / wanted.file


def download(
    wanted: Wanted, folder: Path, *, progress: Tell | None = None, stop: threading.Event | None = None, timeout: float = TIMEOUT,
    tries: int = TRIES, wait: float = WAIT,
) -> Path:  # fmt: skip
    """Downloads one file below `folder` and returns its path; one that is there already is not fetched again. Blocking: run it in a thread.

    Setting `stop` pauses. `timeout` is seconds without a byte; `tries` and `wait` say how stubbornly a broken connection is taken up.

    Raises:
        Paused: `stop` was set.
        Failed: the hub says no (status), or stays out of reach.
        MementoError: offline by the environment, no room, another file than wanted, a wrong checksum, no GGUF, or another download of it.
    """
    path = target(wanted, folder)
    if path.is_file() and path.stat().st_size == (wanted.size or path.stat().st_size) and not _unsound(path):
        return path
    refuse_offline()
    with _alone(path):
        run = _Download(wanted, path, progress, stop or threading.Event(), timeout)
        try:
            return run.run(tries, wait)
        except _Stopped:
            raise Paused(path.name, run.done) from None
        except OSError as err:
            raise MementoError(
                f"{path} cannot be saved: {err.strerror or err}.", "Check the folder's permissions and the disk: what has arrived is kept."
            ) from err


def unfinished(folder: Path) -> list[Unfinished]:
    """Downloads below `folder` that can go on."""
    found: list[Unfinished] = []
    for note in sorted(folder.glob("*/**/*.gguf.part.json")):
        part = note.with_suffix("")
        known = _noted(note)
        if part.is_file() and known.get("repository") and known.get("file"):
            one = Wanted(
                known["repository"], known["file"], known.get("revision") or "main", int(known.get("size") or 0), known.get("sha256", "")
            )
            found.append(Unfinished(one, part.stat().st_size))
    return found


@contextlib.contextmanager
def _alone(path: Path) -> Generator[None]:
    """
    Raises:
        MementoError: this or another process is downloading the same file.
    """
    taken = MementoError(f"{path.name} is being downloaded already.", "Wait for it, or stop the other download.")
    with _busy_lock:
        if path in _busy:
            raise taken
        holder = _noted(_note(path)).get("holder", "")
        pid = holder.partition(" ")[0]
        if pid.isdigit() and int(pid) != os.getpid() and holder == _holder(int(pid)):
            raise taken
        _busy.add(path)
    try:
        yield
    finally:
        with _busy_lock:
            _busy.discard(path)


def _holder(pid: int) -> str:
    """A process, named so that a later one with the same number is another; empty when there is none."""
    import psutil

    try:
        return f"{pid} {psutil.Process(pid).create_time():.0f}"
    except psutil.Error:
        return ""


def _note(path: Path) -> Path:
    return path.with_name(path.name + ".part.json")


def _noted(note: Path) -> dict[str, str]:
    try:
        found: Any = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(k): str(v) for k, v in cast("dict[Any, Any]", found).items()} if isinstance(found, dict) else {}


def _unsound(path: Path) -> str:
    """Why a file is no whole GGUF; empty when it is one."""
    try:
        missing = read_head(path).missing
    except MementoError as err:
        return err.message
    return f"{missing:,} bytes are missing at its end." if missing else ""


class _Download:
    """One file on its way."""

    def __init__(self, wanted: Wanted, path: Path, progress: Tell | None, stop: threading.Event, timeout: float) -> None:
        self._wanted, self._path, self._progress, self._stop, self._timeout = wanted, path, progress, stop, timeout
        self._part = path.with_name(path.name + ".part")
        self._url = address(wanted)
        self._size, self._sha256 = wanted.size, wanted.sha256
        self._digest = hashlib.sha256()
        self._told = self._began = 0.0
        self._first = 0
        self.done = 0

    def run(self, tries: int, wait: float) -> Path:
        self._tell("connecting", always=True)
        self._persist(self._probe, tries, wait)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._take_up()
        self._check_room()
        if not self._whole():
            self._persist(self._fetch, tries, wait)
        return self._install()

    def _persist(self, step: Callable[[], None], tries: int, wait: float) -> None:
        """Does `step` until it succeeds, as long as it brings bytes or attempts are left."""
        failures = 0
        while True:
            before = self.done
            self._check_stop()
            try:
                return step()
            except Failed as err:
                failures = 1 if self.done > before else failures + 1
                if not err.again or failures >= tries:
                    raise
                self._tell("retrying", always=True)
                self._stop.wait(min(LONGEST_WAIT, max(err.wait, wait * 2 ** (failures - 1))))

    def _probe(self) -> None:
        """Asks the hub what the file is.

        Raises:
            MementoError: it is another one than wanted.
        """
        with ask(self._url, method="HEAD", timeout=self._timeout) as response:
            size = response.headers.get("X-Linked-Size") or response.headers.get("Content-Length") or ""
            found = linked_sha256(response.headers.get("X-Linked-Etag") or response.headers.get("ETag"))
        if self._wanted.sha256 and found and found != self._wanted.sha256:
            raise MementoError(
                f"{self._url} is not the file that was expected: its SHA-256 is {found[:16]}…, not {self._wanted.sha256[:16]}….",
                "Nothing was downloaded. The hub may have a new version: name the repository and the file instead.",
            )
        if self._wanted.size and size.isdigit() and int(size) != self._wanted.size:
            raise MementoError(
                f"{self._url} is not the file that was expected: it has {int(size):,} bytes, not {self._wanted.size:,}.",
                "Nothing was downloaded. Check HF_ENDPOINT, or name the repository and the file instead.",
            )
        self._size = self._wanted.size or (int(size) if size.isdigit() else 0)
        self._sha256 = self._wanted.sha256 or found

    def _take_up(self) -> None:
        """Goes on with a part of the very same file, drops any other, and notes what this one is to become."""
        note, known = _note(self._path), _noted(_note(self._path))
        same = known.get("sha256", "") == self._sha256 and known.get("size", "") == str(self._size) and bool(self._sha256 or self._size)
        if self._part.is_file():
            if same and not (self._size and self._part.stat().st_size > self._size):
                self._hash_part()
            else:
                self._part.unlink()
        content = {
            "repository": self._wanted.repository, "file": self._wanted.file, "revision": self._wanted.revision, "size": str(self._size),
            "sha256": self._sha256, "holder": _holder(os.getpid()),
        }  # fmt: skip
        note.write_text(json.dumps(content, indent=1), encoding="utf-8")

    def _hash_part(self) -> None:
        with self._part.open("rb") as file:
            while chunk := file.read(4 * _CHUNK):
                self._check_stop()
                self._digest.update(chunk)
                self.done += len(chunk)
                self._tell("checking")

    def _check_room(self) -> None:
        free = shutil.disk_usage(self._path.parent).free
        needed = max(0, self._size - self.done)
        if needed + MARGIN > free:
            raise MementoError(
                f"{self._path.name} needs {gigabytes(needed)} more, {gigabytes(free)} are free on the disk of {self._path.parent}.",
                f"Free some space ({gigabytes(MARGIN)} are left alone), or choose a smaller model.",
            )

    def _whole(self) -> bool:
        return bool(self._size) and self.done == self._size

    def _fetch(self) -> None:
        try:
            response = ask(self._url, start=self.done, timeout=self._timeout)
        except Failed as err:
            if err.status != 416:
                raise
            # The server has no bytes after what is here: if that is not the file, it is of no use.
            if self._sha256 and self._digest.hexdigest() == self._sha256:
                return
            self._restart()
            response = ask(self._url, timeout=self._timeout)
        with response:
            if self.done and not _continues(response, self.done):
                self._restart()
            self._receive(response)

    def _restart(self) -> None:
        self._part.unlink(missing_ok=True)
        self._digest, self.done = hashlib.sha256(), 0

    def _receive(self, response: HTTPResponse) -> None:
        announced = response.headers.get("Content-Length", "")
        end = self.done + int(announced) if announced.isdigit() else self._size
        self._began, self._first = time.monotonic(), self.done
        with self._part.open("ab") as file:
            while True:
                self._check_stop()
                try:
                    chunk = response.read1(_CHUNK)
                except (HTTPException, OSError) as err:
                    raise unreachable(self._url, err) from err
                if not chunk:
                    break
                file.write(chunk)
                self._digest.update(chunk)
                self.done += len(chunk)
                if self._size and self.done > self._size:
                    break
                self._tell("downloading", always=self.done == self._first + len(chunk))
        if end and self.done < end:
            raise unreachable(self._url, ConnectionError(f"the connection ended after {self.done:,} of {end:,} bytes"))

    def _install(self) -> Path:
        """Puts the whole file in its place.

        Raises:
            MementoError: it is not what was wanted, or no GGUF; it is removed.
        """
        self._tell("checking", always=True)
        found = self._digest.hexdigest()
        problem = ""
        if self._size and self.done != self._size:
            problem = f"it has {self.done:,} bytes, not {self._size:,}"
        elif self._sha256 and found != self._sha256:
            problem = f"its SHA-256 is {found[:16]}…, not {self._sha256[:16]}…"
        elif not self._sha256 and (unsound := _unsound(self._part)):
            problem = unsound[0].lower() + unsound[1:].rstrip(".")
        if problem:
            self._restart()
            _note(self._path).unlink(missing_ok=True)
            raise MementoError(
                f"What {self._url} sent is not the model: {problem}.", "Nothing was installed. Try again, or check HF_ENDPOINT."
            )
        with self._part.open("rb+") as file:
            os.fsync(file.fileno())
        self._part.replace(self._path)
        _note(self._path).unlink(missing_ok=True)
        return self._path

    def _check_stop(self) -> None:
        if self._stop.is_set():
            raise _Stopped

    def _tell(self, stage: Literal["connecting", "downloading", "retrying", "checking"], always: bool = False) -> None:
        now = time.monotonic()
        if self._progress is None or (now - self._told < _TELL and not always):
            return
        self._told = now
        spent = now - self._began
        speed = (self.done - self._first) / spent if stage == "downloading" and spent > 0 else 0.0
        self._progress(Progress(self._path.name, self.done, self._size, speed, stage))


def _continues(response: HTTPResponse, start: int) -> bool:
    """Whether an answer is the rest of the file from `start` on, and not the whole file anew."""
    return response.status == 206 and response.headers.get("Content-Range", f"bytes {start}-").startswith(f"bytes {start}-")
