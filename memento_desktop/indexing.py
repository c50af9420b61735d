"""Vectors of what is remembered, said and asked: a query's at once where the embedder is ready, all others from queues in the bank."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from memento_desktop.errors import MementoError
from memento_desktop.inference.embedder import Embedder
from memento_desktop.memory.bank import Bank
from memento_desktop.memory.conversations.windows import Windows
from memento_desktop.memory.embeddings import Embeddings

BATCH = 64
LEAST_WAIT = 0.2
"""Seconds that a ready embedder has for one query: it takes about a tenth of that."""
PATIENCE = 60.0
"""Seconds that one batch may take."""
Told = Callable[[int, int], None]


class Indexing:
    def __init__(self, bank: Bank, embedder: Callable[[], Embedder], wait: float) -> None:
        """
        Args:
            embedder: gives the embedder, starting it where it does not run.
            wait: seconds that a query waits for it before it is served on words alone.
        """
        self.embeddings, self.windows = Embeddings(bank), Windows(bank)
        self._embedder, self.wait = embedder, wait

    async def embed(self, queries: Sequence[str]) -> tuple[list[bytes], int | None, str]:
        """The queries' vectors and their embedder's number, waiting no longer than the setting; without them, the reason why."""
        embedder = self._embedder()
        if await asyncio.to_thread(self.embeddings.current) is None:  # without a stored vector, the query's is compared with nothing
            return [], None, embedder.reason if embedder.state in ("off", "failed") else ""
        until = time.monotonic() + self.wait
        try:
            if not await embedder.ready(self.wait):
                return [], None, embedder.reason
            vectors = await embedder.embed(list(queries), wait=max(LEAST_WAIT, until - time.monotonic()))
            if not vectors:
                return [], None, embedder.reason or f"the embedder did not answer within {self.wait:g} s"
            number = await asyncio.to_thread(self.embeddings.register, embedder.model, embedder.sha256, embedder.dim)
        except MementoError as error:
            return [], None, error.message
        return list(vectors), number, ""

    async def index(self, told: Told | None, wait: float, said: bool = True) -> tuple[int, bool]:
        """Embeds what waits: memories, then what was said, then past queries; at last the vectors of an earlier embedder go.

        Args:
            told: hears how many memories and messages are done, of how many.
            wait: seconds for the embedder to be ready; 0 does nothing where it is not.
            said: whether what was said is embedded too; it is in the queue as long as it is not.

        Returns:
            How many memories and messages got their vectors, and whether another embedder's went.

        Raises:
            MementoError: the embedder stopped on the way; the rest stays in the queues.
        """
        embedder = self._embedder()
        if not await embedder.ready(wait):
            return 0, False
        number = await asyncio.to_thread(self.embeddings.register, embedder.model, embedder.sha256, embedder.dim)
        left = await asyncio.to_thread(self.embeddings.waiting_count, number)
        done, messages = await asyncio.to_thread(self.windows.progress, number) if said else (0, 0)
        self._done, self._total, self._told = 0, left + messages - done, told
        await self._memories(number)
        if said:
            await self._messages(number)
        await self._queries(number)
        return self._done, await asyncio.to_thread(self._retire, number)

    def _count(self, stored: int) -> None:
        self._done += stored
        if self._told:
            self._told(self._done, self._total)

    async def _vectors(self, texts: Sequence[str]) -> Sequence[bytes]:
        embedder = self._embedder()
        vectors = await embedder.embed(list(texts), wait=PATIENCE) if texts else []
        if vectors is None:
            raise MementoError(f"The embedder stopped: {embedder.reason}.", "The rest stays in the queue; try again.")
        return vectors

    async def _memories(self, number: int) -> None:
        while batch := await asyncio.to_thread(self.embeddings.waiting, number, BATCH):
            vectors = await self._vectors([item.text for item in batch])
            stored = await asyncio.to_thread(self.embeddings.store, number, list(zip(batch, vectors, strict=True)))
            self._count(stored)
            if not stored:
                return

    async def _messages(self, number: int) -> None:
        while messages := await asyncio.to_thread(self.windows.waiting, number, BATCH):
            vectors = iter(await self._vectors([text for item in messages for text in item.passages]))
            batch = [(item, [next(vectors) for _ in item.passages]) for item in messages]
            stored = await asyncio.to_thread(self.windows.store, number, batch)
            self._count(stored)
            if not stored:
                return

    async def _queries(self, number: int) -> None:
        """What was asked once and what came of it teaches which memories to read: it is compared by the same embedder's vectors."""
        while asked := await asyncio.to_thread(self.embeddings.waiting_queries, number, BATCH):
            vectors = await self._vectors([one.text for one in asked])
            if not await asyncio.to_thread(self.embeddings.store_queries, number, list(zip(asked, vectors, strict=True))):
                return

    def _retire(self, number: int) -> bool:
        """The vectors of earlier embedders go, once all is embedded by this one."""
        if self.embeddings.waiting_count(number) or not self.embeddings.retire_others(number):
            return False
        for other in self.embeddings.others(number):
            self.windows.drop(other)
        return True
