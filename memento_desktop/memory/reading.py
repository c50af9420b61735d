"""What a task reads from memory before it is planned, logged with the reason of each reading, and credited with what came of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from memento_desktop.errors import MementoError
from memento_desktop.memory import policy
from memento_desktop.memory.bank import Bank, Row
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.learning.credit import followed
from memento_desktop.memory.learning.log import Log
from memento_desktop.memory.learning.wording import advice_of
from memento_desktop.memory.memories import Memories, read_as
from memento_desktop.memory.policy import Asked, Choice, Reader, SimilarityReader, are_close
from memento_desktop.memory.records import Case, Kind, Memory, now
from memento_desktop.memory.search import Hit, Search

CASES: tuple[Kind, ...] = ("case", "lesson")
FACTS: tuple[Kind, ...] = ("fact", "preference", "correction", "document")
FOUND = 12
"""Hits looked at per kind; the log keeps them all, shown or not."""
NOMINATED = 4
"""Memories that were not found, and helped on tasks like this one."""
LIKE = 0.8
"""Cosine from which a past task counts as of the same kind here."""


@dataclass(frozen=True)
class Read:
    """What was read for one task. `cases` and `lessons` are sorted by number, so that a prompt made of them is the same at every turn."""

    retrieval: int
    cases: tuple[Case, ...]
    lessons: tuple[Memory, ...]
    facts: tuple[Memory, ...]
    instructions: tuple[Memory, ...]
    choices: tuple[Choice, ...]
    note: str
    reader: str
    """Which policy chose the cases."""


class Reading:
    def __init__(self, bank: Bank, memories: Memories, cases: Cases, search: Search) -> None:
        self.bank, self.memories, self.cases, self.search = bank, memories, cases, search
        self.case_reader: Callable[[], Reader] = SimilarityReader
        """Says which reader is used now: a learned one takes over, and is taken back, while the program runs."""
        self.log = Log(bank)
        self.ranked: Callable[[Sequence[Hit]], list[Hit]] = list
        """Ranks hits anew by who they came from; see `memory.pools.trust`."""
        self.fact_reader: Reader = SimilarityReader(policy.OF_FACTS)

    def read(
        self, task: str, case_id: int | None, vector: bytes | None = None, embedder: int | None = None,
        weight: float = 0.4, most_cases: int = 4, most_facts: int = 6, note: str = "", random: Random | None = None,
        kind_vector: bytes | None = None, at: str | None = None, span: tuple[str, str] | None = None,
    ) -> Read:  # fmt: skip
        """Finds, chooses and logs. Pinned memories and standing instructions are there whether found or not.

        Args:
            vector: the task's embedding; facts are compared with it.
            random: where chance comes from; None leaves nothing to it.
            kind_vector: the embedding of its kind (`wording.kind_of_task`); cases and lessons are, and past tasks. By default `vector`.
            at: the moment at which facts must hold (`times.as_of`); None: now. Where nothing held then, what holds now is read.
            span: the time that the task speaks of (`times.span`): what was noted in it is preferred.
        """
        asked = Asked(task, kind_vector or vector, embedder, random)
        reader = self.case_reader()
        found_cases = self.ranked(self.candidates(asked, weight, reader))
        found_facts = self.search.find(task, FACTS, FOUND, vector, embedder, weight, at, span)
        if at is not None and not found_facts:
            found_facts = self.search.find(task, FACTS, FOUND, vector, embedder, weight, None, span)
        found_facts = self.ranked(found_facts)
        case_choices = reader.choose(found_cases, most_cases, asked)
        fact_choices = self.fact_reader.choose(found_facts, most_facts, asked)
        always = self.memories.always_on()
        held = {memory.id for memory in always}
        read = sorted(c.hit.memory_id for c in case_choices if c.shown)
        shown = [c.hit.memory_id for c in fact_choices if c.shown and c.hit.memory_id not in held]
        pinned = [m for m in always if m.kind not in ("instruction", "lesson")]
        lessons = {c.hit.memory_id for c in case_choices if c.hit.kind == "lesson" and c.shown} | {
            m.id for m in always if m.kind == "lesson"
        }
        return Read(
            retrieval=self._log(asked, case_id, reader.name, [*case_choices, *fact_choices], note),
            cases=tuple(self.cases.of(read)),
            lessons=tuple(self.memories.of(sorted(lessons))),
            facts=(*pinned, *self.memories.of(shown)),  # the tail is what is cut when the context is full
            instructions=tuple(m for m in always if m.kind == "instruction"),
            choices=(*case_choices, *fact_choices),
            note=note,
            reader=reader.name,
        )

    def candidates(self, asked: Asked, weight: float, reader: Reader) -> list[Hit]:
        """Cases and lessons for a task, without the failed cases that a lesson which may be read was drawn from: it stands for them."""
        hits = self.search.find(asked.task, CASES, FOUND, asked.vector, asked.embedder, weight)
        if reader.nominates and (near := [hit.memory_id for hit in hits if hit.kind == "case" and (hit.similarity or 0.0) >= LIKE]):
            known = {hit.memory_id for hit in hits}
            helped = [number for number in self.log.helpers(near) if number not in known]
            hits += self.search.look(asked.task, helped[:NOMINATED], asked.vector, asked.embedder)
        close = [hit.memory_id for hit, near in zip(hits, are_close(hits), strict=True) if near and hit.kind == "lesson"]
        rows = self.bank.rows(
            "SELECT b FROM link JOIN case_detail ON memory_id = b WHERE rel = 'derived_from' AND reward < 0.5 "
            "AND a IN (SELECT value FROM json_each(?))",
            json.dumps(close),
        )  # fmt: skip
        told = {row["b"] for row in rows}
        return [hit for hit in hits if hit.memory_id not in told and hit.kind in CASES]

    def _log(self, asked: Asked, case_id: int | None, policy_name: str, choices: Sequence[Choice], note: str) -> int:
        with self.bank.writing():
            number = self.bank.one(
                "INSERT INTO retrieval (task_case, query, policy, at, note, vector, embedder_id) VALUES (?,?,?,?,?,?,?) RETURNING id",
                case_id, asked.task, policy_name, now(), note, asked.vector, asked.embedder if asked.vector else None,
            )["id"]  # fmt: skip
            for choice in choices:
                hit = choice.hit
                why = json.dumps({"terms": hit.terms, "coverage": round(hit.coverage, 4), "reason": choice.reason})
                self.bank.rows(
                    "INSERT INTO retrieval_hit (retrieval_id, memory_id, rank_text, rank_vector, score, similarity, q, propensity, "
                    "shown, why) VALUES (?,?,?,?,?,?,?,?,?,?)",
                    number, hit.memory_id, hit.rank_text, hit.rank_vector, hit.score, hit.similarity, choice.q,
                    choice.propensity, int(choice.shown), why,
                )  # fmt: skip
        return number

    def credit(self, case_id: int) -> None:
        """Notes how far the plan of a finished task followed each memory that was shown for it (the answer, where nothing was planned)."""
        case = self.cases.get(case_id)
        with self.bank.writing():
            for row in self.bank.rows("SELECT id FROM retrieval WHERE task_case = ? AND txn_id IS NULL", case_id):
                self.credit_reading(row["id"], case.task, case.plan or (case.answer,))

    def credit_reading(self, retrieval: int, task: str, done: Sequence[str]) -> None:
        """The same for one reading and the plan that was made on it."""
        rows = self.bank.rows(
            "SELECT memory_id, kind, body FROM retrieval_hit JOIN memory ON id = memory_id WHERE retrieval_id = ? AND shown", retrieval
        )
        past = {case.id: case for case in self.cases.of([row["memory_id"] for row in rows])}
        advice = {row["memory_id"]: _advice(past.get(row["memory_id"]), row["kind"], row["body"]) for row in rows}
        with self.bank.writing():
            for memory_id, share in followed(task, done, advice).items():
                self.bank.rows(
                    "UPDATE retrieval_hit SET followed = ? WHERE retrieval_id = ? AND memory_id = ?", share, retrieval, memory_id
                )

    def of_case(self, case_id: int) -> list[Row]:
        """Everything that was looked at for a task, with ranks, similarity and whether it was shown."""
        rows = self.bank.rows(
            "SELECT h.*, m.kind, m.title FROM retrieval r JOIN retrieval_hit h ON h.retrieval_id = r.id "
            "LEFT JOIN memory m ON m.id = h.memory_id WHERE r.task_case = ? AND r.txn_id IS NULL ORDER BY h.shown DESC, h.score DESC",
            case_id,
        )
        return [{**row, "why": json.loads(row["why"])} for row in rows]

    def shown_for(self, case_id: int) -> list[int]:
        """The memories that were read for a task, by number."""
        rows = self.bank.rows(
            "SELECT h.memory_id FROM retrieval r JOIN retrieval_hit h ON h.retrieval_id = r.id WHERE r.task_case = ? AND r.txn_id IS NULL "
            "AND h.shown ORDER BY h.memory_id",
            case_id,
        )
        return [row["memory_id"] for row in rows]

    def not_relevant(self, case_id: int, memory_id: int) -> int:
        """The owner says that a memory had nothing to do with a task: evidence against it, and a change that can be undone. Returns its
        number.

        Raises:
            MementoError: the memory was not read for the task.
        """
        rows = self.bank.rows(
            "SELECT r.id FROM retrieval r JOIN retrieval_hit h ON h.retrieval_id = r.id "
            "WHERE r.task_case = ? AND r.txn_id IS NULL AND h.memory_id = ? AND h.shown ORDER BY r.id DESC LIMIT 1",
            case_id, memory_id,
        )  # fmt: skip
        memory = self.memories.get(memory_id)
        if not rows:
            raise MementoError(f"“{memory.title}” was not read for that task.", "Only what was read can be called beside the point.")
        with self.bank.writing():
            txn = self.bank.one(
                "INSERT INTO txn (at, actor, label, profile) VALUES (?, 'owner', ?, ?) RETURNING id",
                now(), f"not relevant: {memory.title}", self.bank.profile,
            )["id"]  # fmt: skip
            number = self.bank.one(
                "INSERT INTO retrieval (task_case, query, policy, at, vector, embedder_id, txn_id, reward) "
                "SELECT task_case, query, 'owner', ?, vector, embedder_id, ?, 0.0 FROM retrieval WHERE id = ? RETURNING id",
                now(), txn, rows[0]["id"],
            )["id"]  # fmt: skip
            self.bank.rows(
                "INSERT INTO retrieval_hit (retrieval_id, memory_id, rank_text, rank_vector, score, similarity, propensity, shown, "
                "followed) SELECT ?, memory_id, rank_text, rank_vector, score, similarity, propensity, 1, 1.0 FROM retrieval_hit "
                "WHERE retrieval_id = ? AND memory_id = ?",
                number, rows[0]["id"], memory_id,
            )  # fmt: skip
        return txn

    def uses(self, memory_id: int) -> list[Row]:
        """The tasks that a memory was read for, the newest first, with what each was worth (None: not known)."""
        return self.bank.rows(
            "SELECT query AS task, at, reward, source AS reward_source, followed FROM outcome_of_reading "
            "WHERE read_id IN (SELECT value FROM json_each(?)) AND shown ORDER BY retrieval_id DESC LIMIT 20",
            json.dumps(read_as(self.bank, [memory_id])),
        )


def _advice(case: Case | None, kind: Kind, body: str) -> str:
    """What a memory tells a planner to do: of a case that failed the correction, where there is one."""
    if case is None:
        return advice_of(body) if kind == "lesson" else body
    return case.correction if case.correction and not case.worked else " ".join(case.plan) or case.answer
