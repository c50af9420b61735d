"""`memento backup`, `memento backups`, `memento restore`, `memento memory check`: copies of the bank, put back; and whether it is sound.

They work on the file: the bank may be too damaged for an assistant to open it.
"""

from __future__ import annotations

import os
from pathlib import Path

from memento_desktop.cli.console import age, agreed, clean, columns, err, note, out, show, styled
from memento_desktop.config.paths import Paths
from memento_desktop.errors import MementoError
from memento_desktop.memory.durability.backup import Backups
from memento_desktop.memory.durability.copying import Contents, DamagedError, examine
from memento_desktop.memory.durability.thinning import SET_ASIDE

KINDS = {"manual": "asked for", "daily": "daily", SET_ASIDE: "set aside"}


def _backups() -> Backups:
    return Backups(Paths.of_this_user().bank)


def _size(path: Path) -> str:
    size = path.stat().st_size
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.0f} kB"


def _held(held: Contents) -> str:
    counts = (held.memories, "memory", "memories"), (held.cases, "task", "tasks"), (held.conversations, "conversation", "conversations")
    return ", ".join(_count(*count) for count in counts)


def _count(number: int, one: str, many: str, sign: str = "") -> str:
    return f"{number:{sign}} {one if abs(number) == 1 else many}"


def backup(to: str) -> None:
    backups = _backups()
    if not backups.bank.exists():
        raise MementoError("There is no memory bank yet.", 'Remember something first: memento remember "My bike lock opens with 4471"')
    with err.status("copying and checking"):
        path = backups.write(Path(to), folder=_is_folder(to)) if to else backups.keep("manual", thorough=True)
        held = examine(path)
    out.print(styled(f"Backed up: {path}"))
    note("", f"{_held(held)} · {_size(path)} · opened and checked", "dim")


def _is_folder(name: str) -> bool:
    """Whether a name means a folder: it ends like one, or nothing is there and it has no ending as a file has."""
    return name.endswith(tuple(filter(None, (os.sep, os.altsep)))) or not (Path(name).suffix or Path(name).expanduser().exists())


def list_backups() -> None:
    backups = _backups()
    copies = backups.copies()
    if not copies:
        err.print(styled(f"There is no backup yet in {backups.folder}. `memento backup` makes one.", "dim"))
        return
    table = columns(
        ("no", "taken", "age", "why", "size", "memories", "tasks", "state", "name"), "name",
        right=("no", "age", "size", "memories", "tasks"),
    )  # fmt: skip
    broken = 0
    with err.status("opening each copy"):
        for n, copy in enumerate(copies, 1):
            counts, state = ("", ""), "good"
            try:
                held = examine(copy.path)
                counts = (str(held.memories), str(held.cases))
            except DamagedError:
                broken, state = broken + 1, "damaged"
            except MementoError as error:
                broken += 1
                state = clean(error.message.removeprefix(f"{copy.path} ").removeprefix("is "))
            why = KINDS.get(copy.kind, copy.kind.replace("-", " "))
            taken = f"{copy.at.astimezone():%Y-%m-%d %H:%M}"
            table.add_row(str(n), taken, age(copy.at.isoformat()), why, _size(copy.path), *counts, state[:60], copy.path.stem)
    show(table)
    note("", f"in {backups.folder} · `memento restore NO` puts one back", "dim")
    if broken:
        note("", f"{broken} cannot be put back; `memento backups delete NO` removes one", "yellow")


def delete_backups(which: list[str], everything: bool, yes: bool = False) -> None:
    backups = _backups()
    paths = [copy.path for copy in backups.copies()] if everything else [backups.find(name) for name in which]
    for path in paths:
        if path.parent.resolve() != backups.folder.resolve():
            raise MementoError(f"{path} is not in {backups.folder}.", "Delete it with your file manager.")
    if not agreed(f"Delete {_count(len(paths), 'backup', 'backups')} for good?", yes):
        note("", "nothing was deleted", "dim")
        return
    if everything and backups.bank.exists():
        with err.status("making a new one first"):
            fresh = backups.keep("manual", thorough=True)
        out.print(styled(f"Backed up: {fresh}"))
    for path in dict.fromkeys(paths):
        backups.delete(path)
    out.print(styled(f"Deleted: {_count(len(set(paths)), 'backup', 'backups')}"))
    note("", "what a disk keeps of deleted files is not ours to say: an encrypted disk is what helps there", "dim")


