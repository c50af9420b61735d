"""Two homes and a pool's folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.memory.pools.homes import Home


@pytest.fixture
def ann(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path / "ann", "Ann")
    yield home
    home.close()


@pytest.fixture
def ben(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path / "ben", "Ben")
    yield home
    home.close()


@pytest.fixture
def pool(tmp_path: Path, ann: Home) -> Path:
    """A pool that Ann made."""
    folder = tmp_path / "pool"
    ann.pools.create(folder, "Team", "Ann")
    return folder


@pytest.fixture
def shared(pool: Path, ann: Home, ben: Home) -> Path:
    """The same, with three facts of Ann's, whom Ben trusts."""
    ann.share(pool, "The gate opens at eight.", "The heater is serviced in March.", "Totals leave out void rows.")
    ben.pools.join(pool)
    ben.pools.trust(str(pool), "Ann")
    return pool


def file_of(pool: Path, name: str) -> Path:
    """The newest file of an author."""
    (folder,) = (pool / "authors").glob(f"{name.lower()}-*")
    return sorted(folder.glob("*.jsonl"))[-1]
