"""The history of the bank: what changed, and back again."""

from __future__ import annotations

import json
from collections.abc import Sequence

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank, Change, Row, with_bools
from memento_desktop.memory.records import Transaction

MANY = 300
"""Memories and messages from which on a change is swept from the text indexes at once."""


class History:
    def __init__(self, bank: Bank) -> None:
        self.bank = bank

    def list(self, limit: int = 20) -> list[Transaction]:
        """The newest first, without the undoings themselves."""
        rows = self.bank.rows(
            "SELECT id, at, actor, label, undone_by IS NOT NULL AS undone, (SELECT count(*) FROM revision WHERE txn_id = txn.id) "
            "+ (SELECT count(*) FROM session_revision WHERE txn_id = txn.id) AS memories FROM txn WHERE undoes IS NULL AND profile = ? "
            "ORDER BY id DESC LIMIT ?",
            self.bank.profile,
            limit,
        )
        return [Transaction(**with_bools(row, "undone")) for row in rows]

    def of(self, memory_id: int) -> list[Transaction]:
        """The changes of one memory, the newest first."""
        rows = self.bank.rows(
            "SELECT id, at, actor, label, undone_by IS NOT NULL AS undone, 1 AS memories FROM txn "
            "WHERE id IN (SELECT txn_id FROM revision WHERE memory_id = ?) ORDER BY id DESC",
            memory_id,
        )
        return [Transaction(**with_bools(row, "undone")) for row in rows]

    def undo(self, txn_id: int | None = None) -> Transaction:
        """Puts every memory of a change back to what it was before: the newest change that still stands, or the one named.

        Raises:
            MementoError: there is nothing to undo, or a later change of the same memory stands in the way.
        """
        chosen = self._find("undone_by IS NULL", txn_id, "undo")
        with self.bank.change("owner", f"undo: {chosen['label']}", undoes=chosen["id"]) as change:
            with self.bank.sweeping(self._size(chosen) > MANY):
                self._apply(chosen, "before", change)
            self.bank.rows("UPDATE txn SET undone_by = ? WHERE id = ?", change.id, chosen["id"])
        return self._as_transaction(chosen, undone=True)

    def redo(self, txn_id: int | None = None) -> Transaction:
        """Does again what was undone last, or the change named. Once something else was done, only a change that is named."""
        chosen = self._find("undone_by IS NOT NULL", txn_id, "redo")
        with self.bank.change("owner", f"redo: {chosen['label']}", undoes=chosen["undone_by"]) as change:
            self._apply(chosen, "after", change)
            self.bank.rows("UPDATE txn SET undone_by = NULL WHERE id = ?", chosen["id"])
        return self._as_transaction(chosen, undone=False)

    def _find(self, condition: str, txn_id: int | None, verb: str) -> Row:
        order = "undone_by DESC" if verb == "redo" else "id DESC"
        if verb == "redo" and txn_id is None:
            condition += (
                " AND NOT EXISTS (SELECT 1 FROM txn later WHERE later.undoes IS NULL AND later.profile = txn.profile "
                "AND later.id > txn.undone_by)"
            )
        rows = self.bank.rows(
            f"SELECT * FROM txn WHERE undoes IS NULL AND {condition} AND (? IS NULL OR id = ?) AND profile = ? "
            "AND (EXISTS (SELECT 1 FROM revision WHERE txn_id = txn.id) OR EXISTS (SELECT 1 FROM retrieval WHERE txn_id = txn.id) "
            "OR EXISTS (SELECT 1 FROM session_revision WHERE txn_id = txn.id)) "
            "AND NOT EXISTS (SELECT 1 FROM revision r "
            "JOIN case_detail d ON d.memory_id = r.memory_id WHERE r.txn_id = txn.id AND d.outcome = 'running') "
            f"ORDER BY {order} LIMIT 1",
            txn_id, txn_id, self.bank.profile,
        )  # fmt: skip
        if not rows:
            raise MementoError(f"There is nothing to {verb}." if txn_id is None else f"There is no change {txn_id} to {verb}.")
        return rows[0]

    def _size(self, chosen: Row) -> int:
        """How many memories and messages a change touches."""
        return self.bank.one(
            "SELECT (SELECT count(*) FROM revision WHERE txn_id = ?) + (SELECT count(*) FROM message WHERE session_id IN "
            "(SELECT session_id FROM session_revision WHERE txn_id = ?)) AS n", chosen["id"], chosen["id"],
        )["n"]  # fmt: skip

    def _apply(self, chosen: Row, side: str, change: Change) -> None:
        other = "after" if side == "before" else "before"
        revisions = self.bank.rows("SELECT * FROM revision WHERE txn_id = ?", chosen["id"])
        for revision in revisions:  # all are looked at before one is put back: they may refer to each other
            memory_id = revision["memory_id"]
            if self.bank.snapshot(memory_id) != (json.loads(revision[other]) if revision[other] else None):
                raise MementoError(
                    f"“{chosen['label']}” cannot be taken back alone: the memory was changed after it.", "Undo the later change first."
                )
            if not revision[side]:
                self._refuse_if_linked(chosen, memory_id)
            change.touch(memory_id)
        self._refuse_if_left(chosen, [json.loads(revision[side]) for revision in revisions if revision[side] and not revision[other]])
        states = {revision["memory_id"]: json.loads(revision[side]) if revision[side] else None for revision in revisions}
        for memory_id, state in states.items():
            self.bank.put_back(memory_id, state)
        for memory_id, state in states.items():  # what they refer to stands now
            if state and (state["link"] or state["memory"]["superseded_by"]):
                self.bank.put_back(memory_id, state)
        for revision in self.bank.rows("SELECT * FROM session_revision WHERE txn_id = ?", chosen["id"]):
            self._apply_session(chosen, revision["session_id"], revision[other], revision[side], change)

    def _apply_session(self, chosen: Row, session_id: int, after: str | None, before: str | None, change: Change) -> None:
        """Puts a conversation back. A change of its title or of its place in the trash says nothing of what was said in it: that stays."""
        there, stood, state = self.bank.session_snapshot(session_id), *(json.loads(one) if one else None for one in (after, before))
        if there and stood and state and stood["message"] == state["message"]:
            stood, state = stood | {"message": there["message"]}, state | {"message": there["message"]}
        if there != stood:
            raise MementoError(
                f"“{chosen['label']}” cannot be taken back: the conversation went on after it.",
                "`memento memory history` shows the changes before it; name the one to undo.",
            )
        change.touch_session(session_id)
        self.bank.put_back_session(session_id, state)

    def _refuse_if_left(self, chosen: Row, coming: Sequence[Row]) -> None:
        """What a sync brought does not come again from a pool that was left since, or of an author who is not trusted any more. Undoing
        the leaving itself, which its owner did, brings it back."""
        if chosen["actor"] != "pool":
            return
        for state in coming:
            read = self.bank.rows(
                "SELECT 1 FROM pool_memory m JOIN pool p ON p.profile = m.profile AND p.id = m.pool "
                "JOIN pool_author a ON a.profile = m.profile AND a.pool = m.pool AND a.key = m.author "
                "WHERE m.memory_id = ? AND p.left_at IS NULL AND a.trusted_at IS NOT NULL",
                state["memory"]["id"],
            )
            if state["memory"]["pool"] and not read:
                raise MementoError(
                    f"“{chosen['label']}” would bring back memories of a pool that you left, or of an author whom you trust no more.",
                    "Nothing was changed. Join it and trust them again: `memento pool join PATH`, then `memento pool trust`.",
                )

    def _refuse_if_linked(self, chosen: Row, memory_id: int) -> None:
        """A memory that others were drawn from later cannot go before they do: their links would be lost."""
        rows = self.bank.rows(
            "SELECT m.title FROM link JOIN memory m ON m.id = a WHERE b = ? AND a NOT IN (SELECT memory_id FROM revision WHERE txn_id = ?)",
            memory_id, chosen["id"],
        )  # fmt: skip
        if rows:
            raise MementoError(
                f"“{chosen['label']}” cannot be taken back alone: “{rows[0]['title']}” was drawn from it.", "Undo that first."
            )

    @staticmethod
    def _as_transaction(row: Row, undone: bool) -> Transaction:
        return Transaction(row["id"], row["at"], row["actor"], row["label"], undone, 0)
