"""A stand-in for the editing of settings that another room writes: the same two functions, for `[section] key = text` alone."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

from memento_desktop.config.settings import Settings


def set_value(path: Path, key: str, value: object) -> Settings:
    section, _, name = key.partition(".")
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    made = f"{name} = {json.dumps(str(value), ensure_ascii=False)}"
    heads = [n for n, line in enumerate(lines) if line.strip() == f"[{section}]"]
    if not heads:
        lines += [f"[{section}]", made]
    else:
        end = next((n for n in range(heads[0] + 1, len(lines)) if lines[n].lstrip().startswith("[")), len(lines))
        old = [n for n in range(heads[0] + 1, end) if re.match(rf"\s*{name}\s*=", lines[n])]
        lines[old[0] if old else heads[0] + 1 : old[0] + 1 if old else heads[0] + 1] = [made]
    return _written(path, lines)


def unset(path: Path, key: str) -> Settings:
    name = key.partition(".")[2]
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return _written(path, [line for line in lines if not re.match(rf"\s*{name}\s*=", line)])


def _written(path: Path, lines: list[str]) -> Settings:
    text = "\n".join(lines) + "\n"
    found = Settings.model_validate(tomllib.loads(text))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return found
