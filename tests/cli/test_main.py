"""The entry point: every way out says why."""

from __future__ import annotations

import sys

import pytest

from memento_desktop.cli import doctor
from memento_desktop.cli.main import main
from memento_desktop.errors import MementoError


def ended(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> int:
    def fail() -> int:
        raise error

    monkeypatch.setattr(doctor, "run", fail)
    monkeypatch.setattr(sys, "argv", ["memento", "doctor"])
    with pytest.raises(SystemExit) as end:
        main()
    assert isinstance(end.value.code, int)
    return end.value.code


def test_ctrl_c_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    assert ended(monkeypatch, KeyboardInterrupt()) == 130
    assert "Stopped." in capsys.readouterr().err


def test_an_error_for_people_is_told_with_its_hint(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    assert ended(monkeypatch, MementoError("The tray is empty.", "Fill it.")) == 1
    said = capsys.readouterr().err
    assert "The tray is empty." in said
    assert "Fill it." in said
    assert "Stopped" not in said
