"""`memento pool …`: memories shared with others through a folder."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer

from memento_desktop.assistant import Assistant, printable
from memento_desktop.cli.console import age, clean, columns, interactive, line, note, out, show, styled
from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings
from memento_desktop.errors import MementoError
from memento_desktop.memory.pools.content import texts
from memento_desktop.memory.pools.identity import spelled
from memento_desktop.memory.pools.pools import Author, Pools, View
from memento_desktop.memory.pools.publishing import Draft
from memento_desktop.memory.pools.redaction import Found
from memento_desktop.memory.pools.subscribing import Synced

STATES = {
    "same": "",
    "changed": "changed here since: publish it again",
    "deleted": "deleted here: withdraw it?",
    "forgotten": "not known here any more; it is withdrawn by this name",
}


@contextmanager
def _pools() -> Generator[Pools]:
    paths = Paths.of_this_user()
    assistant = Assistant(Settings.load(paths.settings), paths)
    try:
        yield assistant.pools
    finally:
        assistant.bank.close()


def create(path: Path, name: str, author: str) -> None:
    with _pools() as pools:
        if not author and pools.me is None and interactive():
            author = typer.prompt("Your name for the others")
        pool = pools.create(path, printable(name) or path.absolute().name, printable(author))
        me = pools.me
    out.print(styled(f"Made the pool {pool.name} in {pool.path}"))
    if me:
        note("you are", f"{me.name}, {spelled(me.key)}")
    note("", f"the others read it with `memento pool join`; share with `memento pool publish NUMBER --to {pool.name}`", "dim")


def join(path: Path, name: str = "") -> None:
    with _pools() as pools:
        view = pools.join(path, printable(name))
    out.print(styled(f"Joined the pool {view.pool.name}"))
    _show_authors(view)
    _say(view.synced)
    others = [author for author in view.authors if author.state == "not trusted"]
    if others:
        note(
            "",
            "nothing of theirs is read yet. A name can be taken by anyone: compare the fingerprint with what they tell you themselves,",
            "dim",
        )
        note("", f'then: memento pool trust "{clean(view.pool.name)}" "{clean(others[0].name)}"', "dim")


def _show_authors(view: View) -> None:
    if not view.authors:
        note("", "nobody published there yet", "dim")
        return
    table = columns(("author", "fingerprint", "", "shares", "trust"), "author", right=("shares", "trust"))
    for author in view.authors:
        table.add_row(clean(author.name), spelled(author.key), author.state, str(author.memories), _believed(author))
    show(table)


def _believed(author: Author) -> str:
    return (
        ""
        if author.state == "you"
        else f"{author.belief.mean:.2f}" + (f" of {author.belief.evidence:.0f}" if author.belief.evidence else "")
    )


def trust(which: str, author: str) -> None:
    with _pools() as pools:
        key, name, synced = pools.trust(which, printable(author))
    out.print(styled(f"Trusted: {name}, {spelled(key)}"))
    note("", "from now on only this key counts as theirs; that it is theirs today is your word", "dim")
    _tell(synced)


def distrust(which: str, author: str) -> None:
    with _pools() as pools:
        name, count = pools.distrust(which, printable(author))
    out.print(styled(f"No longer trusted: {name}; {_memories(count)} removed"))
    if count:
        note("", "`memento memory undo` brings them back as they were; they are kept up to date only when you trust again", "dim")


def publish(numbers: Sequence[int], to: str, mask: str, results: bool, author: str, dry_run: bool, yes: bool) -> None:
    with _pools() as pools:
        pools.view(to)
        if not dry_run and pools.identities.check(printable(author)) is None and not author and not interactive():
            raise MementoError("The others need a name for you.", 'Choose it once: add --as "Your name".')
        drafts = pools.drafts(numbers, results)
        found = list({one.value: one for draft in drafts for one in draft.found}.values())
        chosen = [] if mask == "none" else found
        if mask == "ask" and found and not dry_run:
            chosen = _chosen(found)
        final = [draft.masked([one for one in draft.found if one in chosen]) for draft in drafts]
        for draft in final:
            _preview(draft, chosen)
        if dry_run:
            note("", "nothing was published", "dim")
            return
        if not yes and (interactive() or mask == "ask"):
            if not interactive():
                raise MementoError("Nothing was published: there is no terminal to ask in.", "Add --mask all or --mask none.")
            if not typer.confirm(f"Publish this to {clean(to)}? Whoever reads the folder reads it, and may keep it"):
                note("", "nothing was published", "dim")
                return
        if not author and pools.me is None and interactive():
            author = typer.prompt("Your name for the others")
        done = pools.publish(to, final, printable(author))
        me = pools.me
    for draft, what in done:
        said = {"new": "Published", "changed": "Published anew", "known": "Published already"}[what]
        out.print(styled(f"{said}: memory {draft.memory_id}"))
    note("", f"as {me.name if me else ''} · `memento pool withdraw NUMBER` takes it back", "dim")


def _chosen(found: Sequence[Found]) -> list[Found]:
    """What the owner wants masked, asked one by one."""
    if not interactive():
        listed = ", ".join(f"{one.what} “{one.value}”" for one in found)
        raise MementoError(f"Nothing was published. Found: {listed}.", "There is no terminal to ask in: add --mask all or --mask none.")
    return [one for one in found if typer.confirm(f"Mask the {one.what} “{clean(one.value)}”?", default=True)]


def _preview(draft: Draft, chosen: Sequence[Found]) -> None:
    """The very texts that are published, and what was found in them."""
    line(f"memory {draft.memory_id}", str(draft.content["kind"]))
    for name, value in [(n, v) for n, v in draft.content.items() if n in ("outcome", "reward", "since", "until")]:
        line(name, str(value))
    for name, text in texts(draft.content):
        line(name, text)
    for one in draft.found:
        line("masked" if one in chosen else "shown", f"{one.what}: {one.value}")


def withdraw(what: Sequence[str], source: str) -> None:
    with _pools() as pools:
        for one in what:
            for pool, gone in pools.withdraw(one, source):
                out.print(styled(f"Withdrawn from {pool.name}: {gone.title or gone.record}"))
    note("", "it goes from the others' memory at their next sync; in the past of your file in the folder it can still be read", "dim")


def list_pools() -> None:
    with _pools() as pools:
        members = pools.members(left=True)
        rows = [(m, pools.held(m.pool), pools.publishing.published(m.pool) if not m.left_at else []) for m in members]
        me = pools.me
    rows = [row for row in rows if not row[0].left_at or row[1]]
    if not rows:
        note(
            "",
            "no pool is read here; make one with `memento pool create PATH --name NAME`, or join one with `memento pool join PATH`",
            "dim",
        )
        return
    table = columns(("pool", "folder", "read", "yours", "synced"), "folder", right=("read", "yours", "synced"))
    for member, held, published in rows:
        synced = "left" if member.left_at else age(member.synced_at) if member.synced_at else "never"
        table.add_row(clean(member.pool.name), clean(str(member.pool.path)), str(held), str(len(published) or ""), synced)
    show(table)
    if me:
        note("you are", f"{me.name}, {spelled(me.key)}", "dim")


def show_pool(which: str) -> None:
    with _pools() as pools:
        view = pools.view(which)
        held = pools.held(view.pool)
    line("pool", f"{view.pool.name}, {view.pool.path}")
    line("read here", _memories(held))
    _show_authors(view)
    for one in view.published:
        state = f"  ({STATES[one.state]})" if STATES[one.state] else ""
        line(f"yours {one.memory_id or ''}", f"{one.title or 'gone'}  {one.record}{state}")
    _say(view.synced)


def sync(which: str) -> int:
    """Returns the exit code: 1 where a file was refused or a folder is away."""
    code = 0
    with _pools() as pools:
        members = [pools.registry.find(which)] if which else pools.members()
        if not members:
            note("", "no pool is read here; join one with `memento pool join PATH`", "dim")
        for member in members:
            try:
                synced = pools.sync(str(member.pool.path))
            except MementoError as error:
                if which:
                    raise
                note("", f"{member.pool.name}: {error}", "red")
                code = 1
                continue
            _tell(synced)
            code = max(code, int(any(trouble.bad for trouble in synced.troubles)))
    return code


def _tell(synced: Synced) -> None:
    parts = ((synced.added, "new"), (synced.replaced, "replaced"), (synced.removed, "withdrawn"))
    said = ", ".join(f"{count} {what}" for count, what in parts if count)
    out.print(styled(f"{synced.pool.name}: {said or 'nothing new'}"))
    _say(synced)
    if synced.known:
        note("", f"{_memories(synced.known)} not taken: you remember the same", "dim")
    if synced.purged:
        note("", f"{_memories(synced.purged)} not taken: you removed the same for good", "dim")
    if synced.changed:
        note("", "`memento memory undo` takes it back until the next sync; `memento pool leave` for good", "dim")


def _say(synced: Synced) -> None:
    for trouble in synced.troubles:
        note("", trouble.text, "red" if trouble.bad else "yellow")
    for chain in synced.strangers:
        note("", f"ignored: {chain.name} ({spelled(chain.key)}), whom you do not trust yet; `memento pool trust` lets them in", "yellow")


def leave(which: str, withdraw: bool) -> None:
    with _pools() as pools:
        mine = len(pools.publishing.published(pools.registry.find(which, left=True).pool))
        count = pools.leave(which, withdraw)
    out.print(styled(f"Left; {_memories(count)} removed"))
    if count:
        note("", "`memento memory undo` brings them back as they were; they are kept up to date only when you join again", "dim")
    if mine and not withdraw:
        note("", f"{_memories(mine)} of yours stay published in the folder", "yellow")


def _memories(count: int) -> str:
    return f"{count} memor{'ies' if count != 1 else 'y'}"
