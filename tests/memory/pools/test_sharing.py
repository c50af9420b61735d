"""Publishing, reading, withdrawing, leaving; undo; profiles; two homes at random."""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path
from random import Random

import pytest

from memento_desktop.bridge import vouched_for
from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.search import Search
from tests.memory.pools.conftest import file_of
from tests.memory.pools.homes import Home, acquaint, use


def test_what_is_published_is_read_attributed_and_read_only(shared: Path, ben: Home):
    found = next(m for m in ben.memories.list() if m.body == "The gate opens at eight.")
    assert (found.origin, found.status, found.kind, found.always_on) == ("import", "active", "fact", False)
    assert 0 < found.trust < 1
    (source,) = ben.memories.sources(found.id)
    assert (source.ref, source.quote) == ("pool:Team/Ann", "The gate opens at eight.")
    assert "line 2" in source.locator
    assert ben.pools.author_of(found.id) == "Ann in Team"
    assert not vouched_for(found)
    with pytest.raises(MementoError, match="read-only"):
        ben.memories.edit(found.id, "The gate opens at nine.")
    assert Search(ben.bank).find("when does the gate open")[0].memory_id == found.id


def test_nothing_is_read_of_somebody_who_is_not_trusted(pool: Path, ann: Home, ben: Home):
    ann.share(pool, "The gate opens at eight.")
    view = ben.pools.join(pool)
    assert [(author.name, author.state) for author in view.authors] == [("Ann", "not trusted")]
    synced = ben.pools.sync("Team")
    assert [chain.name for chain in synced.strangers] == ["Ann"]
    assert ben.memories.list() == []
    assert ben.history.list() == []


def test_a_new_version_supersedes_and_a_withdrawn_one_disappears(shared: Path, ann: Home, ben: Home):
    first = ann.memories.list()[-1]
    old = next(m.id for m in ben.memories.list() if m.body == first.body)
    ann.memories.edit(first.id, "The gate opens at nine.")
    assert [(d.memory_id, what) for d, what in ann.pools.publish("Team", ann.pools.drafts([first.id]))] == [(first.id, "changed")]
    assert ann.pools.publish("Team", ann.pools.drafts([first.id]))[0][1] == "known"
    assert ben.pools.sync("Team").replaced == 1
    new = next(m for m in ben.memories.list() if m.body == "The gate opens at nine.")
    assert (ben.memories.get(old).status, ben.memories.get(old).superseded_by) == ("superseded", new.id)

    ann.memories.trash(first.id)
    assert [one.state for one in ann.pools.view("Team").published].count("deleted") == 1
    ann.pools.withdraw(str(first.id))
    assert ben.pools.sync("Team").removed == 1
    assert not any("gate" in m.body for m in ben.memories.list(statuses=("active", "superseded", "trashed")))
    with pytest.raises(MementoError, match="not published"):
        ann.pools.withdraw(str(first.id))


def test_a_sync_is_one_change_that_comes_again_after_its_undo(shared: Path, ann: Home, ben: Home):
    before = ben.bank.rows("SELECT * FROM memory ORDER BY id")
    ann.share(shared, "Ivo has the key.", "The alarm is in the hall.")
    assert ben.pools.sync("Team").added == 2
    assert ben.history.list()[0].label == "pool Team: 2 new"
    ben.history.undo()
    assert ben.bank.rows("SELECT * FROM memory ORDER BY id") == before
    assert ben.pools.sync("Team").added == 2
    again = ben.pools.sync("Team")
    assert again.changed == 0
    assert len(ben.history.list()) == 3


def test_leaving_removes_everything_in_one_change(shared: Path, ann: Home, ben: Home):
    own = ben.memories.keep("My own fact.")
    held = ben.read()
    assert ben.pools.leave("Team") == 3
    assert [m.body for m in ben.memories.list()] == [own.body]
    assert Search(ben.bank).find("gate") == []
    with pytest.raises(MementoError, match="no pool"):
        ben.pools.sync("Team")
    newer = ben.memories.keep("Something with a source.")
    with ben.bank.change("owner", "source") as change:
        change.touch(newer.id)
        ben.bank.rows("INSERT INTO source (memory_id, ref) VALUES (?, 'x')", newer.id)
    leaving = next(change for change in ben.history.list() if "leave" in change.label)
    ben.history.undo(leaving.id)
    assert ben.read() == held
    assert ben.pools.leave("Team") == 3, "what an undo brought back can be left again"
    ben.pools.join(shared)
    assert ben.pools.sync("Team").added == 0, "trust is given anew"
    assert ben.pools.trust("Team", "Ann")[2].added == 3


