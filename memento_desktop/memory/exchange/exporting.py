"""Export: everything of a profile to one JSON-lines file or to a folder of Markdown files, whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from memento_desktop import __version__
from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank, Row, with_bools
from memento_desktop.memory.exchange import front, ours_jsonl, ours_markdown
from memento_desktop.memory.exchange.base import CaseDraft, Draft, Item, Log, Progress, Said, Talk, Was
from memento_desktop.memory.exchange.files import opened
from memento_desktop.memory.exchange.record import GONE, SCHEMA
from memento_desktop.memory.records import Kind, Source, Step, now

Shape = Literal["jsonl", "markdown"]
CONVERSATION = "conversation"
KINDS = (*get_args(Kind), CONVERSATION)
LEFT_OUT = "How often memories were read and what came of it, vectors and the history of changes are not part of an export."


@dataclass(frozen=True)
class Exported:
    """What was written, and how much of it."""

    path: Path
    format: Shape
    kinds: dict[str, int]
    messages: int
    left_out: dict[str, int]


class Exporter:
    def __init__(self, bank: Bank) -> None:
        self.bank = bank

    def write(
        self, target: Path, format: Shape | None = None, kinds: Sequence[str] = (), *, trashed: bool = False, force: bool = False,
        progress: Progress = lambda done, total: None,
    ) -> Exported:  # fmt: skip
        """Writes the profile's memories and conversations to `target`, readable by their owner alone.

        Args:
            format: JSON lines or a folder of Markdown files; None: a file for a name with an ending, a folder for one without.
            kinds: only these (kinds of memories, `conversation`); none named: all.
            trashed: what is in the trash too.
            force: an earlier export of the same name is replaced. Nothing else ever is.

        Raises:
            MementoError: the target exists, or cannot be written; then it is as it was.
        """
        target = target.expanduser().absolute()
        shape: Shape = format or ("jsonl" if target.suffix else "markdown")
        if strangers := [kind for kind in kinds if kind not in KINDS]:
            raise MementoError(f"There is no kind “{strangers[0]}”.", f"Known: {', '.join(KINDS)}.")
        _replaceable(target, shape, force)
        items, left_out = self._items(kinds, trashed)
        counts = Counter(item.kind if isinstance(item, Draft) else CONVERSATION for item in items)
        messages = sum(len(item.messages) for item in items if isinstance(item, Talk))
        header = {
            "app": __version__, "profile": self.bank.profile, "exported_at": now(),
            "counts": {"records": len(items), **counts, "message": messages}, "note": LEFT_OUT,
        }  # fmt: skip
        try:
            if shape == "jsonl":
                _write_file(target, ours_jsonl.lines(header, items), len(items), progress)
            else:
                _write_folder(target, header, items, progress)
        except OSError as error:
            raise MementoError(f"{target} cannot be written: {error.strerror or error}.", "Nothing was left behind.") from error
        return Exported(target, shape, dict(counts), messages, dict(left_out))

    def _items(self, kinds: Sequence[str], trashed: bool) -> tuple[list[Item], Counter[str]]:
        with self._still():
            bank, profile = self.bank, self.bank.profile
            running = "SELECT memory_id FROM case_detail WHERE outcome = 'running'"
            rows = bank.rows(
                f"SELECT * FROM memory WHERE profile = ? AND (? OR status != 'trashed') AND id NOT IN ({running}) ORDER BY id",
                profile, trashed,
            )  # fmt: skip
            left_out = Counter({
                "tasks that still run": bank.one(f"SELECT count(*) AS n FROM memory WHERE profile = ? AND id IN ({running})", profile)["n"],
                "memories in the trash": 0 if trashed else bank.one(
                    "SELECT count(*) AS n FROM memory WHERE profile = ? AND status = 'trashed'", profile)["n"],
            })  # fmt: skip
            memories = [row for row in rows if not kinds or row["kind"] in kinds]
            talks = not kinds or CONVERSATION in kinds
            sql = "SELECT * FROM session WHERE profile = ? AND (? OR NOT trashed) ORDER BY id"
            sessions = bank.rows(sql, profile, trashed) if talks else []
            found = _Collected(bank, memories, sessions)
        items: list[Item] = [*(found.draft(row) for row in memories), *(found.talk(row) for row in sessions)]
        left_out["links to memories that are not in it"] = found.loose
        return items, +left_out

    @contextlib.contextmanager
    def _still(self) -> Generator[None]:
        """The bank as it is at this moment, whatever others write meanwhile."""
        with self.bank.lock:
            if self.bank.db.in_transaction:
                yield
                return
            self.bank.rows("BEGIN")
            try:
                yield
            finally:
                self.bank.rows("ROLLBACK")


class _Collected:
    """All that belongs to the exported memories and conversations, read table by table."""

    def __init__(self, bank: Bank, memories: Sequence[Row], sessions: Sequence[Row]) -> None:
        self.keys = _keys("m", [(row["id"], row["recorded_at"]) for row in memories])
        self.talks = _keys("c", [(row["id"], row["started_at"]) for row in sessions])
        self.loose = 0
        of = "WHERE {} IN (SELECT id FROM memory WHERE profile = ?)"
        self.cases = {row["memory_id"]: row for row in bank.rows(f"SELECT * FROM case_detail {of.format('memory_id')}", bank.profile)}
        self.steps = _grouped("case_id", bank.rows(f"SELECT * FROM step {of.format('case_id')} ORDER BY case_id, n", bank.profile))
        self.sources = _grouped("memory_id", bank.rows(f"SELECT * FROM source {of.format('memory_id')} ORDER BY id", bank.profile))
        self.links = _grouped("a", bank.rows(f"SELECT * FROM link {of.format('a')} ORDER BY a, b, rel", bank.profile))
        sql = "SELECT m.* FROM message m JOIN session s ON s.id = m.session_id WHERE s.profile = ? ORDER BY m.session_id, m.n"
        self.messages = _grouped("session_id", bank.rows(sql, bank.profile))
        self.said = {
            f"message:{row['id']}": f"message:{self.talks[number]}/{row['n']}"
            for number, rows in self.messages.items() if number in self.talks for row in rows
        }  # fmt: skip

    def draft(self, row: Row) -> Draft:
        row = with_bools(row, "pinned", "always_on", "user_edited")
        was = Was(row["status"], row["pinned"], row["always_on"], row["origin"], row["trust"], row["user_edited"], row["pool"])
        links = [(link["rel"], self._key(link["b"])) for link in self.links.get(row["id"], ())]
        return Draft(
            row["kind"], row["body"], "", "", title=row["title"], at=row["recorded_at"], valid_from=row["valid_from"],
            valid_to=row["valid_to"], case=self._case(row) if row["id"] in self.cases else None,
            sources=tuple(self._source(source) for source in self.sources.get(row["id"], ())), key=self.keys[row["id"]],
            links=tuple((rel, key) for rel, key in links if key), was=was, number=row["id"],
            superseded_by=self._key(row["superseded_by"]) if row["superseded_by"] else "",
        )  # fmt: skip

    def _key(self, number: int) -> str:
        """A memory's name in the export; empty when it is not in it."""
        self.loose += number not in self.keys
        return self.keys.get(number, "")

    def _source(self, row: Row) -> Source:
        ref: str = row["ref"]
        if ref.startswith("message:"):
            ref = self.said.get(ref, GONE)
        return Source(ref, row["quote"], row["sha256"], row["locator"])

    def _case(self, memory: Row) -> CaseDraft:
        row = with_bools(self.cases[memory["id"]], "tainted")
        steps = tuple(
            Step(s["n"], s["task"], s["tool"], s["args"], s["result"], bool(s["ok"]), s["ms"]) for s in self.steps.get(memory["id"], ())
        )
        told = {name: row[name] for name in (
            "outcome", "answer", "reward", "reward_source", "correction", "judged", "reason", "model", "tokens", "seconds", "tainted"
        )}  # fmt: skip
        return CaseDraft(
            plan=tuple(json.loads(row["plan"])), steps=steps, task="" if row["task"] == memory["body"] else row["task"], **told
        )

    def talk(self, row: Row) -> Talk:
        said = tuple(
            Said(message["role"], message["text"], message["at"], self.keys.get(message["case_id"], ""))
            for message in self.messages.get(row["id"], ())
        )
        key = self.talks[row["id"]]
        return Talk(row["title"], row["started_at"], said, "", "", row["origin"], row["ref"], key, row["id"])


