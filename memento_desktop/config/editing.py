"""The settings file, changed one setting at a time: comments, order and spacing stay, and nothing is written that could not be read."""

from __future__ import annotations

import contextlib
import copy
import re
import tomllib
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from memento_desktop.config.described import Kind as Kind
from memento_desktop.config.described import Place, allowed, kind_of, place_of, places, plain
from memento_desktop.config.described import Setting as Setting
from memento_desktop.config.described import described as described
from memento_desktop.config.described import section_title as section_title
from memento_desktop.config.described import setting as setting
from memento_desktop.config.settings import Settings
from memento_desktop.config.whole import alone, write_whole
from memento_desktop.errors import MementoError

TRIES = 5


def set_value(path: Path, key: str, value: object) -> Settings:
    """Sets one setting in the file, which is made when there is none. Returns what holds from now on.

    Args:
        key: `memory.most_cases`, `profile`, or a name within a table: `app.keys.help`.
        value: as Python has it, or as a person types it: `4`, `yes`, `a, b`. None unsets it.

    Raises:
        MementoError: there is no such setting, it cannot be this, or the file is broken or cannot be written; it is as it was.
    """
    place = place_of(key)
    if value is None or (value == "" and kind_of(place.field)[2]):
        return unset(path, key)
    return _rewritten(path, place.parts, _usable(place, key, value))


def unset(path: Path, key: str) -> Settings:
    """Takes a setting out of the file, so that its default holds; also one that the schema does not know. Returns what holds from now on.

    Raises:
        MementoError: there is no such setting in the schema or in the file, or the file is broken or cannot be written.
    """
    try:
        parts = place_of(key).parts
    except MementoError:
        parts = tuple(key.split("."))
        if not _holds(_data(Settings.read(path) or "", path), parts):
            raise
    return _rewritten(path, parts, None)


def checked(text: str, path: Path) -> Settings:
    """The settings that `text` would make as the content of `path`. Raises as `Settings.load`."""
    return Settings.parsed(text, path)


def replace_text(path: Path, text: str) -> Settings:
    """Puts `text` in place of the whole file.

    Raises:
        MementoError: it is not usable, or cannot be written; the file is as it was.
    """
    found = checked(text, path)
    with alone(path):
        write_whole(path, text)
    return found.of_the_environment()


def template() -> str:
    """A settings file that sets nothing, with every setting in a comment."""
    lines = ["# Settings of Memento. Every line here shows a default; take away its # to change it."]
    section = ""
    for place in places():
        if place.section != section:
            section = place.section
            lines += ["", f"# {section_title(section)}", f"[{section}]"]
        default = plain(place.field.get_default(call_default_factory=True))
        lines += [f"# {place.field.description} ({allowed(place.field)})", f"# {place.name} = {_literal(default)}"]
    return "\n".join(lines) + "\n"


def _literal(value: object) -> str:
    import tomlkit

    return "…" if value is None else "{}" if value == {} else tomlkit.item(value).as_string()


def _usable(place: Place, key: str, value: object) -> object:
    """The value as the file shall hold it.

    Raises:
        MementoError: the setting cannot be this.
    """
    kind, _, _ = kind_of(place.field)
    wanted = _listed(value) if kind == "list" and isinstance(value, str) else value.strip() if isinstance(value, str) else value
    try:
        valid = place.model.model_validate({place.name: {place.rest: wanted} if place.rest else wanted})
    except ValidationError as error:
        what = "a text" if place.rest else allowed(place.field)
        said = "" if error.errors()[0]["type"] in TOLD else f" ({error.errors()[0]['msg']})"
        raise MementoError(f"{key} cannot be “{value}”: it is {what}{said}.", "Nothing was changed.") from error
    found = getattr(valid, place.name)
    return plain(found[place.rest] if place.rest else found)


TOLD = frozenset(
    ("bool_parsing", "int_parsing", "float_parsing", "literal_error", "greater_than", "greater_than_equal", "less_than", "less_than_equal",
     "int_from_float", "string_pattern_mismatch", "bool_type", "int_type", "float_type", "string_type", "dict_type", "list_type")
)  # fmt: skip
"""Refusals that the words for what is allowed explain already."""


def _listed(text: str) -> object:
    """A list as a person types it: with commas between its parts, or as TOML has it."""
    if text.lstrip().startswith("["):
        try:
            return tomllib.loads(f"it = {text}")["it"]
        except tomllib.TOMLDecodeError:
            return text
    return [part.strip() for part in text.split(",") if part.strip()]


def _rewritten(path: Path, parts: tuple[str, ...], value: object | None) -> Settings:
    """Writes the file with one key changed, or removed when `value` is None. What another program writes meanwhile is kept."""
    if Settings.read(path) is None and value is None:
        return Settings().of_the_environment()
    with alone(path):
        return _change(path, parts, value)


def _change(path: Path, parts: tuple[str, ...], value: object | None) -> Settings:
    for _ in range(TRIES):
        text = Settings.read(path)
        before = _data(text or "", path)
        wanted = _with(before, parts, value)
        if wanted == before and (value is None or _holds(before, parts)):
            return Settings.parsed(text or "", path).of_the_environment()
        changed = next((one for one in _edits(text or "", parts, value) if _says(one, wanted)), None)
        if changed is None:
            raise _by_hand(path, parts)
        found = checked(changed, path)
        if Settings.read(path) == text:  # an editor asks for no lock
            write_whole(path, changed)
            return found.of_the_environment()
    raise MementoError(f"{path} is being changed by another program.", "Nothing was changed; try again.")


