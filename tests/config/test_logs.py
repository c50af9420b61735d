"""The log: bounded, one line a record, nothing of the owner's words in it, followed across its stepping aside."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from memento_desktop.config import logs
from memento_desktop.errors import MementoError

SECRET = "Ruth's locker code is 4471"
log = logging.getLogger("memento_desktop.somewhere")


@pytest.fixture(autouse=True)
def ends() -> Iterator[None]:
    yield
    logger = logging.getLogger(logs.OURS)
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
    logger.setLevel(logging.NOTSET)


def trouble() -> None:
    raise MementoError(f"“{SECRET}” is still running.")


def test_errors_and_files_are_named_by_their_kind_only(tmp_path: Path):
    file, told = tmp_path / "logs" / "memento.log", list[str]()
    logs.start(lambda: file, told.append)
    assert not file.exists(), "nothing is made before there is something to say"
    try:
        trouble()
    except MementoError as error:
        log.info("task %s ended early: %s", 12, error)
        log.exception("the tool %s failed", "calculate")
        log.warning("it broke off: %r, %s", error, tmp_path / SECRET)
    try:
        (tmp_path / SECRET).read_text()
    except OSError as error:
        log.info("not read: %s", error)
    log.debug("words: %s", SECRET)
    log.info("readers: %s", {"kernel": "too few"})
    log.info("%(chosen)s", {"chosen": "a mapping alone"})
    text = file.read_text()
    assert "4471" not in text
    assert "Ruth" not in text
    for line in (
        "task 12 ended early: MementoError",
        "the tool calculate failed",
        "trouble",
        "FileNotFoundError",
        "too few",
        "a mapping alone",
    ):
        assert line in text
    assert [line.startswith(("the tool", "it broke off")) for line in told] == [True, True], "what is told on the screen may say more"
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_words_are_logged_only_where_they_were_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MEMENTO_LOG", "debug")
    logs.start(tmp_path / "memento.log")
    log.debug("words: %s", SECRET)
    assert SECRET in (tmp_path / "memento.log").read_text()
    monkeypatch.setenv("MEMENTO_LOG", "off")
    logs.start(tmp_path / "none.log")
    log.error("nothing")
    assert not (tmp_path / "none.log").exists()


def test_it_never_grows_beyond_its_bound_and_the_newest_lines_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(logs, "MOST", 2000)
    file = tmp_path / "memento.log"
    logs.start(file)
    for n in range(200):
        log.info("line %s", n)
        assert file.stat().st_size <= 2000
    assert sorted(one.name for one in tmp_path.glob("memento*")) == ["memento.log", "memento.log.1"]
    found = [int(line.rpartition(" ")[2]) for line in logs.tail(file, 30)]
    assert found == list(range(170, 200)), "the older log's lines come before"
    log.info("long %s", "x" * 5000)
    assert file.stat().st_size <= 2001


def test_a_log_that_cannot_be_written_holds_nothing_up(tmp_path: Path):
    (tmp_path / "file").write_text("")
    logs.start(tmp_path / "file" / "memento.log")
    log.info("nobody hears this")
    assert logs.tail(tmp_path / "file" / "memento.log") == []


def test_starting_again_takes_the_place_of_the_first_start(tmp_path: Path):
    told: list[str] = []
    logs.start(tmp_path / "a.log", told.append)
    logs.start(tmp_path / "b.log")
    log.warning("once")
    assert not told
    assert not (tmp_path / "a.log").exists()
    assert len((tmp_path / "b.log").read_text().splitlines()) == 1


def test_a_follower_hears_every_line_once_across_rotations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(logs, "MOST", 1000)
    file = tmp_path / "memento.log"
    logs.start(file)
    follower = logs.Follower(file, 3)
    assert follower.read() == []
    heard: list[str] = []
    for n in range(60):
        log.info("line %s", n)
        if n % 5 == 4:
            heard += follower.read()
    assert [int(line.rpartition(" ")[2]) for line in heard] == list(range(60))
    assert follower.read() == []
    with file.open("ab") as out:  # a child writes as it comes
        out.write("half Ü".encode()[:-1])
        out.flush()
        assert follower.read() == []
        out.write("Ü".encode()[-1:] + b" line\n")
    assert follower.read() == ["half Ü line"]
    assert [line.rpartition(" ")[2] for line in logs.Follower(file, 3).read()] == ["58", "59", "line"]