def _grouped(column: str, rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[column]].append(row)
    return found


def _keys(prefix: str, rows: Iterable[tuple[int, str]]) -> dict[int, str]:
    """A name for each number, made of the moment that it was recorded at: the same in every export, and in every bank that it came to."""
    seen: Counter[str] = Counter()
    taken: set[str] = set()
    keys: dict[int, str] = {}
    for number, moment in rows:
        seen[moment] += 1
        n = seen[moment]
        while (key := f"{prefix}-{hashlib.sha256(f'{moment}/{n}'.encode()).hexdigest()[:12]}") in taken:
            n += 1_000_000
        taken.add(key)
        keys[number] = key
    return keys


# files


def _replaceable(target: Path, shape: Shape, force: bool) -> None:
    """
    Raises:
        MementoError: something stands there that may not be replaced.
    """
    if not target.parent.is_dir():
        raise MementoError(f"There is no folder {target.parent}.", "Create it first, or choose another place.")
    if not os.path.lexists(target) or (shape == "markdown" and target.is_dir() and not any(target.iterdir())):
        return
    if not force:
        raise MementoError(f"{target} exists.", "Choose another name, or replace an earlier export with --force.")
    if shape == "jsonl":
        if target.is_dir():
            raise MementoError(f"{target} is a folder.", "Choose another name, or --format markdown.")
        if not ours_jsonl.FORMAT.fits(opened(target, Log()).parts[0]):
            raise MementoError(f"{target} is not an earlier export of Memento.", "Choose another name: nothing else is replaced.")
        return
    if target.is_symlink() or not target.is_dir() or not (target / ours_markdown.INDEX).is_file():
        raise MementoError(f"{target} is not an earlier export of Memento.", "Choose another name: nothing else is replaced.")
    for file in sorted(target.rglob("*")):
        if not file.is_dir() and (file.is_symlink() or not _ours(file)):
            raise MementoError(f"{file} is not part of an export of Memento, and would be lost.", "Move it away, or choose another name.")


