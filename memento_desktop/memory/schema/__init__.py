"""Ordered, named migrations. A bank records which it has seen; one from a newer version of the app is refused, untouched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from memento_desktop.memory.schema import m0001_first_bank, m0002_learning, m0003_personal, m0004_pools, m0005_relevance

MIGRATIONS: tuple[tuple[str, Callable[[Any], None]], ...] = (
    ("0001_first_bank", m0001_first_bank.apply),
    ("0002_learning", m0002_learning.apply),
    ("0003_personal", m0003_personal.apply),
    ("0004_pools", m0004_pools.apply),
    ("0005_relevance", m0005_relevance.apply),
)