def _by_hand(path: Path, parts: tuple[str, ...]) -> MementoError:
    return MementoError(
        f"{'.'.join(parts)} cannot be changed in {path} without touching what stands around it.",
        "Nothing was changed. `memento settings edit` opens the file.",
    )


def _data(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MementoError(f"The settings in {path} are not TOML: {error}.", "Mend the line first: `memento settings edit`.") from error


def _holds(data: Mapping[str, Any], parts: tuple[str, ...]) -> bool:
    here: Any = data
    for part in parts:
        if not isinstance(here, Mapping) or part not in here:
            return False
        here = here[part]  # pyright: ignore[reportUnknownVariableType]
    return True


def _with(data: Mapping[str, Any], parts: tuple[str, ...], value: object | None) -> dict[str, Any]:
    """A copy of `data` with one key set, or removed when `value` is None."""
    whole: dict[str, Any] = copy.deepcopy(dict(data))
    if value is None and not _holds(whole, parts):
        return whole
    here: dict[str, Any] = whole
    for part in parts[:-1]:
        if not isinstance(here.get(part), dict):
            here[part] = {}
        here = here[part]
    if value is None:
        del here[parts[-1]]
    else:
        here[parts[-1]] = value
    return whole


def _full(data: Mapping[str, Any]) -> dict[str, Any]:
    """`data` without sections that hold nothing: with keys such as `loop.judge` a section goes with its last key."""
    kept = {name: _full(cast(dict[str, Any], one)) if isinstance(one, dict) else one for name, one in data.items()}
    return {name: one for name, one in kept.items() if one != {}}


def _says(text: str, wanted: Mapping[str, Any]) -> bool:
    try:
        return _full(tomllib.loads(text)) == _full(wanted)
    except tomllib.TOMLDecodeError:
        return False


def _edits(text: str, parts: tuple[str, ...], value: object | None) -> Generator[str]:
    """`text` with one key changed, in the ways that this can be written, the best first; not each fits each file. Line ends are kept."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    ways: list[Callable[[], str]] = [lambda: _through_document(text, parts, value)]
    if value is not None:
        line = f"{'.'.join(tomlkit.key(part).as_string() for part in parts)} = {tomlkit.item(value).as_string()}\n"
        if len(parts) == 1 and not _above(text)[0]:
            ways = [lambda: _on_top(text, line)]
        else:  # beside keys such as `memory.explore` above all sections
            ways.append(lambda: _above(text)[1] + line + text[len(_above(text)[1]) :])
    for way in ways:
        with contextlib.suppress(TOMLKitError, TypeError, AttributeError, ValueError, KeyError):  # tomlkit knows no more than this one way
            changed = way()
            yield re.sub(r"\r?\n", "\r\n", changed) if "\r\n" in text else changed


def _through_document(text: str, parts: tuple[str, ...], value: object | None) -> str:
    import tomlkit

    document = tomlkit.parse(text)
    if value is None:
        _remove(document, parts)
    else:
        _put(document, parts, value)
    return tomlkit.dumps(document)


def _above(text: str) -> tuple[bool, str]:
    """Whether any setting stands above the first section, and the lines up to the last of them."""
    lines = re.split(r"^[ \t]*\[", text, maxsplit=1, flags=re.MULTILINE)[0].splitlines(keepends=True)
    while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    kept = "".join(lines)
    return bool(kept), kept if not kept or kept.endswith("\n") else ""


def _on_top(text: str, line: str) -> str:
    """A line before all sections: under the file's own heading, where a blank line ends that."""
    heading = re.match(r"(?:[ \t]*#[^\n]*\n)+[ \t]*\r?\n", text)
    start = heading.end() if heading else 0
    rest = text[start:]
    return text[:start] + line + ("\n" if rest.strip() and not rest.startswith(("\n", "\r\n")) else "") + rest


def _remove(document: Any, parts: tuple[str, ...]) -> None:
    here = document
    for part in parts[:-1]:
        here = here[part]
    del here[parts[-1]]


def _put(document: Any, parts: tuple[str, ...], value: object) -> None:
    from tomlkit.items import InlineTable

    here = document
    for n, part in enumerate(parts[:-1]):
        if part not in here:
            inner: Any = value
            if isinstance(here, InlineTable):
                for name in reversed(parts[n + 1 :]):
                    inner = {name: inner}
                here[part] = inner
                return
            _begin(document, here, part, parts[n + 1 :], value)
            return
        here = here[part]
    if parts[-1] in here:
        here[parts[-1]] = value
    else:
        _append(here, parts[-1], value)


def _begin(document: Any, here: Any, part: str, names: tuple[str, ...], value: object) -> None:
    """A new section, at the end, with a blank line before it."""
    import tomlkit

    table: Any = tomlkit.table(is_super_table=len(names) > 1)
    inner = table
    for n, name in enumerate(names[:-1], 1):
        below: Any = tomlkit.table(is_super_table=len(names) - n > 1)
        inner.append(name, below)
        inner = below
    inner.append(names[-1], value)
    if (so_far := document.as_string()) and not so_far.endswith("\n"):
        here.add(tomlkit.nl())
    if so_far.strip() and not so_far.endswith(("\n\n", "\n\r\n")):
        here.add(tomlkit.nl())
    here.append(part, table)


def _append(table: Any, name: str, value: object) -> None:
    """A new key after the last one of its section: comments and blank lines below that belong to what follows."""
    container = getattr(table, "value", None)
    body: Any = getattr(container, "body", None)
    held: list[Any] = []
    while body and body[-1][0] is None:
        held.append(body.pop()[1])
    table.append(name, value)
    for one in reversed(held):
        table.add(one)
