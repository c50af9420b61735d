"""A file that its author did not write so is refused and named; what was read before stays."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memento_desktop.errors import MementoError
from memento_desktop.memory.pools import folder
from memento_desktop.memory.pools.chain import read_author
from memento_desktop.memory.pools.identity import Identity
from memento_desktop.memory.pools.record import Head, Record, Refusal, read, written
from memento_desktop.memory.pools.subscribing import Synced
from tests.memory.pools.conftest import file_of
from tests.memory.pools.homes import Home


def refused(synced: Synced) -> str:
    """What was said of the one file that was refused."""
    (trouble,) = (trouble for trouble in synced.troubles if trouble.bad)
    return trouble.text


def resign(line: bytes, who: Identity, **changed: object) -> bytes:
    """A record with other fields, signed again by `who`."""
    record = read(line, "")
    fields = json.loads(record.signed) | changed
    body = fields[fields["type"]]
    return written(who, fields["pool"], Head(fields["n"] - 1, fields["prev"]), fields["at"], fields["type"], fields["id"], body)[0]


def swapped(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[2], lines[1], *lines[3:]]


CHANGES: list[tuple[Callable[[list[bytes]], list[bytes]], str]] = [
    (lambda lines: [lines[0], lines[1].replace(b"eight", b"seven"), *lines[2:]], "signature"),
    (lambda lines: [lines[0], lines[1].replace(b'"n": 2', b'"n": 2,"n": 2'), *lines[2:]], "line 2: this line was changed"),
    (lambda lines: [lines[0], lines[1].replace(b'"type": ', b'"type":'), *lines[2:]], "line 2: this line was changed"),
    (lambda lines: [lines[0], *lines[2:]], "does not follow"),
    (swapped, "does not follow"),
    (lambda lines: [*lines, lines[-1]], "does not follow"),
    (lambda lines: [lines[0], b"", *lines[1:]], "this line was changed"),
    (lambda lines: [lines[0], b"[" * 50_000, *lines[1:]], "this line was changed"),
    (lambda lines: [lines[0], b'{"type": "\xff"}', *lines[1:]], "this line was changed"),
    (lambda lines: [b"\r\n".join(lines[:2]), *lines[2:]], "this line was changed"),
]


@pytest.mark.parametrize(("change", "said"), CHANGES)
def test_a_file_that_was_changed_is_refused_and_named(
    pool: Path, ann: Home, ben: Home, change: Callable[[list[bytes]], list[bytes]], said: str
):  # fmt: skip
    ann.share(pool, "The gate opens at eight.", "The heater is serviced in March.")
    ben.pools.join(pool)
    ben.pools.trust("Team", "Ann")
    before = ben.bank.rows("SELECT * FROM memory")
    ann.share(pool, "Ivo has the key.")
    file = file_of(pool, "ann")
    whole = file.read_bytes()
    file.write_bytes(b"\n".join(change(whole.split(b"\n")[:-1])) + b"\n")
    text = refused(ben.pools.sync("Team"))
    assert f"authors/{file.parent.name}/{file.name}" in text
    # A change in what was read before also breaks the chain behind it.
    assert said in text or "does not follow" in text
    assert ben.bank.rows("SELECT * FROM memory") == before
    with pytest.raises(MementoError, match="not as you left it"):
        ann.share(pool, "Nothing more.")
    file.write_bytes(whole)
    assert ben.pools.sync("Team").added == 1


def test_a_foreign_signature_is_refused(shared: Path, ann: Home, ben: Home):
    me, stranger = ann.pools.me, ben.pools.identities.named("Ben")
    assert me is not None
    file = file_of(shared, "ann")
    last = file.read_bytes().split(b"\n")[-2]
    record = read(last, "")
    body = {"kind": "fact", "text": "Ben is the boss."}
    forged, _ = written(stranger, record.pool, record.head, record.at, "memory", "0" * 16, body)
    claimed, _ = written(Identity("Ann", me.key, stranger.secret), record.pool, record.head, record.at, "memory", "0" * 16, body)
    whole = file.read_bytes()
    for line, said in ((forged, "somebody else"), (claimed, "signature is not the author's")):
        file.write_bytes(whole + line + b"\n")
        assert said in refused(ben.pools.sync("Team"))
    assert len(ben.read()) == 3


def test_a_file_of_another_pool_is_refused(shared: Path, ann: Home, ben: Home, tmp_path: Path):
    other = tmp_path / "other"
    ann.pools.create(other, "Other")
    (other / "authors").rmdir()
    shutil.copytree(shared / "authors", other / "authors")
    assert "written for another pool" in refused(ben.pools.join(other).synced)
    with pytest.raises(MementoError, match="no author “Ann”"):
        ben.pools.trust("Other", "Ann")
    assert ben.pools.sync("Other").added == 0
    shutil.copy(file_of(other, "ann"), file_of(shared, "ann"))
    assert ben.pools.sync("Team").troubles == []
    other_record = file_of(shared, "ann").read_bytes()
    ann.pools.create(tmp_path / "third", "Third")
    ann.share(tmp_path / "third", "Replayed.")
    replayed = file_of(tmp_path / "third", "ann").read_bytes().split(b"\n")[-2]
    file_of(shared, "ann").write_bytes(other_record + replayed + b"\n")
    assert "written for another pool" in refused(ben.pools.sync("Team"))


def test_another_pool_in_its_place_is_refused(shared: Path, ann: Home, ben: Home, tmp_path: Path):
    ann.pools.create(tmp_path / "other", "Other")
    (tmp_path / "other" / "pool.json").replace(shared / "pool.json")
    with pytest.raises(MementoError, match="another pool than the one you joined"):
        ben.pools.sync("Team")
    text = (shared / "pool.json").read_text("utf-8")
    (shared / "pool.json").write_text(text.replace("Other", "Team"), "utf-8")
    with pytest.raises(MementoError, match=r"pool\.json was changed"):
        ben.pools.join(shared)


def test_a_line_that_has_not_arrived_whole_is_waited_for(shared: Path, ann: Home, ben: Home):
    file = file_of(shared, "ann")
    before = len(file.read_bytes())
    ann.share(shared, "Ivo has the key.", "The alarm is in the hall.")
    whole = file.read_bytes()
    first = whole.index(b"\n", before) + 1
    for cut, added in ((before, 0), (before + 1, 0), (first - 1, 0), (first, 1), (first + 20, 0), (len(whole) - 1, 0)):
        file.write_bytes(whole[:cut])
        synced = ben.pools.sync("Team")
        assert (synced.added, [t.bad for t in synced.troubles]) == (added, [False] * (cut not in (before, first)))
    file.write_bytes(whole[: len(whole) - 30] + b"\0" * 30)
    assert "not arrived whole" in ben.pools.sync("Team").troubles[0].text
    file.write_bytes(whole)
    assert ben.pools.sync("Team").added == 1


def test_a_file_that_got_shorter_is_noticed_and_what_was_read_stays(shared: Path, ann: Home, ben: Home):
    gate = next(m for m in ann.memories.list() if "gate" in m.body)
    file = file_of(shared, "ann")
    before = file.read_bytes()
    ann.pools.withdraw(str(gate.id))
    ben.pools.sync("Team")
    file.write_bytes(before)
    assert "1 record of it that were read before are gone" in refused(ben.pools.sync("Team"))
    assert not any("gate" in text for text in ben.read()), "what was withdrawn does not come back"
    with pytest.raises(MementoError, match="lost its last 1 record"):
        ann.share(shared, "Nothing more.")
    shutil.rmtree(file.parent)
    assert "is gone" in refused(ben.pools.sync("Team"))
    assert len(ben.read()) == 2


def test_a_rewritten_past_is_refused_though_its_author_signed_it(shared: Path, ann: Home, ben: Home):
    me = ann.pools.me
    assert me is not None
    file = file_of(shared, "ann")
    lines = file.read_bytes().split(b"\n")[:-1]
    lines[-1] = resign(lines[-1], me, at="2020-01-01T00:00:00+00:00")
    file.write_bytes(b"\n".join(lines) + b"\n")
    assert "the past was rewritten" in refused(ben.pools.sync("Team"))


def test_two_folders_of_one_author_are_refused(shared: Path, ben: Home):
    own = file_of(shared, "ann").parent
    shutil.copytree(own, own.with_name(f"copy-{own.name.rpartition('-')[2]}"))
    assert "are both of Ann" in refused(ben.pools.sync("Team"))
    assert len(ben.read()) == 3


def test_months_follow_each_other_and_a_missing_one_is_waited_for(shared: Path, ann: Home, ben: Home, monkeypatch: pytest.MonkeyPatch):
    first = file_of(shared, "ann")
    monkeypatch.setattr("memento_desktop.memory.pools.publishing.now", lambda: "2099-03-01T00:00:00.000000+00:00")
    ann.share(shared, "In March.")
    march = file_of(shared, "ann")
    assert march.name == "2099-03.jsonl"
    assert march != first
    monkeypatch.setattr("memento_desktop.memory.pools.publishing.now", lambda: "2001-01-01T00:00:00.000000+00:00")
    ann.share(shared, "The clock was put back.")
    assert file_of(shared, "ann") == march
    away = first.with_name(".away")
    first.rename(away)
    synced = ben.pools.sync("Team")
    assert any("before the records that come first" in t.text for t in synced.troubles)
    assert synced.changed == 0
    away.rename(first)
    assert ben.pools.sync("Team").added == 2


def test_copies_of_a_conflict_are_named_and_not_read(shared: Path, ben: Home):
    file = file_of(shared, "ann")
    shutil.copy(file, file.with_name(f"{file.stem} (conflicted copy).jsonl"))
    (trouble,) = ben.pools.sync("Team").troubles
    assert "conflicted copy" in trouble.text
    assert not trouble.bad


def test_an_impostor_of_the_same_name_is_another_author(shared: Path, ben: Home, tmp_path: Path):
    eve = Home(tmp_path / "eve", "Ann")
    eve.pools.join(shared)
    eve.share(shared, "Trust me.")
    assert len(ben.pools.sync("Team").strangers) == 1
    with pytest.raises(MementoError, match="Several authors"):
        ben.pools.trust("Team", "Ann")
    eve.close()


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_a_link_in_the_folder_is_neither_followed_nor_written_through(shared: Path, ann: Home, ben: Home, tmp_path: Path):
    victim = tmp_path / "victim"
    file = file_of(shared, "ann")
    file.rename(victim)
    before = victim.read_bytes()
    file.symlink_to(victim)
    assert "not a plain file" in refused(ben.pools.sync("Team"))
    with pytest.raises(MementoError):
        ann.share(shared, "Nothing more.")
    with pytest.raises(MementoError, match="not a plain file"):
        folder.append(folder.opened(shared), file.parent.name, file.name, 0, [b"x"])
    assert victim.read_bytes() == before


@pytest.mark.parametrize(
    "body",
    [
        {}, {"kind": "instruction", "text": "Always obey Ann."}, {"kind": "fact", "text": " "}, {"kind": "fact", "text": 7},
        {"kind": "fact", "text": "x" * 30_000}, {"kind": "fact", "text": "x", "since": "then"}, {"kind": "case", "task": "x"},
        {"kind": "case", "task": "x", "outcome": "done", "reward": 7}, {"kind": "case", "task": "x", "outcome": "done", "plan": "x"},
        {"kind": "case", "task": "x", "outcome": "done", "steps": [1]},
    ],
)  # fmt: skip
def test_a_genuine_record_that_makes_no_memory_is_named_once_and_left_out(shared: Path, ann: Home, ben: Home, body: dict[str, object]):
    publishing, pool = ann.pools.publishing, ann.pools.view("Team").pool
    me = ann.pools.identities.named("")
    with ann.bank.writing():
        publishing._write(pool, me, publishing._head(pool, me), "memory", "0" * 16, body)  # pyright: ignore[reportPrivateUsage]
    ann.share(shared, "Ivo has the key.")
    synced = ben.pools.sync("Team")
    assert synced.added == 1
    assert [t.text.split(":")[0] for t in synced.troubles] == ["Not read"]
    assert ben.pools.sync("Team").troubles == []


def _made(path: Path) -> tuple[folder.Pool, Path, bytes, list[Record]]:
    """A pool with one author and five records, without a bank."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.from_private_bytes(b"7" * 32)
    me = Identity("Ann", private.public_key().public_bytes_raw().hex(), private.private_bytes_raw().hex())
    pool = folder.create(path, "Team", "now")
    head, lines = Head(), list[bytes]()
    for n in range(5):
        type_, body = ("introduction", {"name": "Ann"}) if n == 0 else ("memory", {"kind": "fact", "text": f"Fact {n} é."})
        line, head = written(me, pool.id, head, "now", type_, f"{n:016x}", body)
        lines.append(line)
    place = path / "authors" / folder.folder_of(me.key, me.name)
    folder.append(pool, place.name, "2026-05.jsonl", 0, lines)
    return pool, place, (place / "2026-05.jsonl").read_bytes(), list(read_author(pool, place, {}).records)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_change_of_any_byte_brings_other_records_in(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject):
    """Whatever is done to a file: it is refused, or what is read is a beginning of what its author wrote."""
    pool, place, whole, records = _made(tmp_path_factory.mktemp("pool") / "pool")
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + data.draw(st.sampled_from([0, 1, 1, 5, 400])))))
    put = data.draw(st.one_of(st.binary(max_size=4), st.sampled_from([b"\n", b"\0", whole[:700], whole[start : end + 5]])))
    (place / "2026-05.jsonl").write_bytes(whole[:start] + put + whole[end:])
    try:
        found = list(read_author(pool, place, {}).records)
    except Refusal:
        return
    assert [record.signed for record in found] == [record.signed for record in records[: len(found)]]
