"""Pools of one name are told apart; what was left does not come back by redo."""

from __future__ import annotations

from pathlib import Path

import pytest

from memento_desktop.errors import MementoError
from tests.memory.pools.homes import Home


@pytest.fixture
def second(tmp_path: Path, ann: Home) -> Path:
    """Another pool of Ann's that bears the same name for others, and one of its facts."""
    folder = tmp_path / "second"
    ann.pools.create(folder, "Club", "Ann")
    ann.share(folder, "The court is booked on Monday.")
    return folder


def test_a_second_pool_of_a_name_is_refused_until_it_gets_one_of_its_own(shared: Path, second: Path, ann: Home, ben: Home, tmp_path: Path):
    with pytest.raises(MementoError, match="another pool that is called “Team”") as error:
        ann.pools.create(tmp_path / "third", "team", "Ann")
    assert "--name" in error.value.hint
    assert not (tmp_path / "third").exists()
    with pytest.raises(MementoError, match="another pool that is called “Team”"):
        ben.pools.join(second, "Team")
    ben.pools.join(second, "Tennis")
    ben.pools.trust("Tennis", "Ann")
    (fact,) = [m for m in ben.memories.list() if m.body.startswith("The court")]
    assert ben.pools.author_of(fact.id) == "Ann in Tennis"
    assert ben.memories.sources(fact.id)[0].ref == "pool:Tennis/Ann"
    assert ben.pools.view("Tennis").pool.name == "Tennis"
    assert ben.history.list()[0].label == "pool Tennis: 1 new"


def test_a_name_is_free_again_after_leaving_and_the_pool_that_is_read_is_meant(shared: Path, second: Path, ben: Home):
    ben.pools.leave("Team")
    ben.pools.join(second, "Team")
    ben.pools.trust("Team", "Ann")
    assert ben.read() == {"The court is booked on Monday."}
    with pytest.raises(MementoError, match="another pool that is called “Team”"):
        ben.pools.join(shared)
    ben.pools.join(shared, "Old team")
    assert {member.pool.name for member in ben.pools.members()} == {"Team", "Old team"}
    assert ben.pools.leave("Team") == 1


def test_a_redone_sync_brings_nothing_back_from_a_pool_that_was_left(shared: Path, ben: Home):
    ben.history.undo()  # the sync
    ben.pools.leave("Team")
    with pytest.raises(MementoError, match="a pool that you left"):
        ben.history.redo()
    assert ben.read() == set()
    ben.pools.join(shared)
    with pytest.raises(MementoError, match="an author whom you trust no more"):
        ben.history.redo()
    ben.pools.trust(str(shared), "Ann")
    assert len(ben.read()) == 3


def test_undone_withdrawals_come_back_only_while_the_pool_is_read(shared: Path, ann: Home, ben: Home):
    ann.pools.withdraw(str(ann.memories.list()[-1].id))
    ben.pools.sync("Team")
    sync = ben.history.list()[0].id
    ben.history.undo()
    assert len(ben.read()) == 3
    ben.history.redo()
    ben.pools.leave("Team")
    with pytest.raises(MementoError, match="a pool that you left"):
        ben.history.undo(sync)
    ben.history.undo()  # the leaving itself is its owner's to take back
    assert len(ben.read()) == 2