def restore(which: str, yes: bool, dry_run: bool, purged_too: bool) -> None:
    from memento_desktop.memory.durability.restoring import restore as put_back

    backups = _backups()
    with err.status("opening and checking the copy"):
        path = backups.find(which)
        wanted, present = examine(path, thorough=True), backups.holds()
    note("copy", str(path), "")
    note("now", _held(present) if present else "the bank cannot be read" if backups.bank.exists() else "there is no bank", "")
    note("then", f"{_held(wanted)}{_difference(present, wanted)}", "")
    if dry_run:
        note("", "nothing was changed", "dim")
        return
    if not agreed("Put it back?", yes):
        note("", "nothing was changed", "dim")
        return
    with err.status("putting it back"):
        done, removed = put_back(backups, path, purged_too)
    out.print(styled(f"Put back: {path.name}"))
    if removed:
        note(
            "", f"without {_count(removed, 'memory', 'memories')} that you removed for good since; --purged-too brings them back", "yellow"
        )
    if done.kept:
        note("", f"the bank as it was is kept: {done.kept.name}", "dim")
        if done.before:
            note("", f"`memento restore {done.kept.stem}` takes this back", "dim")


def _difference(present: Contents | None, wanted: Contents) -> str:
    if present is None:
        return ""
    told = [
        _count(difference, one, many, "+")
        for difference, one, many in (
            (wanted.memories - present.memories, "memory", "memories"),
            (wanted.cases - present.cases, "task", "tasks"),
            (wanted.conversations - present.conversations, "conversation", "conversations"),
            (wanted.changes - present.changes, "change in the history", "changes in the history"),
        )
        if difference
    ]
    return f"  ({', '.join(told) or 'as many of each as now'})"


def check(repair: bool) -> int:
    """Returns the exit code: 1 where problems remain."""
    from memento_desktop.memory.bank import Bank
    from memento_desktop.memory.durability.check import Check
    from memento_desktop.memory.durability.repair import mend

    path = Paths.of_this_user().bank
    if not path.exists():
        raise MementoError("There is no memory bank yet.", 'Remember something first: memento remember "My bike lock opens with 4471"')
    if repair:
        with err.status("checking and repairing"):
            mended = mend(path)
        remains = {problem.what for problem in mended.left}
        for problem in mended.found:
            if problem.what not in remains:
                out.print(styled(f"{'mended':<9}{problem.what}"))
        for problem in mended.left:
            out.print(styled(f"{'REMAINS':<9}{problem.what}", "red"))
            note("", f"→ {problem.remedy}", "dim")
        if mended.kept:
            note("", f"the bank from before is kept: {mended.kept}", "dim")
        if not mended.found:
            out.print(styled("All is well; nothing was changed.", "green"))
        _offer(bool(mended.left))
        return int(bool(mended.left))
    bank = Bank(path)
    try:
        with err.status("checking"):
            found = Check(bank).run()
    finally:
        bank.close()
    for problem in found:
        out.print(styled(f"{'note' if problem.minor else 'FIX':<9}{problem.what}", "yellow" if problem.minor else "red"))
        note("", f"→ {'--repair ' if problem.mendable else ''}{problem.remedy}", "dim")
    if not found:
        out.print(styled("All is well: the file, its indexes, vectors, history and conversations fit together.", "green"))
    elif any(problem.mendable for problem in found):
        note("", "`memento memory check --repair` keeps a copy first, and deletes no text", "dim")
    _offer(any(problem.structural or not problem.mendable for problem in found))
    return int(any(not problem.minor for problem in found))


def _offer(needed: bool) -> None:
    if needed:
        note("", _backups().advice(), "yellow")
