"""`memento settings …`: what can be set, shown and changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from memento_desktop.cli.console import clean, columns, err, note, out, show, styled
from memento_desktop.cli.editor import edited
from memento_desktop.config.editing import Setting, described, replace_text, set_value, setting, template, unset
from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings
from memento_desktop.errors import MementoError

SET_BY = {"default": "", "file": "the file", "environment": "the environment"}


def _file() -> Path:
    return Paths.of_this_user().settings


def shown(value: object) -> str:
    """A value as a person types it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return str(value).removesuffix(".0")


def list_settings(section: str, changed: bool, as_json: bool) -> None:
    path = _file()
    every = described(Settings.load(path), path)
    sections = list(dict.fromkeys(one.section for one in every if one.section))
    if section and section not in sections:
        raise MementoError(f"There is no section {section}.", f"Known: {', '.join(sections)}.")
    found = [one for one in every if (not section or one.section == section) and (not changed or one.value != one.default)]
    if as_json:
        for one in found:
            print(json.dumps(asdict(one)))
        return
    if not found:
        err.print(styled("Everything is as it is by default.", "dim"))
        return
    table = columns(("setting", "value", "set by", "what it is"), "what it is", right=())
    for one in found:
        table.add_row(clean(one.key), clean(shown(one.value)) or "–", SET_BY[one.set_by], clean(one.description))
    show(table)
    note("", "`memento settings get KEY` tells what one may be, `set KEY VALUE` changes it", "dim")


def get_setting(key: str) -> None:
    path = _file()
    one = setting(Settings.load(path), path, key)
    out.print(styled(shown(one.value)))
    note("", one.description, "dim")
    by = f"set by {SET_BY[one.set_by]}" if SET_BY[one.set_by] else "the default"
    note("", f"{one.allowed}; {by}{_default(one) if SET_BY[one.set_by] else ''}", "dim")


def _default(one: Setting) -> str:
    return f", by default {shown(one.default) or 'nothing'}"


def set_setting(key: str, values: Sequence[str]) -> None:
    path = _file()
    kind = setting(Settings(), path, key).kind
    if len(values) > 1 and kind != "list":
        raise MementoError(f"{key} has one value, and {len(values)} were given.", "Put quotes around it.")
    wanted = [_absolute(value) if kind == "path" else value for value in values]
    settings = set_value(path, key, list(wanted) if len(wanted) > 1 else wanted[0])
    one = setting(settings, path, key)
    out.print(styled(f"{key} = {shown(one.value)}"))
    if one.set_by == "environment":
        note("note", "the environment says otherwise, and that counts", "yellow")
    if kind == "path" and one.value and not Path(str(one.value)).expanduser().exists():
        note("note", f"there is nothing at {one.value} yet", "yellow")
    note("", f"`memento settings unset {key}` goes back to the default", "dim")


def _absolute(value: str) -> str:
    """A path that means the same from any folder."""
    return value if not value.strip() or value.startswith("~") else str(Path(value).absolute())


def unset_setting(key: str) -> None:
    path = _file()
    before = path.read_bytes() if path.exists() else b""
    settings = unset(path, key)
    if before == (path.read_bytes() if path.exists() else b""):
        err.print(styled(f"{key} is not set in {path}.", "dim"))
        return
    try:
        one = setting(settings, path, key)
        out.print(styled(f"{key} = {shown(one.value)}".rstrip(" =") if shown(one.value) else f"{key} is unset"))
    except MementoError:  # it is none that we know: that is why it had to go
        out.print(styled(f"{key} is removed."))


def show_path() -> None:
    path = _file()
    out.print(styled(str(path)))
    if not path.exists():
        note("", "it is not there yet: everything is as it is by default", "dim")


def edit_settings() -> None:
    """Opens the file, or where there is none a template that sets nothing. Only what was changed, and can be used, is written."""
    path = _file()
    there = Settings.read(path)
    text = template() if there is None else there
    with edited(text, ".toml") as changed:
        if changed == text.replace("\r\n", "\n"):
            note("", "nothing was changed", "dim")
            return
        if Settings.read(path) != there:
            raise MementoError(f"{path} was changed by another program meanwhile.", "Edit it again.")
        replace_text(path, changed.replace("\n", "\r\n") if "\r\n" in text else changed)
    out.print(styled(f"Written: {path}"))
