"""Where programs keep their GGUF models, on each platform and by each program's own environment variables. Nothing here writes."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

DEPTH = 6


@dataclass(frozen=True)
class Place:
    """A folder in which a program keeps models. `store` is true for Ollama's, whose files have no names of their own."""

    owner: str
    folder: Path
    depth: int = DEPTH
    store: bool = False
    only: str = ""
    """What folders right below must begin with: the Hugging Face cache holds much else."""


@dataclass(frozen=True)
class _Machine:
    home: Path
    environ: Mapping[str, str]
    platform: str

    def given(self, *names: str) -> Path | None:
        """The folder of the first of these variables that is set."""
        return next((Path(value).expanduser() for name in names if (value := self.environ.get(name, "").strip())), None)

    def cache(self) -> Path:
        return self.given("XDG_CACHE_HOME") or self.home / ".cache"

    def data(self) -> list[Path]:
        """Where applications keep their data: several, since they changed their minds."""
        if self.platform == "darwin":
            return [self.home / "Library" / "Application Support"]
        if self.platform == "win32":
            roaming, local = self.given("APPDATA"), self.given("LOCALAPPDATA")
            return [roaming or self.home / "AppData" / "Roaming", local or self.home / "AppData" / "Local"]
        return [
            self.given("XDG_DATA_HOME") or self.home / ".local" / "share",
            self.given("XDG_CONFIG_HOME") or self.home / ".config",
            self.home / ".var" / "app" / "ai.jan.Jan" / "data",
        ]


def layouts(home: Path | None = None, environ: Mapping[str, str] | None = None, platform: str = sys.platform) -> list[Place]:
    """The folders of other programs on this machine, whether they exist or not."""
    machine = _Machine(home or Path.home(), os.environ if environ is None else environ, platform)
    return [*_hub(machine), *_llama_cpp(machine), *_lm_studio(machine), *_ollama(machine), *_jan(machine), *_gpt4all(machine)]


def _hub(machine: _Machine) -> Iterator[Place]:
    home = machine.given("HF_HOME") or machine.cache() / "huggingface"
    yield Place("Hugging Face cache", machine.given("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE") or home / "hub", only="models--")


def _llama_cpp(machine: _Machine) -> Iterator[Place]:
    # Of old one flat folder, since 2026 laid out as the Hugging Face cache: a search by names finds both.
    if given := machine.given("LLAMA_CACHE"):
        yield Place("llama.cpp", given)
    if machine.platform == "darwin":
        yield Place("llama.cpp", machine.home / "Library" / "Caches" / "llama.cpp")
    elif machine.platform == "win32":
        yield Place("llama.cpp", (machine.given("LOCALAPPDATA") or machine.home / "AppData" / "Local") / "llama.cpp")
    else:
        yield Place("llama.cpp", machine.cache() / "llama.cpp")


def _lm_studio(machine: _Machine) -> Iterator[Place]:
    homes = [machine.home / ".lmstudio", machine.home / ".cache" / "lm-studio"]
    pointed = _first_line(machine.home / ".lmstudio-home-pointer")
    homes = [Path(pointed).expanduser(), *homes] if pointed else homes
    settings = [*(home / "settings.json" for home in homes), *(data / "LM Studio" / "settings.json" for data in machine.data())]
    chosen = [Path(folder).expanduser() for file in settings if (folder := _json_text(file, "downloadsFolder"))]
    for folder in dict.fromkeys((*chosen, *(home / "models" for home in homes))):
        yield Place("LM Studio", folder)


def _ollama(machine: _Machine) -> Iterator[Place]:
    if given := machine.given("OLLAMA_MODELS"):
        yield Place("Ollama", given, store=True)
    yield Place("Ollama", machine.home / ".ollama" / "models", store=True)
    if machine.platform not in ("darwin", "win32"):
        # The service of the Linux installer and of distributions runs as a user of its own.
        for folder in ("/usr/share/ollama/.ollama/models", "/var/lib/ollama/.ollama/models", "/var/lib/ollama/models"):
            yield Place("Ollama", Path(folder), store=True)


def _jan(machine: _Machine) -> Iterator[Place]:
    roots = [data / "Jan" for data in machine.data()]
    moved = [Path(folder).expanduser() for root in roots if (folder := _json_text(root / "settings.json", "data_folder"))]
    for root in dict.fromkeys((*moved, *(root / "data" for root in roots), machine.home / "jan")):
        yield Place("Jan", root / "llamacpp" / "models")
        yield Place("Jan", root / "models")
    yield Place("Jan", machine.home / "cortexcpp" / "models")


def _gpt4all(machine: _Machine) -> Iterator[Place]:
    config = machine.given("XDG_CONFIG_HOME") or machine.home / ".config"
    for file in (config / "nomic.ai" / "GPT4All.ini", *(data / "nomic.ai" / "GPT4All.ini" for data in machine.data())):
        if folder := _ini_value(file, "modelPath"):
            yield Place("GPT4All", Path(folder).expanduser(), depth=2)
    for data in machine.data():
        yield Place("GPT4All", data / "nomic.ai" / "GPT4All", depth=2)


def _read(file: Path) -> str:
    # Another program's file: one that is not there, or not as expected, tells nothing, and its usual folder is looked into all the same.
    try:
        with file.open("rb") as opened:
            return opened.read(2**20).decode("utf-8-sig", "replace")
    except OSError:
        return ""


def _first_line(file: Path) -> str:
    return next((line.strip() for line in _read(file).splitlines() if line.strip()), "").replace("\0", "")


def _json_text(file: Path, key: str) -> str:
    try:
        found: Any = json.loads(_read(file) or "null")
    except ValueError:
        return ""
    value = cast("dict[str, Any]", found).get(key) if isinstance(found, dict) else None
    return value.replace("\0", "") if isinstance(value, str) else ""


def _ini_value(file: Path, key: str) -> str:
    match = re.search(rf"^\s*{key}\s*=\s*(.+?)\s*$", _read(file), re.MULTILINE)
    return match[1].strip('"').replace("\0", "") if match else ""
