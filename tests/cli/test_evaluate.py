"""`memento eval` runs an evaluation by name, keeps the run, and fails a check by naming what fell short."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from typer.testing import CliRunner

from memento_desktop.cli.app import app
from memento_desktop.cli.main import main
from memento_desktop.config.paths import Paths
from memento_desktop.evaluation.report import Bar, Report, Table

Asked = list[dict[str, Any]]


def report(name: str, ok: bool) -> Report:
    return Report(name, [Table("Success", ("reader", "last"), [("kernel", "0.90")])], [Bar("gain over similarity", 0.0123, "≥ 0.28", ok)])


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """What each evaluation was asked; they stand in for those that take minutes."""
    seen: Asked = []

    def stand_in(name: str, ok: bool, waits: bool) -> None:
        def run(*, progress: Callable[[str], None], **arguments: Any) -> Report:
            seen.append(arguments)
            progress(f"seed 1 of {name}")
            return report(name, ok)

        async def later(**arguments: Any) -> Report:
            return run(**arguments)

        module = ModuleType(name)
        module.run = later if waits else run  # pyright: ignore[reportAttributeAccessIssue]
        monkeypatch.setitem(sys.modules, f"memento_desktop.evaluation.{name}", module)

    stand_in("learning", ok=False, waits=True)
    stand_in("selection", ok=True, waits=False)
    stand_in("poison", ok=True, waits=True)
    stand_in("reference", ok=True, waits=False)
    return seen


def test_a_run_is_shown_and_kept_in_a_folder_of_its_own(asked: Asked, capfd: pytest.CaptureFixture[str], paths: Paths):
    assert CliRunner().invoke(app, ["eval", "selection", "--quick", "--data", "sets"]).exit_code == 0
    assert asked == [{"data": Path("sets"), "cache": paths.cache, "quick": True, "seeds": 1}]
    kept = list((paths.data / "evaluations").glob("*/selection/report.json"))
    assert len(kept) == 1


@pytest.mark.parametrize("name", ["learning", "poison"])
def test_a_model_and_seeds_are_handed_on(asked: Asked, tmp_path: Path, name: str):
    model = tmp_path / "some.gguf"
    done = CliRunner().invoke(app, ["eval", name, "--model", str(model), "--seeds", "5", "--out", str(tmp_path)])
    assert done.exit_code == 0
    assert asked == [{"quick": False, "seeds": 5, "model": model}]
    assert (tmp_path / name / "report.md").exists()


def test_a_check_fails_with_the_bar_and_its_figure(asked: Asked, tmp_path: Path):
    assert CliRunner().invoke(app, ["eval", "reference", "--check", "--out", str(tmp_path / "a")]).exit_code == 0
    assert CliRunner().invoke(app, ["eval", "learning", "--out", str(tmp_path / "b")]).exit_code == 0
    done = CliRunner().invoke(app, ["eval", "learning", "--check", "--out", str(tmp_path / "c")])
    assert done.exit_code == 1
    assert "gain over similarity: 0.0123, needed ≥ 0.28" in " ".join(done.output.split())
    assert (tmp_path / "c" / "learning" / "report.json").exists()


def test_an_earlier_run_is_noticed_before_anything_is_measured(
    asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    words = ["memento", "eval", "poison", "--out", str(tmp_path)]
    (tmp_path / "poison").mkdir()
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert asked == []
