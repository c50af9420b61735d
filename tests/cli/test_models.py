"""`memento models`: each command through the command line, on a home of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from memento_desktop.cli import models as commands
from memento_desktop.cli.app import app
from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings
from memento_desktop.errors import MementoError
from memento_desktop.inference.models import bandwidth
from memento_desktop.inference.models import store as module
from tests.gguf_made import make_gguf
from tests.inference.models.conftest import online as online
from tests.inference.models.hub_made import MadeHub


@pytest.fixture(autouse=True)
def alone(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """No other program's models, and a known bandwidth."""
    monkeypatch.setattr(module, "layouts", list)

    def copying(threads: int, seconds: float) -> float:
        return 30e9

    monkeypatch.setattr(bandwidth, "copying", copying)
    paths.models.mkdir(parents=True)


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["models", *words], catch_exceptions=True)


def refused(*words: str) -> MementoError:
    result = run(*words)
    assert isinstance(result.exception, MementoError), result.output
    return result.exception


def model(paths: Paths, name: str = "nice-1B-Q8_0.gguf") -> Path:
    return make_gguf(paths.models / name, layers=1)


def test_list_shows_what_is_here_and_why_something_is_not_usable(paths: Paths) -> None:
    model(paths)
    (paths.models / "bad.gguf").write_bytes(b"GGUF")
    result = run("list")
    assert result.exit_code == 0 and "memento nano" in result.output and "made for a test" in result.output
    assert "damaged" in result.output and "middle of its header" in result.output
    assert "models use 2" in result.output


def test_list_recommends_one_where_there_is_none() -> None:
    assert "memento models pull" in run("list").output


def test_names_in_a_file_are_not_obeyed(paths: Paths) -> None:
    path = model(paths)
    path.write_bytes(path.read_bytes().replace(b"made for a test", b"[red]\x1b[31m evil"))
    assert "\x1b[31m" not in run("list").output and "[red]" in run("list").output


def test_find_filters_and_gives_advice() -> None:
    result = run("find", "apache", "qwen")
    assert "qwen3-8b" in result.output and "phi-4" not in result.output and "models pull" in result.output
    assert "nonsense" in refused("find", "nonsense").message


def test_use_and_back(paths: Paths) -> None:
    path = model(paths)
    assert "In use: made for a test" in run("use", "nice").output
    assert Settings.load(paths.settings).model.path == path
    assert "In use: memento nano (built-in)" in run("use", "built-in").output
    assert Settings.load(paths.settings).model.path is None


def test_show_tells_of_one_here_and_of_one_to_get(paths: Paths) -> None:
    path = model(paths)
    here = run("show", "nice").output
    assert str(path) in here and "llama" in here and "chat template" in here and "needs" in here
    there = run("show", "gpt-oss-20b").output
    assert "at 32k" in there and "sha256" in there and "https://huggingface.co/ggml-org/gpt-oss-20b-GGUF" in there


def test_rm_asks_and_deletes_only_ours(paths: Paths) -> None:
    path = model(paths)
    assert "--yes" in refused("rm", "nice").hint and path.exists()
    assert run("rm", "nice", "--yes").exit_code == 0 and not path.exists()
    assert "belongs to the app" in refused("rm", "built-in", "--yes").hint


def test_pull_downloads_and_uses(paths: Paths, online: MadeHub, tmp_path: Path) -> None:
    online.files["Org/Nice-GGUF/nice-Q4_K_M.gguf"] = make_gguf(tmp_path / "x.gguf", layers=1).read_bytes()
    result = run("pull", "Org/Nice-GGUF", "--use")
    assert result.exit_code == 0 and "Downloaded: made for a test" in result.output and "In use" in result.output
    assert Settings.load(paths.settings).model.path == paths.models / "Org--Nice-GGUF" / "nice-Q4_K_M.gguf"
    assert "404" in refused("pull", "Org/None-GGUF").message


def test_pull_offline_or_too_large_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "HF_HUB_OFFLINE" in refused("pull", "qwen3-0.6b").message

    def small(cache: Path, threads: int | None, measure: bool) -> bandwidth.Machine:
        return bandwidth.Machine(10**9, 10**9, 0.0, 1)

    monkeypatch.setattr(module, "machine", small)
    assert "--anyway" in refused("pull", "qwen3-8b").hint


def test_a_pause_says_how_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands.ModelStore, "pull", interrupted)
    result = run("pull", "qwen3-0.6b")
    assert result.exit_code == 130 and "models pull qwen3-0.6b" in result.output


@pytest.mark.parametrize(("count", "said"), [(0, "?"), (512, "512"), (8192, "8k"), (262_144, "256k")])
def test_contexts(count: int, said: str) -> None:
    assert commands.tokens(count) == said
