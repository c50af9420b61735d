"""A curator on an empty bank, and what goes with it."""

from __future__ import annotations

import pytest

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.conversations.talks import Conversations
from memento_desktop.memory.curation.curator import Curator
from memento_desktop.memory.curation.proposing import Proposer
from memento_desktop.memory.curation.review import Review
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.search import Search


@pytest.fixture
def search(bank: Bank) -> Search:
    return Search(bank)


@pytest.fixture
def curator(bank: Bank, memories: Memories, search: Search) -> Curator:
    return Curator(bank, memories, search)


@pytest.fixture
def proposer(bank: Bank, memories: Memories, curator: Curator) -> Proposer:
    return Proposer(bank, memories, curator)


@pytest.fixture
def review(bank: Bank, memories: Memories, curator: Curator) -> Review:
    return Review(bank, memories, curator)


@pytest.fixture
def conversations(bank: Bank) -> Conversations:
    return Conversations(bank)
