"""Every setting as a person is shown it: drawn from the schema, with its value, where that comes from, and what else it may be."""

from __future__ import annotations

import difflib
import os
import tomllib
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Union, cast, get_args, get_origin

from pydantic.fields import FieldInfo

from memento_desktop.config.settings import Section, Settings
from memento_desktop.errors import MementoError

Kind = Literal["bool", "int", "float", "choice", "text", "path", "list", "table"]
SetBy = Literal["default", "file", "environment"]
NAMED: Mapping[Any, tuple[Kind, str]] = {
    bool: ("bool", "yes or no"), int: ("int", "a whole number"), float: ("float", "a number"), str: ("text", "a text"),
    Path: ("path", "a file or folder"), list: ("list", "a list"), tuple: ("list", "a list"), dict: ("table", "names with a text each"),
}  # fmt: skip
VARIABLES = {"profile": "MEMENTO_PROFILE"}
"""Settings that a variable of the environment overrules."""


@dataclass(frozen=True)
class Setting:
    """One setting. `value` is what is in use; None stands for unset."""

    key: str
    """`memory.most_cases`; what stands in no section is its bare name."""
    section: str
    name: str
    kind: Kind
    choices: tuple[str, ...]
    minimum: float | None
    maximum: float | None
    default: object
    value: object
    set_by: SetBy
    description: str
    allowed: str
    """What it may be, in words: “a whole number from 0 to 4”."""
    optional: bool
    """Whether it may be unset."""


@dataclass(frozen=True)
class Place:
    """Where a key stands in the schema; `rest` is a name within a table."""

    section: str
    name: str
    model: type[Section]
    field: FieldInfo
    rest: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(part for part in (self.section, self.name, self.rest) if part)


def section_title(section: str) -> str:
    """What a section of the settings is about, in a line."""
    found = _sections().get(section)
    return (found.__doc__ or "").strip().split("\n")[0] if found else "Above all sections."


def places() -> list[Place]:
    """Every setting of the schema, in its order; first those outside any section."""
    sections = _sections()
    top = [Place("", name, Settings, field) for name, field in Settings.model_fields.items() if name not in sections]
    return top + [Place(section, name, model, field) for section, model in sections.items() for name, field in model.model_fields.items()]


def place_of(key: str) -> Place:
    """
    Raises:
        MementoError: there is no such setting; the hint names those that are like it.
    """
    for place in places():
        whole = ".".join(place.parts)
        if key == whole:
            return place
        if key.startswith(f"{whole}.") and kind_of(place.field)[0] == "table":
            return Place(place.section, place.name, place.model, place.field, key.removeprefix(f"{whole}."))
    names = [".".join(place.parts) for place in places()]
    inside = [name for name in names if name.startswith(f"{key}.") or name.endswith(f".{key}")]
    near = inside or difflib.get_close_matches(key, names, 3, 0.5)
    raise MementoError(
        f"There is no setting {key}.", f"Did you mean {' or '.join(near)}?" if near else "`memento settings list` shows them all."
    )


def described(settings: Settings, path: Path) -> list[Setting]:
    """All settings, in the schema's order.

    Args:
        settings: those in use.
        path: the file that they were read from.

    Raises:
        MementoError: the file is not TOML, or cannot be read.
    """
    text = Settings.read(path)
    try:
        data: Mapping[str, Any] = tomllib.loads(text or "")
    except tomllib.TOMLDecodeError as error:
        raise MementoError(f"The settings in {path} are not TOML: {error}.", "Mend the line, or remove the file.") from error
    return [_setting(place, settings, data) for place in places()]


def setting(settings: Settings, path: Path, key: str) -> Setting:
    """One setting, or one name in a table. Raises as `described`, and as `place_of`."""
    place = place_of(key)
    whole = next(one for one in described(settings, path) if one.key == ".".join(part for part in (place.section, place.name) if part))
    if not place.rest:
        return whole
    inside = cast(dict[str, object], whole.value).get(place.rest)
    set_by: SetBy = "default" if inside is None else whole.set_by
    return Setting(
        key, whole.section, place.rest, "text", (), None, None, None, inside, set_by, whole.description, "a text", True
    )  # fmt: skip


def kind_of(field: FieldInfo) -> tuple[Kind, tuple[str, ...], bool]:
    """A field's kind, its choices, and whether it may be unset."""
    annotation: Any = field.annotation
    optional = False
    if get_origin(annotation) in (Union, types.UnionType):
        others = [one for one in get_args(annotation) if one is not type(None)]
        optional, annotation = len(others) < len(get_args(annotation)), others[0]
    if get_origin(annotation) is Literal:
        return "choice", tuple(str(one) for one in get_args(annotation)), optional
    return NAMED.get(get_origin(annotation) or annotation, ("text", ""))[0], (), optional


def allowed(field: FieldInfo) -> str:
    """What a setting may be, in words."""
    kind, choices, optional = kind_of(field)
    if kind == "choice":
        return f"{', '.join(choices[:-1])} or {choices[-1]}"
    words = next(text for name, text in NAMED.values() if name == kind)
    low, high = _bound(field, "ge", "gt"), _bound(field, "le", "lt")
    if _bound(field, "gt") is not None and low is not None:
        words += f" above {low:g}" + (f", at most {high:.15g}" if high is not None else "")
    elif low is not None and high is not None:
        words += f" from {low:.15g} to {high:.15g}"
    elif low is not None:
        words += f", {low:.15g} or more"
    pattern = _bound(field, "pattern")
    words += " of small letters, digits, - and _, at most 32" if pattern else ""
    return words + (", or nothing" if optional else "")


def refusal(place: Sequence[str | int], said: str) -> tuple[str, str]:
    """A key of a settings file that the schema refuses, and why in words; `said` is the schema's own reason."""
    key = ".".join(map(str, place))
    for one in places():
        if tuple(place[: len(one.parts)]) == one.parts:
            return key, f"it is {'a text' if len(place) > len(one.parts) else allowed(one.field)}"
    if len(place) == 1 and place[0] in _sections():
        return key, "it is a section, with its settings below it"
    near = difflib.get_close_matches(key, [".".join(one.parts) for one in places()], 1, 0.6)
    return key, f"there is no such setting{f'; there is {near[0]}' if near else ''}" if said.startswith("Extra") else said


def plain(value: object) -> object:
    """A value as a TOML file holds it."""
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in cast(Mapping[Any, object], value).items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(one) for one in cast(Sequence[object], value)]
    return value


def _sections() -> dict[str, type[Section]]:
    found: dict[str, type[Section]] = {}
    for name, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            found[name] = field.annotation
    return found


def _bound(field: FieldInfo, *names: str) -> Any:
    """The first of these limits that a field has."""
    return next((limit for one in field.metadata for name in names if (limit := getattr(one, name, None)) is not None), None)


def _setting(place: Place, settings: Settings, data: Mapping[str, Any]) -> Setting:
    kind, choices, optional = kind_of(place.field)
    holder = getattr(settings, place.section) if place.section else settings
    inside = data.get(place.section, {}) if place.section else data
    set_by: SetBy = "file" if isinstance(inside, Mapping) and place.name in inside else "default"
    key = ".".join(place.parts)
    if os.environ.get(VARIABLES.get(key, ""), "").strip():
        set_by = "environment"
    default: object = place.field.get_default(call_default_factory=True)
    return Setting(
        key, place.section, place.name, kind, choices, _bound(place.field, "ge", "gt"), _bound(place.field, "le", "lt"), plain(default),
        plain(getattr(holder, place.name)), set_by, place.field.description or "", allowed(place.field), optional,
    )  # fmt: skip
