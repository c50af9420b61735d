"""`memento pool …` as two people use it on one machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from memento_desktop.cli import console
from memento_desktop.cli.pools_app import pool as app
from memento_desktop.errors import MementoError
from tests.memory.pools.homes import Home

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in somebody's home; what it prints, and what a MementoError says."""
    monkeypatch.setattr(console.out, "width", 200)
    monkeypatch.setattr(console.err, "width", 200)

    def one(who: str, *words: str, code: int = 0) -> str:
        monkeypatch.setenv("MEMENTO_HOME", str(tmp_path / who))
        result = CliRunner().invoke(app, words)
        if isinstance(result.exception, MementoError):
            assert code == 1
            return str(result.exception)
        assert result.exit_code == code, result.output
        return result.output

    return one


def remember(tmp_path: Path, who: str, *texts: str) -> None:
    home = Home(tmp_path / who / "data", who)
    for text in texts:
        home.memories.keep(text)
    home.close()


def test_two_people_share_a_folder(run: Run, tmp_path: Path):
    pool = str(tmp_path / "pool")
    remember(tmp_path, "ann", "Ruth's locker code is 4471.", "Totals leave out void rows.")
    assert "no pool is read here" in run("ben", "list")
    assert "Made the pool Team" in run("ann", "create", pool, "--name", "Team", "--as", "Ann")
    preview = run("ann", "publish", "1", "2", "--to", "Team", "--dry-run")
    assert "[name 1]'s locker code is [number 1]." in preview
    assert "no terminal to ask in" in run("ann", "publish", "1", "2", "--to", "Team", code=1)
    assert "nobody published there yet" in run("ben", "join", pool)
    said = run("ann", "publish", "1", "2", "--to", "Team", "--mask", "all")
    assert "Published: memory 1" in said
    assert "masked     name: Ruth" in said
    assert "ignored: Ann" in run("ben", "sync")
    assert "Team: 2 new" in run("ben", "trust", "Team", "Ann")
    assert "nothing new" in run("ben", "sync", "Team")
    assert "Published already" in run("ann", "publish", "2", "--to", "Team", "--mask", "none")
    assert "Withdrawn from Team: Ruth's" in run("ann", "withdraw", "1")
    assert "1 withdrawn" in run("ben", "sync")
    shown = run("ann", "show", "Team")
    assert "yours 2" in shown
    assert "you" in shown
    assert "Left; 1 memory removed" in run("ben", "leave", "Team")
    assert "1 memory of yours stay" in run("ann", "leave", "Team").replace("stays", "stay")


def test_a_refused_file_is_named_and_the_exit_code_says_so(run: Run, tmp_path: Path):
    pool = tmp_path / "pool"
    remember(tmp_path, "ann", "Totals leave out void rows.")
    run("ann", "create", str(pool), "--name", "Team", "--as", "Ann")
    run("ann", "publish", "1", "--to", "Team", "--mask", "none")
    run("ben", "join", str(pool))
    run("ben", "trust", "Team", "Ann")
    (file,) = pool.rglob("*.jsonl")
    file.write_bytes(file.read_bytes().replace(b"leave out", b"take in  "))
    assert f"Refused: authors/{file.parent.name}/{file.name}, line 2" in run("ben", "sync", code=1)
    (pool / "pool.json").unlink()
    assert "There is no pool in" in run("ben", "sync", "Team", code=1)
    assert "There is no pool in" in run("ben", "sync", code=1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("sync", "Nowhere"), "You read no pool “Nowhere”"),
        (("publish", "1", "--to", "Nowhere"), "You read no pool"),
        (("join", "nowhere"), "There is no pool in"),
        (("withdraw", "7"), "is not published"),
        (("create", "p", "--name", "a/b"), "cannot be a pool's name"),
        (("leave", "Nowhere"), "You read no pool"),
    ],
)
def test_bad_input_is_named(run: Run, words: tuple[str, ...], said: str):
    assert said in run("ann", *words, code=1)