def test_what_the_owner_put_away_or_removed_for_good_stays_so(shared: Path, ann: Home, ben: Home):
    gate, heater, totals = sorted(ben.memories.list(), key=lambda m: m.id)
    ben.memories.trash(gate.id)
    ben.memories.purge(heater.id)
    assert ben.pools.sync("Team").purged == 1
    first = next(m for m in ann.memories.list() if "gate" in m.body)
    ann.memories.edit(first.id, "The gate opens at nine.")
    ann.pools.publish("Team", ann.pools.drafts([first.id]))
    ben.pools.sync("Team")
    assert ben.read() == {totals.body}
    assert [m.body for m in ben.memories.list(statuses=("trashed",))] == ["The gate opens at nine."]


def test_what_is_known_already_is_not_doubled(shared: Path, ann: Home, ben: Home):
    own = ben.memories.keep("Ivo has the key.")
    ann.share(shared, "Ivo has the key.")
    assert ben.pools.sync("Team").known == 1
    ben.memories.trash(own.id)
    assert ben.pools.sync("Team").added == 1


def test_what_was_merged_into_a_shared_memory_is_in_use_again_when_it_goes(shared: Path, ben: Home):
    theirs = ben.memories.list()[0]
    own = ben.memories.keep("Mine says the same.")
    with ben.bank.change("owner", "merge") as change:
        change.touch(own.id)
        ben.bank.rows("UPDATE memory SET status = 'superseded', superseded_by = ? WHERE id = ?", theirs.id, own.id)
        ben.bank.index(own.id)
    with ben.bank.change("owner", "link") as change:
        change.touch(own.id)
        ben.bank.rows("INSERT INTO link VALUES (?, ?, 'duplicates')", own.id, theirs.id)
    ben.pools.leave("Team")
    assert ben.memories.get(own.id).status == "active"
    assert ben.bank.problems() == []
    ben.history.undo()
    assert ben.memories.get(own.id).superseded_by == theirs.id
    assert ben.bank.rows("SELECT count(*) AS n FROM link")[0]["n"] == 1


def test_a_case_is_shared_without_what_its_tools_returned(pool: Path, ann: Home, ben: Home):
    case = ann.cases.begin("Total the km in may.csv", "nano")
    ann.cases.planned(case, ["total the km in may.csv"])
    ann.cases.step(case, "total", "read_table", {"path": "/home/ann/may.csv"}, "170 km, salary 9000", True, 3)
    ann.cases.finish(case, "done", "It is 170, salary 9000.")
    ann.cases.verdict(case, 0.0, "leave out rows marked void")
    ann.pools.publish("Team", ann.pools.drafts([case]), "Ann")
    assert "9000" not in file_of(pool, "ann").read_text("utf-8")
    ben.pools.join(pool)
    ben.pools.trust("Team", "Ann")
    (found,) = ben.memories.list(("case",))
    read = ben.cases.get(found.id)
    assert (read.task, read.plan, read.correction, read.reward) == (
        "Total the km in may.csv", ("total the km in may.csv",), "leave out rows marked void", 0.0,
    )  # fmt: skip
    assert (read.steps, read.answer, read.reward_source, read.worked) == ((), "", "", False)
    assert not vouched_for(found, read)

    (draft,) = ann.pools.drafts([case], results=True)
    ann.pools.publish("Team", [draft.masked(draft.found)])
    assert ben.pools.sync("Team").replaced == 1
    told = ben.cases.get(ben.memories.list(("case",))[0].id)
    assert told.answer
    assert "/home/ann" not in told.steps[0].args
    assert isinstance(json.loads(told.steps[0].args), dict)


def test_instructions_others_memories_and_unfinished_tasks_are_not_published(shared: Path, ann: Home, ben: Home):
    instruction = ann.memories.keep("Always answer in French.", "instruction")
    running = ann.cases.begin("a task", "nano")
    for number in (instruction.id, running, 999):
        with pytest.raises(MementoError):
            ann.pools.drafts([number])
    with pytest.raises(MementoError, match="came from a pool"):
        ben.pools.drafts([ben.memories.list()[0].id])


