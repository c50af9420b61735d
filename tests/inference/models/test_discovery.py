"""A made-up home with every program's layout: each model is found once, by name, and no file is touched."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path

import pytest

from memento_desktop.inference.models.discovery import Discovery, discover, kept_by_settings
from memento_desktop.inference.models.layouts import Place, layouts
from tests.gguf_made import make_gguf


def model(path: Path, seed: int, **more: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return make_gguf(path, seed=seed, layers=1, **more)  # pyright: ignore[reportArgumentType]


def ollama(root: Path, seed: int, *names: str, host: str = "registry.ollama.ai") -> None:
    """One model in Ollama's store under several names."""
    made = model(root / "blobs" / "new", seed, template=None)
    digest = hashlib.sha256(made.read_bytes()).hexdigest()
    made.rename(made.with_name(f"sha256-{digest}"))
    licence = root / "blobs" / ("sha256-" + "a" * 64)
    licence.write_text("\n  MIT License\n\nPermission is granted")
    for name in names:
        file = root / "manifests" / host / name.replace(":", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        layers = [
            {"mediaType": "application/vnd.ollama.image.model", "digest": f"sha256:{digest}"},
            {"mediaType": "application/vnd.ollama.image.license", "digest": "sha256:" + "a" * 64},
        ]
        file.write_text(json.dumps({"layers": layers}))


def link(target: Path, name: Path) -> None:
    name.parent.mkdir(parents=True, exist_ok=True)
    try:
        name.symlink_to(target)
    except OSError:  # Windows without the right to: the cache then holds the files themselves
        os.link(target, name)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A Linux home in which seven programs keep thirteen models."""
    home = tmp_path / "someone"
    hub = home / ".cache" / "huggingface" / "hub" / "models--Org--One-GGUF"
    blob = model(hub / "blobs" / "b10b", 1)
    link(blob, hub / "snapshots" / "0123" / "one-Q8_0.gguf")
    link(blob, hub / "snapshots" / "4567" / "one-Q8_0.gguf")
    (home / ".cache" / "huggingface" / "hub" / "datasets--x").mkdir()
    model(home / ".cache" / "huggingface" / "hub" / "datasets--x" / "no.gguf", 99)
    model(home / ".cache" / "llama.cpp" / "Org_Two-GGUF_two.gguf", 2)
    model(home / ".cache" / "llama.cpp" / "models--Org--Three" / "snapshots" / "89ab" / "three.gguf", 3)
    four = model(home / ".lmstudio" / "models" / "Org" / "Four-GGUF" / "four.gguf", 4)
    model(home / "lm" / "models" / "Org" / "Five-GGUF" / "five.gguf", 5)
    (home / ".lmstudio-home-pointer").write_text(f"{home / 'lm'}\n")
    ollama(home / ".ollama" / "models", 6, "library/six:latest", "library/six:8b")
    ollama(home / ".ollama" / "models", 7, "Org/Seven-GGUF:Q4_K_M", host="hf.co")
    model(home / ".local" / "share" / "Jan" / "data" / "llamacpp" / "models" / "eight" / "model.gguf", 8, metadata={})
    model(home / ".local" / "share" / "nomic.ai" / "GPT4All" / "nine.gguf", 9)
    os.link(four, home / ".local" / "share" / "nomic.ai" / "GPT4All" / "also-four.gguf")
    for part in (1, 2):
        model(home / "gguf" / f"ten-0000{part}-of-00002.gguf", 10 + part)
    model(home / "gguf" / "lost-00002-of-00003.gguf", 13)
    model(home / "gguf" / "embed.gguf", 14, arch="bert")
    (home / "gguf" / "bad.gguf").write_bytes(b"GGUF\3\0")
    return home


def look(home: Path, *folders: Path, environ: dict[str, str] | None = None, platform: str = "linux") -> Discovery:
    kept, gone = kept_by_settings(folders)
    places = [place for place in layouts(home, environ or {}, platform) if home in place.folder.parents]
    found = discover([*kept, *places])
    found.troubles += gone
    return found


def state(home: Path) -> dict[str, tuple[object, ...]]:
    """What every file is and holds, and when it was changed."""
    found: dict[str, tuple[object, ...]] = {}
    for path in sorted(home.rglob("*")):
        stat = path.lstat()
        content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        found[str(path)] = (stat.st_mode, stat.st_size, stat.st_mtime_ns, content)
    return found


def test_every_model_is_found_once_and_nothing_is_touched(machine: Path) -> None:
    before = state(machine)
    found = look(machine, machine / "gguf")
    assert state(machine) == before and found.troubles == []
    by = {(model.path.name if "blobs" not in model.path.parts else model.name): model for model in found.models}
    assert sorted(by) == sorted([
        "one-Q8_0.gguf", "Org_Two-GGUF_two.gguf", "three.gguf", "four.gguf", "five.gguf", "six:8b",
        "hf.co/Org/Seven-GGUF:Q4_K_M", "model.gguf",
        "nine.gguf", "ten-00001-of-00002.gguf", "lost-00002-of-00003.gguf", "embed.gguf", "bad.gguf",
    ])  # fmt: skip
    assert len(found.models) == 13
    assert by["four.gguf"].places == ("LM Studio", "GPT4All")
    assert by["six:8b"].licence == "MIT License" and not by["six:8b"].has_template and by["six:8b"].usable
    assert by["one-Q8_0.gguf"].has_template and by["one-Q8_0.gguf"].context == 1024 and by["one-Q8_0.gguf"].architecture == "llama"
    assert by["embed.gguf"].role == "embedding" and not by["embed.gguf"].usable
    assert {name for name, model in by.items() if model.damage} == {"bad.gguf", "lost-00002-of-00003.gguf"}


def test_split_files_are_one_and_a_missing_part_is_named(machine: Path) -> None:
    by = {model.path.name: model for model in look(machine, machine / "gguf").models}
    ten = by["ten-00001-of-00002.gguf"]
    assert len(ten.parts) == 2 and ten.size == sum(part.stat().st_size for part in ten.parts) and ten.usable
    assert by["lost-00002-of-00003.gguf"].damage == "It is not whole: part 1 of 3 is missing."
    assert "middle of its header" in by["bad.gguf"].damage and by["bad.gguf"].size == 6


def test_an_owners_folder_comes_first_and_shares_its_files(machine: Path) -> None:
    found = look(machine, machine / ".lmstudio", machine / "none")
    four = next(model for model in found.models if model.path.name == "four.gguf")
    assert four.places == ("your folder", "LM Studio", "GPT4All")
    assert found.troubles == [f"{machine / 'none'}, a folder of the settings, does not exist."]


def test_environment_variables_move_the_places(tmp_path: Path) -> None:
    variables = {
        "HF_HUB_CACHE": "hub",
        "LLAMA_CACHE": "llama",
        "OLLAMA_MODELS": "ollama",
        "XDG_DATA_HOME": "data",
        "XDG_CACHE_HOME": "cache",
    }
    environ = {name: str(tmp_path / folder) for name, folder in variables.items()}
    folders = {place.folder for place in layouts(tmp_path / "home", environ, "linux")}
    assert {tmp_path / "hub", tmp_path / "llama", tmp_path / "ollama", tmp_path / "data" / "nomic.ai" / "GPT4All"} <= folders
    assert tmp_path / "cache" / "llama.cpp" in folders
    moved = {place.folder for place in layouts(tmp_path / "home", {"HF_HOME": str(tmp_path / "hf")}, "linux")}
    assert tmp_path / "hf" / "hub" in moved


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        ("darwin", ["Library/Caches/llama.cpp", "Library/Application Support/Jan/data/llamacpp/models", ".ollama/models"]),
        ("win32", ["AppData/Local/llama.cpp", "AppData/Roaming/Jan/data/llamacpp/models", "AppData/Local/nomic.ai/GPT4All"]),
    ],
)
def test_other_platforms(tmp_path: Path, platform: str, expected: list[str]) -> None:
    folders = {place.folder for place in layouts(tmp_path, {}, platform)}
    assert {tmp_path / folder for folder in expected} <= folders


def test_settings_of_other_programs_that_move_their_models(tmp_path: Path) -> None:
    for file, content in {
        ".lmstudio/settings.json": json.dumps({"downloadsFolder": str(tmp_path / "big")}),
        ".config/Jan/settings.json": json.dumps({"data_folder": str(tmp_path / "jan-data")}),
        ".config/nomic.ai/GPT4All.ini": f"[General]\nmodelPath={tmp_path / 'gpt'}\n",
    }.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(content)
    folders = {place.folder for place in layouts(tmp_path, {}, "linux")}
    assert {tmp_path / "big", tmp_path / "jan-data" / "llamacpp" / "models", tmp_path / "gpt"} <= folders
    for file in (".lmstudio/settings.json", ".config/Jan/settings.json", ".config/nomic.ai/GPT4All.ini"):
        (tmp_path / file).write_bytes(b"\xff{[\0")
    assert tmp_path / ".lmstudio" / "models" in {place.folder for place in layouts(tmp_path, {}, "linux")}


def test_a_hostile_manifest_leads_nowhere(tmp_path: Path) -> None:
    secret = model(tmp_path / "secret.gguf", 1)
    root = tmp_path / "ollama"
    for n, content in enumerate((
        {"layers": [{"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:../../secret.gguf"}]},
        {"layers": [{"mediaType": "application/vnd.ollama.image.model", "digest": str(secret)}]}, {"layers": 3}, [], {"layers": [{}]},
    )):  # fmt: skip
        file = root / "manifests" / "registry.ollama.ai" / "library" / "x" / str(n)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content))
    found = discover([Place("Ollama", root, store=True)]).models
    assert [one.damage for one in found] == ["Ollama lists it, but its file is not there."]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right on Windows")
def test_links_in_circles_and_into_nothing_end(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    model(folder / "x.gguf", 1)
    (folder / "again").symlink_to(folder, target_is_directory=True)
    (folder / "gone.gguf").symlink_to(tmp_path / "nothing")
    (folder / "self.gguf").symlink_to(folder / "self.gguf")
    found = discover([Place("here", folder)])
    assert sorted((one.path.name, bool(one.damage)) for one in found.models) == [
        ("gone.gguf", True),
        ("self.gguf", True),
        ("x.gguf", False),
    ]


@pytest.mark.skipif(sys.platform == "win32" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may look anywhere")
def test_a_closed_folder_is_said(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    assert "closed" in discover([Place("here", tmp_path)]).troubles[0]


def test_a_name_that_says_nothing_gives_way_to_the_files(tmp_path: Path) -> None:
    made = make_gguf(tmp_path / "Nice-1B-Q8_0.gguf", layers=1)
    data = made.read_bytes()
    made.write_bytes(data.replace(b"made for a test", b"model          "))
    assert discover([Place("here", tmp_path)]).models[0].name == "Nice-1B-Q8_0"
