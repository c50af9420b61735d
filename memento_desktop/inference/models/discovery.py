"""Finds the GGUF models that are on this disk already, each once. Only reads, touches no network, and loads nothing."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from memento_desktop.errors import MementoError
from memento_desktop.inference.models.head import Head, read_head
from memento_desktop.inference.models.layouts import Place
from memento_desktop.inference.models.local import LocalModel, described, stem

MOST_FILES = 200_000
"""Entries looked at in one place: an owner's folder may be the root of a disk."""
_PART = re.compile(r"-(\d{5})-of-(\d{5})\.gguf$", re.IGNORECASE)
_MODEL_LAYER = "application/vnd.ollama.image.model"
_LICENCE_LAYER = "application/vnd.ollama.image.license"
_MAX_MANIFEST = 2**20
_Identity = tuple[int, int] | str
_Walked = set[tuple[_Identity, str]]


@dataclass
class Discovery:
    """What was found, and which folders could not be looked into (whole sentences)."""

    models: list[LocalModel] = field(default_factory=list[LocalModel])
    troubles: list[str] = field(default_factory=list[str])


@dataclass(frozen=True)
class _Found:
    """Files of one model before they are read: its parts in order, and what its keeper says of it."""

    parts: tuple[Path, ...]
    owner: str
    called: str = ""
    licence: str = ""
    lacking: str = ""
    """What is wrong with the set of files: a part that is not there."""


def discover(places: Sequence[Place]) -> Discovery:
    """Every model below `places`, once however many programs share its file; in the order of the places. Blocking, some ms a model."""
    result = Discovery()
    seen: dict[_Identity, int] = {}
    walked: _Walked = set()
    for place in places:
        found = _stored(place, result.troubles) if place.store else _filed(place, walked, result.troubles)
        for one in found:
            key = _identity(one.parts[0])
            if key in seen:
                known = result.models[seen[key]]
                if one.owner not in known.places:
                    result.models[seen[key]] = replace(known, places=(*known.places, one.owner))
                continue
            seen[key] = len(result.models)
            result.models.append(_described(one))
    return result


def _identity(path: Path) -> _Identity:
    """The same for all names of one file: links, hard links, other ways to its folder."""
    try:
        stat = path.stat()
    except OSError:
        return str(path)
    return (stat.st_dev, stat.st_ino) if stat.st_ino else os.path.normcase(path.resolve())


def _described(found: _Found) -> LocalModel:
    first = found.parts[0]
    heads: list[Head] = []
    damage = found.lacking
    try:
        heads = [read_head(part) for part in found.parts]
    except MementoError as err:
        which = f" ({found.parts[len(heads)].name})" if len(found.parts) > 1 else ""
        damage = damage or err.message + which
    if heads:
        model = described(heads, (found.owner,), found.called, found.licence)
        return replace(model, damage=damage, shape=None) if damage else model
    size = sum(part.stat().st_size for part in found.parts if part.is_file())
    return LocalModel(first, found.called or stem(first), size, found.parts, (found.owner,), damage=damage)


def _filed(place: Place, walked: _Walked, troubles: list[str]) -> Iterator[_Found]:
    """The GGUFs below a folder, the parts of split ones together."""
    groups: dict[tuple[Path, str, int], dict[int, Path]] = {}
    for path in _walk(place, walked, troubles):
        part = _PART.search(path.name)
        if part is None:
            yield _Found((path,), place.owner)
        else:
            groups.setdefault((path.parent, stem(path), int(part[2])), {})[int(part[1])] = path
    for (_, _, count), parts in groups.items():
        lacking = [n for n in range(1, min(count, 1000) + 1) if n not in parts]
        said = f"It is not whole: part {lacking[0]} of {count} is missing." if lacking else ""
        yield _Found(tuple(parts[n] for n in sorted(parts)), place.owner, lacking=said)