def _ours(file: Path) -> bool:
    parts = opened(file, Log()).parts
    return bool(parts) and ours_markdown.FORMAT.fits(parts[0])


def _write_file(target: Path, lines: Iterable[str], total: int, progress: Progress) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)  # readable by the owner alone
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            for n, line in enumerate(lines):
                file.write(line)
                if n % 500 == 0 or n == total:
                    progress(n, total)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _write_folder(target: Path, header: dict[str, Any], items: Sequence[Item], progress: Progress) -> None:
    """Written beside the target under another name first; an earlier export is moved away only when the new one stands."""
    part = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent))
    try:
        index: dict[str, list[str]] = defaultdict(list)
        for n, item in enumerate(items, 1):
            name = ours_markdown.name_of(item)
            _private(part / name, ours_markdown.written(item))
            index[ours_markdown.folder_of(item)].append(f"- [{_shown(item)}](<{name}>)")
            if n % 100 == 0 or n == len(items):
                progress(n, len(items))
        told = "\n\n".join(f"## {folder.capitalize()}\n\n" + "\n".join(entries) for folder, entries in index.items())
        head = front.dump({ours_jsonl.HEADER: SCHEMA, **header})
        _private(part / ours_markdown.INDEX, f"{head}\n# What Memento remembers\n\n{told}\n")
        _swap(part, target)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _private(file: Path, text: str) -> None:
    file.parent.mkdir(mode=0o700, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8", newline="\n") as opened_file:
        opened_file.write(text)


def _swap(part: Path, target: Path) -> None:
    old = part.with_suffix(".old")
    if target.exists():
        target.replace(old)
    try:
        part.replace(target)
    except BaseException:
        if old.exists():
            old.replace(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _shown(item: Item) -> str:
    """A title that cannot break out of its link."""
    title = item.title or "untitled"
    return "".join(c if c.isprintable() and c not in "[]<>\\`*_" else " " for c in title).strip() or "untitled"
