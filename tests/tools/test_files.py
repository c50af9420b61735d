"""Folders and list_files: what may be reached, what may not, and how names are matched."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memento_desktop.errors import MementoError
from memento_desktop.tools import files
from memento_desktop.tools.files import Folders, ListFiles, fits

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX links and pipes")


@pytest.fixture
def opened(tmp_path: Path) -> Path:
    root = tmp_path / "open"
    for name in ("trips.csv", "Team Trips.xlsx", "notes/plan.md", "notes/deep/old.csv", ".hidden/key.csv", ".env", "Ärger.txt"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")
    (tmp_path / "secret.csv").write_text("secret")
    (tmp_path / "openly").mkdir()
    (tmp_path / "openly" / "other.csv").write_text("x")
    return root


def refused(folders: Folders, name: str) -> str:
    with pytest.raises(MementoError) as caught:
        folders.resolve(name)
    return str(caught.value)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("trips.csv", "trips.csv"),
        ("TRIPS.CSV", "trips.csv"),
        (" 'trips.csv' ", "trips.csv"),
        ("./notes/../trips.csv", "trips.csv"),
        ("team trips.xlsx", "Team Trips.xlsx"),
        ("team_trips.xlsx", "Team Trips.xlsx"),
        ("TeamTrips.xlsx", "Team Trips.xlsx"),
        ("plan.md", "notes/plan.md"),
        ("notes\\plan.md", "notes/plan.md"),
        ("plan", "notes/plan.md"),
        ("old.csv", "notes/deep/old.csv"),
        ("A\u0308rger.txt", "Ärger.txt"),
    ],
)
def test_names_that_fit_one_file(opened: Path, said: str, meant: str) -> None:
    folders = Folders([opened])
    path = folders.resolve(said)
    assert path == (opened / meant).resolve()
    assert folders.display(path) == meant
    assert folders.resolve(str(opened / meant)) == path


@pytest.mark.parametrize(
    "said", ["../secret.csv", "notes/../../secret.csv", "/etc/passwd", "../openly/other.csv", "..", "~root/x", "//server/share/x"]
)
def test_nothing_outside_the_roots_is_reached(opened: Path, said: str) -> None:
    message = refused(Folders([opened]), said)
    assert "outside" in message or "There is no file" in message
    assert "secret.csv," not in message


def test_a_folder_whose_name_begins_alike_is_outside(opened: Path) -> None:
    assert "outside" in refused(Folders([opened]), str(opened) + "ly/other.csv")


@POSIX
def test_links_are_followed_only_inside(opened: Path) -> None:
    (opened / "escape.csv").symlink_to(opened.parent / "secret.csv")
    (opened / "folder").symlink_to(opened.parent)
    (opened / "inside.csv").symlink_to(opened / "trips.csv")
    (opened / "loop.csv").symlink_to(opened / "loop.csv")
    (opened / "again").symlink_to(opened)
    folders = Folders([opened])
    assert "leads outside" in refused(folders, "escape.csv")
    assert "leads outside" in refused(folders, "folder/secret.csv")
    assert folders.resolve("inside.csv") == (opened / "trips.csv").resolve()
    assert "There is no file loop.csv" in refused(folders, "loop.csv")
    shown = {folders.display(path) for path in folders.visible()[0]}
    assert shown == {"trips.csv", "Team Trips.xlsx", "notes/plan.md", "notes/deep/old.csv", "Ärger.txt"}


@POSIX
def test_a_root_that_is_a_link_is_open_under_both_names(opened: Path) -> None:
    link = opened.parent / "link"
    link.symlink_to(opened)
    folders = Folders([link])
    assert folders.resolve(str(link / "trips.csv")) == folders.resolve(str(opened / "trips.csv")) == folders.resolve("trips.csv")


@POSIX
def test_pipes_and_devices_are_no_files(opened: Path) -> None:
    os.mkfifo(opened / "pipe.csv")
    assert "pipe" in refused(Folders([opened]), "pipe.csv")
    assert "device" in refused(Folders([Path("/dev")]), "null")


@pytest.mark.parametrize("said", ["", "  ", "''", "a\x00b", "a\nb", "x" * 1001, "a" * 300 + ".csv", "\udcff.csv"])
def test_hostile_names_are_refused_in_words(opened: Path, said: str) -> None:
    assert refused(Folders([opened]), said)


def test_a_folder_is_not_a_file_and_no_folder_is_an_error(opened: Path) -> None:
    assert "is a folder" in refused(Folders([opened]), "notes")
    assert "No folder is open" in refused(Folders([]), "x")


def test_a_missing_file_names_those_that_look_like_it_first(opened: Path) -> None:
    for number in range(20):
        (opened / f"other{number}.txt").write_text("x")
    message = refused(Folders([opened]), "tripps.csv")
    assert message.startswith("There is no file tripps.csv here. Files: trips.csv, ")
    assert message.count(",") == 7
    assert ".env" not in message


def test_an_ending_or_folder_that_was_given_has_to_be_right(opened: Path) -> None:
    assert "There is no file trips.pdf" in refused(Folders([opened]), "trips.pdf")
    assert "There is no file june/plan.md" in refused(Folders([opened]), "june/plan.md")


def test_two_that_fit_are_both_named(opened: Path) -> None:
    (opened / "team_trips.xlsx").write_text("x")
    message = refused(Folders([opened]), "team-trips.xlsx")
    assert "Team Trips.xlsx" in message
    assert "team_trips.xlsx" in message


def test_separators_between_numbers_count(opened: Path) -> None:
    (opened / "report 2-1.txt").write_text("x")
    assert "There is no file report 21.txt" in refused(Folders([opened]), "report 21.txt")
    assert Folders([opened]).resolve("report_2_1.txt").name == "report 2-1.txt"


def test_the_first_root_wins_and_display_stays_clear(opened: Path, tmp_path: Path) -> None:
    other = tmp_path / "second"
    other.mkdir()
    (other / "trips.csv").write_text("y")
    (other / "only.csv").write_text("y")
    folders = Folders([opened, other])
    assert folders.resolve("trips.csv") == (opened / "trips.csv").resolve()
    assert folders.display((other / "only.csv").resolve()) == "only.csv"
    for path in folders.visible()[0]:
        assert folders.resolve(folders.display(path)) == path


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=30))
def test_no_name_at_all_gets_out(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    root = tmp_path_factory.getbasetemp() / "hypothesis_root"
    root.mkdir(exist_ok=True)
    (root / "a.txt").write_text("x")
    try:
        assert Folders([root]).resolve(name).is_relative_to(root.resolve())
    except MementoError as error:
        assert error.message


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("*.csv", "trips.csv", True),
        ("*.CSV", "Trips.csv", True),
        ("*.csv", "notes/old.csv", True),
        ("notes/*.csv", "notes/old.csv", True),
        ("notes/*.csv", "notes/deep/old.csv", False),
        ("notes/**/*.csv", "notes/deep/old.csv", True),
        ("**/*.csv", "trips.csv", True),
        ("../*", "trips.csv", False),
        ("[ab].txt", "[ab].txt", True),
        ("*" * 50 + "z", "a" * 200, False),
        ("/".join(["**"] * 50) + "/x", "/".join("a" * 100), False),
    ],
)
def test_patterns(pattern: str, name: str, expected: bool) -> None:
    assert fits(pattern, name) is expected


async def listing(root: Path, pattern: str) -> str:
    return (await ListFiles(Folders([root])).call({"pattern": pattern}, asyncio.Event())).text


async def test_listing(opened: Path) -> None:
    assert await listing(opened, "*.csv") == "trips.csv\nnotes/deep/old.csv"
    assert await listing(opened, str(opened / "*.csv")) == "trips.csv\nnotes/deep/old.csv"
    assert await listing(opened, "") == "Team Trips.xlsx\ntrips.csv\nÄrger.txt\nnotes/plan.md\nnotes/deep/old.csv"
    assert await listing(opened, "../*") == "No file here fits ../*."
    assert await listing(opened, "/etc/*") == "No file here fits /etc/*."
    assert ListFiles(Folders([opened])).preview({"pattern": "*.csv"}) == "List the files *.csv"


async def test_a_long_listing_says_how_many_more(opened: Path) -> None:
    for number in range(250):
        (opened / f"n{number:03}.log").touch()
    lines = (await listing(opened, "*.log")).splitlines()
    assert len(lines) == 201
    assert lines[-1] == "and 50 more"


@POSIX
async def test_a_name_cannot_forge_a_line(opened: Path) -> None:
    (opened / "a\nb\u202e.log").touch()
    assert await listing(opened, "*.log") == "a�b�.log"


async def test_a_search_that_gives_up_says_so(opened: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "SCANNED", 3)
    assert "Only the first 3 entries" in await listing(opened, "*.nothing")
