"""Cases: written from the first moment of a task, completed as it goes, re-rewarded by the owner's verdict."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from memento_desktop.errors import MementoError
from memento_desktop.memory.bank import Bank, Row, with_bools
from memento_desktop.memory.liveness import Liveness
from memento_desktop.memory.memories import Memories, title_of
from memento_desktop.memory.records import Case, Outcome, RewardSource, Status, Step


def verdict_label(case: Case, reward: float, correction: str) -> str:
    """How the history calls the owner's word on a case."""
    said = "corrected" if correction else "good" if reward >= 0.5 else "bad"
    return f"{said}: {title_of(case.task)}"


class Cases:
    """A running case is archived, so that nobody reads it; finished, it is active and is one change of the history."""

    def __init__(self, bank: Bank, memories: Memories) -> None:
        self.bank, self.memories = bank, memories
        self.liveness = Liveness(bank.path.parent / "running")

    def begin(self, task: str, model: str) -> int:
        """Writes the case of a task that starts now. Returns its number."""
        runner = self.liveness.name
        with self.bank.change("assistant", f"task: {title_of(task)}") as change:
            case_id = self.memories.insert("case", title_of(task), task, "archived", "assistant")
            change.created(case_id)
            self.bank.rows(
                "INSERT INTO case_detail (memory_id, task, outcome, model, runner) VALUES (?,?,'running',?,?)",
                case_id,
                task,
                model,
                runner,
            )
        return case_id

    def planned(self, case_id: int, plan: Sequence[str]) -> None:
        self._progress(case_id, "UPDATE case_detail SET plan = ? WHERE memory_id = ?", json.dumps(list(plan)), case_id)

    def step(self, case_id: int, task: str, tool: str, args: dict[str, Any], result: str, ok: bool, ms: int) -> None:
        """Appends what just happened; it is on disk when this returns."""
        self._progress(
            case_id,
            "INSERT INTO step SELECT ?, coalesce(max(n), 0) + 1, ?, ?, ?, ?, ?, ? FROM step WHERE case_id = ?",
            case_id, task, tool, json.dumps(args, ensure_ascii=False), result, int(ok), ms, case_id,
        )  # fmt: skip

    def finish(
        self, case_id: int, outcome: Outcome, answer: str, reason: str = "", tokens: int = 0, seconds: float = 0.0, tainted: bool = False
    ) -> None:
        """Ends a case. One that was done or failed can be read by later tasks; a tainted one waits for the owner as a proposal."""
        status: Status = "archived" if outcome in ("cancelled", "interrupted") else "proposed" if tainted else "active"
        self._progress(
            case_id,
            "UPDATE case_detail SET outcome=?, answer=?, reason=?, tokens=?, seconds=?, tainted=?, runner='' WHERE memory_id=?",
            outcome, answer, reason, tokens, seconds, int(tainted), case_id, status=status,
        )  # fmt: skip

    def reward(self, case_id: int, reward: float, source: RewardSource) -> None:
        """What the task was worth, by a check or by the model itself; never over the owner's verdict."""
        self._progress(
            case_id,
            "UPDATE case_detail SET judged = CASE ? WHEN 'self' THEN ? ELSE judged END, "
            "reward = CASE reward_source WHEN 'owner' THEN reward ELSE ? END, "
            "reward_source = CASE reward_source WHEN 'owner' THEN 'owner' ELSE ? END WHERE memory_id = ?",
            source, reward, reward, source, case_id,
        )  # fmt: skip

    def _progress(self, case_id: int, sql: str, *values: Any, status: Status | None = None) -> None:
        """Part of the task's own change: the revision that began it is brought up to date, so that undo takes back the whole task.

        Raises:
            MementoError: the case was purged meanwhile.
        """
        with self.bank.writing():
            if not self.bank.rows("SELECT 1 FROM memory WHERE id = ?", case_id):
                raise MementoError("The case of this task was removed while it ran.", "What follows of it is not kept.")
            self.bank.rows(sql, *values)
            if status:
                self.bank.rows("UPDATE memory SET status = ? WHERE id = ?", status, case_id)
                self.bank.index(case_id)
            self.bank.rows(
                "UPDATE revision SET after = ? WHERE memory_id = ? AND before IS NULL AND txn_id = (SELECT max(txn_id) FROM revision "
                "WHERE memory_id = ?)",
                json.dumps(self.bank.snapshot(case_id)), case_id, case_id,
            )  # fmt: skip

    def verdict(self, case_id: int, reward: float, correction: str = "") -> Case:
        """The owner's word on a case: it stands over any other reward. One that was waiting or cancelled becomes readable.

        A case that is called good has nothing left to correct.

        Raises:
            MementoError: there is no such case, or it came from a shared pool: the owner has not seen it run.
        """
        if self.memories.get(case_id).pool:
            raise MementoError(f"Case {case_id} belongs to a shared pool and is read-only.", "Give your verdict on a task of your own.")
        with self.bank.change("owner", verdict_label(self.get(case_id), reward, correction)) as change:
            change.touch(case_id)
            self.bank.rows(
                "UPDATE case_detail SET reward = ?, reward_source = 'owner', "
                "correction = CASE WHEN ? != '' THEN ? WHEN ? >= 0.5 THEN '' ELSE correction END WHERE memory_id = ?",
                reward, correction, correction, reward, case_id,
            )  # fmt: skip
            self.bank.rows("UPDATE memory SET status = 'active' WHERE id = ? AND status IN ('archived', 'proposed')", case_id)
            self.bank.index(case_id)
        return self.get(case_id)

    def recover(self) -> list[Case]:
        """Marks the cases whose process is gone as interrupted, and returns them."""
        gone: list[int] = []
        running = "SELECT memory_id, runner FROM case_detail JOIN memory ON id = memory_id WHERE outcome = 'running' AND profile = ?"
        for row in self.bank.rows(running, self.bank.profile):
            if self.liveness.lives(row["runner"]):
                continue
            with self.bank.writing():  # its process may have finished it between the two looks
                if self.bank.rows("SELECT 1 FROM case_detail WHERE memory_id = ? AND outcome = 'running'", row["memory_id"]):
                    self.finish(row["memory_id"], "interrupted", "", "the program ended while the task ran")
                    gone.append(row["memory_id"])
        return [self.get(case_id) for case_id in gone]

    def get(self, case_id: int) -> Case:
        """
        Raises:
            MementoError: there is no case with this number.
        """
        found = self.of([case_id])
        if not found:
            raise MementoError(f"There is no case {case_id}.", "`memento memory list --kind case` shows their numbers.")
        return found[0]

    def last(self) -> Case:
        """The newest case that ended, for verdicts without a number."""
        rows = self.bank.rows(
            "SELECT id FROM memory JOIN case_detail ON memory_id = id WHERE profile = ? AND pool = '' AND status != 'trashed' "
            "AND outcome != 'running' ORDER BY id DESC LIMIT 1",
            self.bank.profile,
        )
        if not rows:
            raise MementoError("There is no case yet.", 'Ask something first: memento ask "What is 17% of 2340?"')
        return self.get(rows[0]["id"])

    def of(self, ids: Sequence[int]) -> list[Case]:
        """The cases among these memories, in the order of `ids`."""
        rows = self.bank.rows(
            "SELECT d.*, m.recorded_at, m.status FROM json_each(?) asked CROSS JOIN case_detail d ON d.memory_id = asked.value "
            "CROSS JOIN memory m ON m.id = d.memory_id WHERE m.profile = ?",
            json.dumps(list(ids)), self.bank.profile,
        )  # fmt: skip
        by_id = {row["memory_id"]: self._as_case(row) for row in rows}
        return [by_id[i] for i in ids if i in by_id]

    def _as_case(self, row: Row) -> Case:
        steps = self.bank.rows("SELECT n, task, tool, args, result, ok, ms FROM step WHERE case_id = ? ORDER BY n", row["memory_id"])
        return Case(
            id=row["memory_id"], task=row["task"], plan=tuple(json.loads(row["plan"])), outcome=row["outcome"], answer=row["answer"],
            reward=row["reward"], reward_source=row["reward_source"], correction=row["correction"], judged=row["judged"],
            reason=row["reason"], model=row["model"], tokens=row["tokens"], seconds=row["seconds"], tainted=bool(row["tainted"]),
            recorded_at=row["recorded_at"], status=row["status"], steps=tuple(Step(**with_bools(step, "ok")) for step in steps),
        )  # fmt: skip
