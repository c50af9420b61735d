"""`memento settings`, `memento logs` and a conversation's export, as an owner uses them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from memento_desktop.assistant import Assistant
from memento_desktop.cli.app import app
from memento_desktop.config.logs import log_file
from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings
from memento_desktop.errors import MementoError
from tests.cli.test_documents import said


def test_a_setting_is_seen_changed_and_taken_back(paths: Paths):
    assert "a whole number from 0 to 4; the default" in said("settings", "get", "memory.most_cases")
    assert "memory.most_cases = 2" in said("settings", "set", "memory.most_cases", "2")
    assert "memory.most_cases" in said("settings", "list", "--changed")
    assert "set by the file, by default 4" in said("settings", "get", "memory.most_cases")
    rows = [json.loads(line) for line in said("settings", "list", "memory", "--json").splitlines()]
    assert {"key": "memory.most_cases", "value": 2, "default": 4, "maximum": 4}.items() <= rows[2].items()
    assert "memory.most_cases = 4" in said("settings", "unset", "memory.most_cases")
    assert "is not set" in said("settings", "unset", "memory.most_cases")
    assert "as it is by default" in said("settings", "list", "--changed")
    assert str(paths.settings) in said("settings", "path").replace("\n", "")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("set", "memory.most_cases", "9"), "a whole number from 0 to 4"),
        (("set", "memory.most_cases", "1", "2"), "has one value"),
        (("set", "momory.most_cases", "1"), "no setting momory"),
        (("get", "loop"), "no setting loop"),
        (("list", "lop"), "no section lop"),
    ],
)
def test_what_cannot_be_set_is_told_why(paths: Paths, words: tuple[str, ...], why: str):
    with pytest.raises(MementoError, match=why):
        said("settings", *words)
    assert not paths.settings.exists()


def test_a_path_means_the_same_from_any_folder(paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert "there is nothing at" in said("settings", "set", "model.path", "some.gguf")
    assert Settings.load(paths.settings).model.path == tmp_path / "some.gguf"
    said("settings", "set", "model.path", "~/some.gguf")
    assert Settings.load(paths.settings).model.path == Path("~/some.gguf")


def editor(monkeypatch: pytest.MonkeyPatch, folder: Path, change: str) -> None:
    """An editor that changes the text by a line of Python."""
    script = folder / "editor.py"
    script.write_text(
        f"import sys, pathlib\npath = pathlib.Path(sys.argv[1])\ntext = path.read_text('utf-8')\npath.write_text({change}, 'utf-8')"
    )
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f'"{sys.executable}" "{script}"')


def test_the_file_is_edited_as_a_whole_and_a_refused_text_is_kept(paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    editor(monkeypatch, tmp_path, "text")
    assert "nothing was changed" in said("settings", "edit")
    assert not paths.settings.exists()
    editor(monkeypatch, tmp_path, "text.replace('# most_cases = 4', 'most_cases = 3')")
    assert "Written" in said("settings", "edit")
    assert Settings.load(paths.settings).memory.most_cases == 3
    assert "# reader = " in paths.settings.read_text("utf-8"), "what the template explains stays"
    before = paths.settings.read_bytes()
    editor(monkeypatch, tmp_path, "text.replace('most_cases = 3', 'most_cases = 30')")
    with pytest.raises(MementoError) as refused:
        said("settings", "edit")
    assert paths.settings.read_bytes() == before
    kept = Path(refused.value.hint.rpartition(" is in ")[2].rstrip("."))
    assert "most_cases = 30" in kept.read_text("utf-8")
    kept.unlink()
    paths.settings.write_text("[memory\n")
    editor(monkeypatch, tmp_path, "'[memory]\\n'")
    assert "Written" in said("settings", "edit"), "a broken file can be mended"


def test_the_editor_of_the_settings_comes_before_that_of_the_environment(paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    script = tmp_path / "mine.py"
    script.write_text("import sys, pathlib\npathlib.Path(sys.argv[1]).write_text('[loop]\\njudge = false\\n')")
    monkeypatch.setenv("EDITOR", "no-such-editor-at-all")
    said("settings", "set", "app.editor", f'"{sys.executable}" "{script}"')
    said("settings", "edit")
    assert not Settings.load(paths.settings).loop.judge


def test_a_log_is_shown_without_control_characters(paths: Paths):
    assert "nothing is written" in said("logs")
    log_file(paths).parent.mkdir(parents=True)
    log_file(paths).write_bytes(b"".join(b"line %d \x1b[31m\n" % n for n in range(60)))
    shown = said("logs", "-n", "3")
    assert [line.split()[1] for line in shown.splitlines()] == ["57", "58", "59"]
    assert "\x1b" not in shown
    assert "engine.log" in said("logs", "--engine", "--path").replace("\n", "")
    assert CliRunner().invoke(app, ["logs", "--engine", "--embedder"]).exit_code == 2


def test_a_conversation_is_exported_as_markdown_and_as_json(paths: Paths, tmp_path: Path):
    assistant = Assistant(Settings(), paths)
    case = assistant.cases.begin("Hostile [b]x[/b]?", "toy")
    session = assistant.personal.conversations.begin("Talk")
    assistant.personal.write_down("user", "Hostile [b]x[/b]?", case, session)
    assistant.cases.finish(case, "interrupted", "", "the program ended while the task ran")
    assistant.cases.liveness.close()
    assistant.bank.close()
    assert "interrupted: the program ended" in said("conversations", "show", "1")
    printed = said("conversations", "export", "1", "--to", "-")
    assert printed.startswith("# Talk\n\n## you, ")
    assert "Z (interrupted: the program ended while the task ran)\n\nHostile [b]x[/b]?\n" in printed
    target = tmp_path / "talk.json"
    said("conversations", "export", "1", "--to", str(target))
    found = json.loads(target.read_text("utf-8"))
    assert [(one["text"], one["outcome"], one["case"]) for one in found["messages"]] == [("Hostile [b]x[/b]?", "interrupted", 1)]
    for where, why in ((target, "already"), (tmp_path, "is a folder"), (tmp_path / "none" / "x.md", "no folder")):
        with pytest.raises(MementoError, match=why):
            said("conversations", "export", "1", "--to", str(where))
    said("conversations", "export", "1", "--to", str(target), "--format", "md", "--force")
    assert target.read_text("utf-8") == printed


def test_a_task_kept_nowhere_goes_into_no_conversation(paths: Paths):
    assert CliRunner().invoke(app, ["ask", "--no-memory", "--session", "1", "x"]).exit_code == 2
    with pytest.raises(MementoError, match="no conversation 7"):
        said("ask", "--session", "7", "What is 5 + 5?")
