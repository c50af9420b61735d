"""Finds a conversation by what a person has typed so far: in titles, word for word in what was said, and by words and meaning."""

from __future__ import annotations

import json
from dataclasses import dataclass

from memento_desktop.memory.conversations.said import SaidSearch
from memento_desktop.memory.conversations.talks import Conversations, Role, Session

NEAR = 0.4
"""Cosine from which a message that shares no word with the query is shown all the same."""


@dataclass(frozen=True)
class Found:
    """A conversation, with the message in it that fits best; `message_id` is None where the title alone does."""

    session: Session
    message_id: int | None = None
    n: int = 0
    """The message's place in its conversation, from 1."""
    role: Role = "user"
    text: str = ""
    at: str = ""


class Finder:
    def __init__(self, conversations: Conversations, said: SaidSearch) -> None:
        self.conversations, self.said = conversations, said
        self.bank = conversations.bank

    def find(
        self, query: str, limit: int = 200, trashed: bool = False, vector: bytes | None = None, embedder: int | None = None
    ) -> list[Found]:
        """The conversations that a query may mean: first those whose title holds it, then by what was said in them, the best first.

        Args:
            query: as typed, the last word perhaps not whole; empty: all, the ones spoken in last first.
            vector: the query's embedding by `embedder`; None searches by words alone. In the trash it is always by words alone.
        """
        query = query.strip()
        held = self.conversations.list(limit, query, trashed)
        if not query:
            return [Found(session) for session in held]
        lines = self._holding(query, [session.id for session in held])
        found = {session.id: lines.get(session.id, Found(session)) for session in held if query.lower() in session.title.lower()}
        for one in [] if trashed else self._said(query, limit, vector, embedder):
            found.setdefault(one.session.id, lines.get(one.session.id, one))
        for session in held:
            found.setdefault(session.id, lines.get(session.id, Found(session)))
        return list(found.values())[:limit]

    def _said(self, query: str, limit: int, vector: bytes | None, embedder: int | None) -> list[Found]:
        out: list[Found] = []
        for episode in self.said.episodes(query, limit, 1, vector=vector, embedder=embedder):
            best = episode.said[0]
            if not best.terms and not best.around and (best.similarity or 0.0) < NEAR:
                continue
            message = self.conversations.message(best.message_id)
            session = self.conversations.get(episode.session_id)
            out.append(Found(session, best.message_id, message.n, best.role, best.text, best.at))
        return out

    def _holding(self, query: str, ids: list[int]) -> dict[int, Found]:
        """The first message of each conversation that holds the query as it stands."""
        pattern = f"%{query.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%"
        rows = self.bank.rows(
            "SELECT m.session_id, m.id, min(m.n) AS n, m.role, m.text, m.at FROM message m JOIN session s ON s.id = m.session_id "
            "WHERE s.profile = ? AND m.session_id IN (SELECT value FROM json_each(?)) AND m.text LIKE ? ESCAPE '!' GROUP BY m.session_id",
            self.bank.profile, json.dumps(ids), pattern,
        )  # fmt: skip
        known = {row["session_id"]: row for row in rows}
        return {
            number: Found(self.conversations.get(number), row["id"], row["n"], row["role"], row["text"], row["at"])
            for number, row in known.items()
        }  # fmt: skip
