"""The folders that the owner opened to the tools, names in them, and the `list_files` tool."""

from __future__ import annotations

import asyncio
import difflib
import logging
import os
import re
import stat
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

from memento_desktop.errors import MementoError
from memento_desktop.tools import specs, texts
from memento_desktop.tools.base import Result, Spec

log = logging.getLogger(__name__)

LISTED = 200
"""Names that one listing shows at most."""
SUGGESTED = 8
"""Names that stand beside a name that was not found."""
SCANNED = 50_000
"""Folder entries that are looked at before a search for names gives up."""


class Folders:
    """The folders that the owner opened. Every path that leaves this class lies, links followed, inside one of them."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._given = tuple(Path(os.path.normpath(Path(root).expanduser().absolute())) for root in roots)
        self._roots = tuple(root.resolve() for root in self._given)

    @property
    def roots(self) -> Sequence[Path]:
        return self._roots

    def resolve(self, name: str) -> Path:
        """The ordinary file that `name` means: an absolute path, or one relative to the first root that has it.

        A name that differs in case, spaces or a left-out folder or ending is taken too when exactly one visible file fits.
        Raises MementoError for anything outside the roots (also through `..` or a link), for a folder, a device or a pipe,
        and, with the names that exist, for a file that is not there.
        """
        if not self._roots:
            raise MementoError("No folder is open to the assistant", "open one to let it read files")
        wanted = _cleaned(name)
        outside = True
        for candidate in self._candidates(name, wanted):
            if not self._lexically_inside(candidate):
                continue
            outside = False
            if (found := self._existing(candidate, wanted)) is not None:
                return found
        if outside:
            raise MementoError(f"{wanted} is outside the folders that are open to the assistant")
        return self._similar(wanted)

    def display(self, path: Path) -> str:
        """`path` as the owner would write it: relative to its root, with forward slashes; absolute where that is ambiguous."""
        for number, root in enumerate(self._roots):
            if path.is_relative_to(root):
                relative = path.relative_to(root)
                hidden_by_earlier = any((earlier / relative).exists() for earlier in self._roots[:number])
                return str(path) if hidden_by_earlier else relative.as_posix()
        return str(path)

    def visible(self) -> tuple[Sequence[Path], bool]:
        """All files that are not hidden, and whether there were too many entries to look at them all."""
        found: dict[Path, None] = {}
        budget = SCANNED
        for root in self._roots:
            for path in _walk(root, self._inside):
                if budget <= 0:
                    return list(found), True
                budget -= 1
                if path is not None:
                    found.setdefault(path)
        return list(found), False

    def _candidates(self, name: str, wanted: str) -> Iterator[Path]:
        spellings = dict.fromkeys((name, wanted, wanted.replace("\\", "/")))
        for spelling in spellings:
            if spelling.startswith("~"):
                spelling = os.path.expanduser(spelling)  # noqa: PTH111  (Path's raises where there is no such user)
            for root in self._given:
                yield root / spelling  # an absolute spelling replaces the root

    def _lexically_inside(self, candidate: Path) -> bool:
        """Decides before the file system is touched, so that a network path is never opened to be refused."""
        plain = Path(os.path.normpath(candidate))
        if os.name == "nt" and ":" in str(plain)[len(plain.drive) :]:
            return False  # an alternate data stream
        return any(plain.is_relative_to(root) for root in (*self._given, *self._roots))

    def _inside(self, resolved: Path) -> bool:
        return any(resolved.is_relative_to(root) for root in self._roots)

    def _existing(self, candidate: Path, wanted: str) -> Path | None:
        try:
            resolved = candidate.resolve(strict=True)
            mode = resolved.stat().st_mode
        except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: a loop of links, before Python 3.13
            log.debug("%s cannot be resolved: %s", candidate, error)
            return None
        if not self._inside(resolved):
            raise MementoError(f"{wanted} leads outside the folders that are open to the assistant")
        if stat.S_ISDIR(mode):
            raise MementoError(f"{wanted} is a folder, not a file", "list_files shows what is in it")
        if not stat.S_ISREG(mode):
            raise MementoError(f"{wanted} is a device, pipe or socket, not a file")
        return resolved

    def _similar(self, wanted: str) -> Path:
        paths, _ = self.visible()
        names = {path: self.display(path) for path in paths}
        asked = wanted.replace("\\", "/")
        for form in _forms(asked):
            key = form(asked)
            fitting = [path for path, name in names.items() if form(name) == key] if key else []
            if len(fitting) == 1:
                return fitting[0]
            if fitting:
                several = ", ".join(shown(names[path]) for path in fitting[:SUGGESTED])
                raise MementoError(f"More than one file could be meant by {wanted}: {several}", "give the whole name")
        raise MementoError(texts.no_file(wanted, [shown(name) for name in _closest(asked, list(names.values()))]))


def _cleaned(name: str) -> str:
    wanted = name.strip().strip("\"'`").strip()
    if not wanted:
        raise MementoError("The name of the file is empty")
    if len(wanted) > 1000:
        raise MementoError("The name of the file is longer than 1,000 characters")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in wanted):
        raise MementoError(f"{shown(wanted)} is not the name of a file: it holds control characters")
    return wanted


def shown(name: str) -> str:
    """`name` with control and direction-changing characters made visible, so that a file name cannot forge a line."""
    return "".join("�" if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") else character for character in name)


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _spaceless(name: str) -> str:
    """Without spaces, underscores and hyphens, but for those that keep two numbers apart."""
    return re.sub(r"(?<![0-9])[ _-]+|[ _-]+(?![0-9])", "", re.sub(r"[ _-]+", " ", _folded(name)))


def _last_part(name: str) -> str:
    return _spaceless(PurePosixPath(name).name)


def _stem(name: str) -> str:
    return _spaceless(PurePosixPath(name).stem)


def _forms(asked: str) -> Sequence[Callable[[str], str]]:
    """Ways to compare names with `asked`, strict ones first. A folder or an ending that was given has to be right."""
    forms = [_folded, _spaceless]
    if "/" not in asked:
        forms.append(_last_part)
        if not PurePosixPath(asked).suffix:
            forms.append(_stem)
    return forms


def _closest(asked: str, names: list[str]) -> list[str]:
    """At most eight names, those that look like `asked` first."""
    key = _last_part(asked)
    holding = [name for name in names if key and key in _last_part(name)][:SUGGESTED]
    sample = {_last_part(name): name for name in reversed(names[:2000])}
    close = [sample[match] for match in difflib.get_close_matches(key, list(sample), n=SUGGESTED, cutoff=0.5)]
    return list(dict.fromkeys([*holding, *close, *sorted(names, key=_order)]))[:SUGGESTED]


def _order(name: str) -> tuple[int, str]:
    return name.count("/"), name.casefold()


def _walk(root: Path, inside: Callable[[Path], bool]) -> Iterator[Path | None]:
    """The visible ordinary files under `root`, resolved; None for each other entry that was looked at. Linked folders are not entered."""
    pending = [root]
    while pending:
        folder = pending.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            log.info("%s cannot be listed: %s", folder, error)
            continue
        for entry in entries:
            try:
                yield _visible_file(entry, inside)
                if entry.is_dir(follow_symlinks=False) and not _hidden(entry):
                    pending.append(Path(entry.path))
            except (OSError, RuntimeError) as error:
                log.debug("%s cannot be looked at: %s", entry.path, error)


def _visible_file(entry: os.DirEntry[str], inside: Callable[[Path], bool]) -> Path | None:
    if _hidden(entry) or not entry.is_file():
        return None
    if not entry.is_symlink():
        return Path(entry.path)
    target = Path(entry.path).resolve(strict=True)
    return target if inside(target) else None


def _hidden(entry: os.DirEntry[str]) -> bool:
    if entry.name.startswith("."):
        return True
    attributes: int = getattr(entry.stat(follow_symlinks=False), "st_file_attributes", 0)  # only Windows has them
    return bool(attributes & stat.FILE_ATTRIBUTE_HIDDEN)


def fits(pattern: str, name: str) -> bool:
    """Whether `name` fits a glob `pattern`, whatever the case. Without a slash the pattern is for the last part, at any depth."""
    wanted, parts = pattern.casefold(), PurePosixPath(name.casefold()).parts
    if wanted == name.casefold():
        return True
    if "/" not in wanted:
        return fnmatchcase(parts[-1], wanted)
    return _fits_parts([part for part in wanted.split("/") if part not in ("", ".")], list(parts))


def _fits_parts(pattern: list[str], parts: list[str]) -> bool:
    reachable = {0}
    for wanted in pattern:
        if wanted == "**":
            reachable = set(range(min(reachable, default=len(parts) + 1), len(parts) + 1))
        else:
            reachable = {at + 1 for at in reachable if at < len(parts) and fnmatchcase(parts[at], wanted)}
    return len(parts) in reachable


class ListFiles:
    """Lists the visible files of the open folders that fit a pattern."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders

    @property
    def spec(self) -> Spec:
        return specs.LIST_FILES

    def preview(self, args: Mapping[str, Any]) -> str:
        return f"List the files {args['pattern'] or '*'}"

    async def call(self, args: Mapping[str, Any], cancelled: asyncio.Event) -> Result:
        return Result(await asyncio.to_thread(self._listing, str(args["pattern"])))

    def _listing(self, asked: str) -> str:
        pattern = self._relative(asked.strip().strip("\"'`").replace("\\", "/") or "*")
        if len(pattern) > 300:
            raise MementoError("The pattern is longer than 300 characters")
        paths, unfinished = self._folders.visible()
        names = sorted((name for path in paths if fits(pattern, name := self._folders.display(path))), key=_order)
        lines = [shown(name) for name in names[:LISTED]]
        if len(names) > LISTED:
            lines.append(f"and {len(names) - LISTED} more")
        if unfinished:
            lines.append(f"Only the first {SCANNED} entries were looked at.")
        return "\n".join(lines) if names or unfinished else f"No file here fits {asked.strip() or '*'}."

    def _relative(self, pattern: str) -> str:
        for root in self._folders.roots:
            if pattern.startswith(prefix := root.as_posix() + "/"):
                return pattern[len(prefix) :]
        return pattern