def _walk(place: Place, walked: _Walked, troubles: list[str]) -> Iterator[Path]:
    stack, looked = [(place.folder, 0)], 0
    while stack:
        folder, depth = stack.pop()
        entries = _entries(folder, place, walked, troubles)
        looked += len(entries)
        if looked > MOST_FILES:
            troubles.append(f"{place.folder} holds more than {MOST_FILES:,} files: not all of it was looked through.")
            return
        for entry in entries:
            wanted = depth or not place.only or entry.name.startswith(place.only)
            if _is(entry, "dir"):
                # Only what the cache shows as a snapshot has names; `blobs` beside it are the same files without.
                if wanted and depth < place.depth and entry.name not in ("blobs", ".git", "node_modules"):
                    stack.append((Path(entry.path), depth + 1))
            elif entry.name.lower().endswith(".gguf") and not entry.name.startswith("."):
                yield Path(entry.path)


def _entries(folder: Path, place: Place, walked: _Walked, troubles: list[str]) -> list[os.DirEntry[str]]:
    key = _identity(folder)
    if (key, place.owner) in walked:
        return []
    walked.add((key, place.owner))
    try:
        with os.scandir(folder) as scan:
            return sorted(scan, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as err:
        troubles.append(f"{folder} ({place.owner}) cannot be looked into: {err.strerror or err}.")
        return []


def _is(entry: os.DirEntry[str], kind: str) -> bool:
    # A link that leads nowhere, or round in a circle, is neither.
    try:
        return entry.is_dir() if kind == "dir" else entry.is_file()
    except OSError:
        return False


def _stored(place: Place, troubles: list[str]) -> Iterator[_Found]:
    """Ollama's models: manifests/HOST/NAMESPACE/MODEL/TAG names the layers, blobs/sha256-… holds them."""
    root = place.folder / "manifests"
    plain = Place(place.owner, root, 5)
    walked: _Walked = set()
    stack = [root]
    while stack:
        for entry in _entries(stack.pop(), plain, walked, troubles):
            path = Path(entry.path)
            if _is(entry, "dir"):
                if len(path.relative_to(root).parts) < 5:
                    stack.append(path)
            elif (found := _manifest(path, root, place)) is not None:
                yield found


def _manifest(path: Path, root: Path, place: Place) -> _Found | None:
    try:
        with path.open("rb") as file:
            content: Any = json.loads(file.read(_MAX_MANIFEST))
        layers: list[Any] = content["layers"]
        digests = {str(layer["mediaType"]): str(layer["digest"]) for layer in reversed(layers)}
    except (OSError, ValueError, KeyError, TypeError):
        return None  # not a manifest: Ollama would not show it either
    if _MODEL_LAYER not in digests:
        return None
    host, *names = path.relative_to(root).parts
    tag = names.pop() if len(names) > 1 else "latest"
    if names[:1] == ["library"]:
        names = names[1:]
    called = "/".join(names if host == "registry.ollama.ai" else (host, *names)) + f":{tag}"
    blob = _blob(place, digests[_MODEL_LAYER])
    lacking = "" if blob.is_file() else "Ollama lists it, but its file is not there."
    licence = _blob(place, digests[_LICENCE_LAYER]) if _LICENCE_LAYER in digests else None
    return _Found((blob,), place.owner, called, _first_words(licence) if licence else "", lacking)


def _blob(place: Place, digest: str) -> Path:
    # A digest is hexadecimal; anything else could lead out of the folder.
    safe = digest if re.fullmatch(r"[a-z0-9]+:[0-9a-fA-F]+", digest) else "none"
    new, old = (place.folder / "blobs" / safe.replace(":", mark) for mark in ("-", ":"))
    return old if not new.is_file() and os.name != "nt" and old.is_file() else new


def _first_words(path: Path) -> str:
    try:
        with path.open("rb") as file:
            text = file.read(400).decode("utf-8", "replace")
    except OSError:
        return ""
    return next((" ".join(line.split())[:60] for line in text.splitlines() if line.strip()), "")


def kept_by_settings(folders: Sequence[Path]) -> tuple[list[Place], list[str]]:
    """The owner's own folders as places, and which of them do not exist."""
    expanded = [folder.expanduser() for folder in folders]
    gone = [f"{folder}, a folder of the settings, does not exist." for folder in expanded if not folder.is_dir()]
    return [Place("your folder", folder) for folder in expanded], gone
