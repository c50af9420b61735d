"""The commands around backups, as a person types them."""

from __future__ import annotations

import typer
from typer.testing import CliRunner

from memento_desktop.cli.backup_app import checking, copies, listing
from memento_desktop.config.paths import Paths
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.durability.backup import Backups
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
