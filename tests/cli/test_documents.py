"""`memento remember --file` and `memento documents`: as an owner uses them, up to a changed policy that changes the next answer."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from memento_desktop.cli.app import app
from memento_desktop.errors import MementoError
from tests.cli.test_main_job import memento

POLICY = "# Policy\n\n## Hotels\n\nThe hotel limit is {} EUR a night. Book early.\n\n## Office\n\nThe parking code is 7731.\n"


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "desk" / "policy.md"
    path.parent.mkdir()
    path.write_text(POLICY.format(120))
    return path


def said(*words: str) -> str:
    """What a command prints, both streams."""
    done = CliRunner().invoke(app, list(words))
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def test_a_changed_policy_changes_the_next_answer(policy: Path):
    desk = policy.parent
    assert "Remembered: policy.md, 2 passages new" in memento("remember", "--file", "policy.md", cwd=desk).stdout
    assert "120 EUR" in memento("ask", "What is the hotel limit?", cwd=desk).stdout
    policy.write_text(POLICY.format(150))
    answered = memento("ask", "What is the hotel limit?", cwd=desk)
    assert "150 EUR" in answered.stdout
    assert "policy.md changed: 1 passage replaced" in answered.stderr
    assert "from    policy.md, line 5" in answered.stderr


def test_listed_shown_forgotten_and_undone(policy: Path):
    folder = str(policy.parent)
    (policy.parent / "empty.txt").touch()
    first = said("documents", "add", folder)
    assert "Remembered: policy.md" in first
    assert "empty.txt is empty" in first
    assert "Known already: policy.md" in said("documents", "add", str(policy))
    assert "up to date" in said("documents", "list")
    assert "policy.md › Hotels" in said("documents", "show", "policy.md")
    os.utime(policy, ns=(0, 0))
    assert "Nothing changed in 1 documents." in said("documents", "refresh")
    policy.unlink()
    assert "policy.md is gone" in said("documents", "refresh")
    assert "gone for" in said("documents", "list")
    assert "2 passages are in the trash" in said("documents", "forget", "policy.md")
    assert "No document is remembered yet" in said("documents", "list")
    said("memory", "undo")
    assert "gone for" in said("documents", "list")


def test_nothing_readable_is_an_error(policy: Path):
    empty = policy.with_name("empty.txt")
    empty.touch()
    with pytest.raises(MementoError, match="Nothing was remembered"):
        said("documents", "add", str(empty))
    with pytest.raises(MementoError, match="No document other"):
        said("documents", "forget", "other")


def test_what_was_taken_back_and_what_was_imported_is_said(policy: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    said("documents", "add", str(policy))
    policy.write_text(POLICY.format(150))
    assert "1 passage replaced" in said("documents", "refresh")
    said("memory", "undo")
    listed = said("documents", "list")
    assert "an older reading is in use" in listed
    assert "you took the last one back" in listed
    assert "Nothing changed in 1 documents." in said("documents", "refresh")
    assert "The hotel limit is 120 EUR a night." in said("documents", "show", "policy.md")
    assert "policy.md read again: 1 passage replaced" in said("documents", "refresh", "policy.md")
    assert "up to date" in said("documents", "list")
    said("export", str(tmp_path / "out.jsonl"))
    monkeypatch.setenv("MEMENTO_HOME", str(tmp_path / "other"))
    said("import", "--as-it-was", str(tmp_path / "out.jsonl"))
    assert "imported: not watched here" in said("documents", "list")
    assert "Taken up: policy.md, as it was imported; watched from now on" in said("documents", "add", str(policy))
    assert "up to date" in said("documents", "list")