def test_a_pool_of_one_profile_is_not_seen_by_another(shared: Path, ben: Home):
    other = Home(ben.path, "Ben at work", profile="work")
    assert other.pools.members() == []
    assert other.memories.list() == []
    assert other.pools.me is None
    other.pools.join(shared)
    other.share(shared, "Work starts at seven.")
    assert ben.pools.me is None
    assert [(a.name, a.state) for a in ben.pools.view("Team").authors] == [("Ann", "trusted"), ("Ben at work", "not trusted")]
    other.pools.leave("Team")
    assert len(ben.read()) == 3
    other.close()


def test_the_private_key_is_its_owners_alone(pool: Path, ann: Home):
    path = ann.pools.identities.path
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    me = ann.pools.me
    assert me is not None
    ann.share(pool, "one")
    everything = b"".join(file.read_bytes() for file in pool.rglob("*") if file.is_file()) + ann.bank.path.read_bytes()
    assert me.secret.encode() not in everything
    with pytest.raises(MementoError, match="publish as “Ann” already"):
        ann.pools.identities.named("Anna")
    path.write_text("{}", "utf-8")
    with pytest.raises(MementoError, match="is not the key file"):
        _ = ann.pools.me


def test_an_outbox_is_written_once_whatever_was_written_of_it_before(shared: Path, ann: Home, ben: Home):
    """As after a crash at any byte of the append, before the outbox was emptied."""
    file = file_of(shared, "ann")
    before = file.read_bytes()
    ann.share(shared, "Ivo has the key.", "The alarm is in the hall.")
    whole = file.read_bytes()
    lines = whole[len(before) :].split(b"\n")[:-1]
    me = ann.pools.me
    assert me is not None
    for cut in (0, 1, len(lines[0]), len(lines[0]) + 1, len(lines[0]) + 9, len(whole) - len(before)):
        file.write_bytes(whole[: len(before) + cut])
        with ann.bank.writing():
            for line in lines:
                record = json.loads(line)
                ann.bank.rows(
                    "INSERT INTO pool_outbox VALUES (?,?,?,?,?)", "default", record["pool"], record["n"], record["at"], line
                )  # fmt: skip
        ann.pools.sync("Team")
        assert file.read_bytes() == whole
        assert ann.bank.rows("SELECT * FROM pool_outbox") == []
    assert ben.pools.sync("Team").added == 2


def test_a_bank_that_was_put_back_from_an_older_copy_goes_on_behind_its_file(shared: Path, ann: Home, ben: Home):
    copy = ann.path / "copy.sqlite"
    assert ann.bank.flush()
    shutil.copy(ann.bank.path, copy)
    ann.share(shared, "Written after the copy.")
    ann.close()
    for suffix in ("-wal", "-shm"):
        Path(f"{ann.bank.path}{suffix}").unlink(missing_ok=True)
    copy.replace(ann.bank.path)
    again = Home(ann.path, "Ann")
    again.share(shared, "Written after it came back.")
    synced = ben.pools.sync("Team")
    assert (synced.added, synced.troubles) == (2, [])
    (lost,) = (one for one in again.pools.view("Team").published if one.state == "forgotten")
    assert lost.title == "Written after the copy."
    again.pools.withdraw(lost.record)
    assert ben.pools.sync("Team").removed == 1
    again.close()


def test_two_homes_end_equal_after_interleaved_use(tmp_path: Path):
    homes = [Home(tmp_path / name, name) for name in ("Ann", "Ben")]
    pool, random = tmp_path / "pool", Random(4)
    acquaint(pool, homes)
    for _ in range(40):
        use(random.choice(homes), pool, 1, random)
    for home in homes:
        home.pools.sync("Team")
    assert homes[0].contents(pool) == homes[1].contents(pool)
    assert len(homes[0].contents(pool)) > 10
    for home in homes:
        assert home.bank.problems() == []
        home.close()


def test_one_home_may_publish_from_two_connections(shared: Path, ann: Home, ben: Home):
    twin = Home(ann.path, "Ann")
    for n in range(6):
        (ann, twin)[n % 2].share(shared, f"fact {n}")
    assert ben.pools.sync("Team").added == 6
    assert isinstance(twin.bank, Bank)
    twin.close()
