"""The commands around backups, as a person types them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from memento_desktop.cli import console
from memento_desktop.cli.app import app as whole
from memento_desktop.cli.backup_app import checking, copies, listing
from memento_desktop.config.paths import Paths
from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.conversations.talks import Conversations
from memento_desktop.memory.durability.backup import Backups
from memento_desktop.memory.durability.copying import examine
from memento_desktop.memory.memories import Memories

app = typer.Typer()
app.add_typer(copies)
app.add_typer(listing, name="backups")
app.add_typer(checking, name="memory")


def said(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, words)
    assert done.exit_code == code, (done.output, done.exception)
    return done.output


def keep(paths: Paths, text: str) -> None:
    bank = Bank(paths.bank)
    Memories(bank).keep(text)
    bank.close()


def test_back_up_put_back_take_back_and_delete(paths: Paths):
    keep(paths, "The lock opens with 4471")
    assert "Backed up" in said("backup")
    keep(paths, "Ruth likes oolong")
    assert "nothing was changed" in said("restore", "1", "--dry-run")
    assert "-1 memory" in said("restore", "1", "--yes")
    bank = Bank(paths.bank)
    assert Memories(bank).count() == 1
    bank.close()
    assert [line.split()[0] for line in said("backups").splitlines() if line.strip()[:1].isdigit()] == ["1", "2"]
    assert "All is well" in said("memory", "check")
    said("restore", Backups(paths.bank).copies()[0].path.stem)
    assert "Deleted: 1 backup\n" in said("backups", "delete", "3")
    said("backups", "delete", code=2)
    assert "Deleted: 2 backups" in said("backups", "delete", "--all")
    (left,) = Backups(paths.bank).copies()
    assert left.kind == "manual"


def test_the_check_exits_with_1_until_the_bank_is_repaired(paths: Paths):
    keep(paths, "The lock opens with 4471")
    bank = Bank(paths.bank)
    bank.rows("DELETE FROM memory_text")
    bank.close()
    assert "not found by their words" in said("memory", "check", code=1)
    assert "mended" in said("memory", "check", "--repair")
    assert "All is well" in said("memory", "check")


def test_a_new_name_without_an_ending_is_a_folder(paths: Paths, tmp_path: Path):
    keep(paths, "The lock opens with 4471")
    for name in ("stick", f"drive.d{os.sep}", f"deep{os.sep}er"):
        said("backup", "--to", str(tmp_path) + os.sep + name)
        (copy,) = (tmp_path / name).glob("memento-*.sqlite")
        assert Backups(paths.bank).holds() == examine(copy)
    told = said("backup", "--to", str(tmp_path / "copy.sqlite"))
    assert f"Backed up: {tmp_path / 'copy.sqlite'}" in told
    (tmp_path / "plain").write_text("mine")
    for name in ("plain", f"plain{os.sep}", "copy.sqlite"):
        done = CliRunner().invoke(app, ["backup", "--to", str(tmp_path) + os.sep + name])
        assert isinstance(done.exception, MementoError)
    assert (tmp_path / "plain").read_text() == "mine"


def test_yes_is_not_asked(paths: Paths, monkeypatch: pytest.MonkeyPatch):
    keep(paths, "The lock opens with 4471")
    said("backup")
    monkeypatch.setattr(console, "interactive", lambda: True)
    assert "nothing was deleted" in CliRunner().invoke(app, ["backups", "delete", "1"], input="n\n").output
    assert "Deleted: 1 backup" in said("backups", "delete", "1", "--yes")
    for words in (("memory", "delete", "1", "--purge"), ("conversations", "delete", "1", "--purge")):
        bank = Bank(paths.bank)
        Conversations(bank).begin("Talk") if words[0] == "conversations" else None
        bank.close()
        refused = CliRunner().invoke(whole, words, input="n\n")
        assert "nothing was changed" in refused.output
        assert "Removed for good." in CliRunner().invoke(whole, [*words, "--yes"]).output
