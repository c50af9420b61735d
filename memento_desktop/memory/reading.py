"""What a task reads from memory before it is planned, logged with the reason of each reading."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from memento_desktop.memory import policy
from memento_desktop.memory.bank import Bank, Row
from memento_desktop.memory.cases import Cases
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.policy import Choice, Reader, SimilarityReader
from memento_desktop.memory.records import Case, Kind, Memory, now
from memento_desktop.memory.search import Search

FACTS: tuple[Kind, ...] = ("fact", "preference", "correction", "lesson", "document")
FOUND = 12
"""Hits looked at per kind; the log keeps them all, shown or not."""


@dataclass(frozen=True)
class Read:
    """What was read for one task. `cases` are sorted by number, so that a prompt made of them is the same at every turn."""

    retrieval: int
    cases: tuple[Case, ...]
    facts: tuple[Memory, ...]
    instructions: tuple[Memory, ...]
    choices: tuple[Choice, ...]
    note: str


class Reading:
    def __init__(self, bank: Bank, memories: Memories, cases: Cases, search: Search) -> None:
        self.bank, self.memories, self.cases, self.search = bank, memories, cases, search
        self.case_reader: Reader = SimilarityReader()
        self.fact_reader: Reader = SimilarityReader(policy.RELATED, policy.MENTIONED)

    def read(
        self, task: str, case_id: int | None, vector: bytes | None = None, embedder: int | None = None,
        weight: float = 0.4, most_cases: int = 4, most_facts: int = 6, note: str = "",
    ) -> Read:  # fmt: skip
        """Finds, chooses and logs. Pinned memories and standing instructions are there whether found or not."""
        found_cases = self.search.find(task, ("case",), FOUND, vector, embedder, weight)
        found_facts = self.search.find(task, FACTS, FOUND, vector, embedder, weight)
        case_choices = self.case_reader.choose(found_cases, most_cases)
        fact_choices = self.fact_reader.choose(found_facts, most_facts)
        always = self.memories.always_on()
        held = {memory.id for memory in always}
        shown = [c.hit.memory_id for c in fact_choices if c.shown and c.hit.memory_id not in held]
        pinned = [m for m in always if m.kind != "instruction"]
        return Read(
            retrieval=self._log(task, case_id, [*case_choices, *fact_choices], note),
            cases=tuple(self.cases.of(sorted(c.hit.memory_id for c in case_choices if c.shown))),
            facts=(*pinned, *(self.memories.get(i) for i in shown)),  # the tail is what is cut when the context is full
            instructions=tuple(m for m in always if m.kind == "instruction"),
            choices=(*case_choices, *fact_choices),
            note=note,
        )

    def _log(self, task: str, case_id: int | None, choices: Sequence[Choice], note: str) -> int:
        with self.bank.writing():
            number = self.bank.one(
                "INSERT INTO retrieval (task_case, query, policy, at, note) VALUES (?,?,?,?,?) RETURNING id",
                case_id, task, self.case_reader.name, now(), note,
            )["id"]  # fmt: skip
            for choice in choices:
                hit = choice.hit
                why = json.dumps({"terms": hit.terms, "coverage": round(hit.coverage, 4), "reason": choice.reason})
                self.bank.rows(
                    "INSERT INTO retrieval_hit (retrieval_id, memory_id, rank_text, rank_vector, score, similarity, propensity, "
                    "shown, why) VALUES (?,?,?,?,?,?,?,?,?)",
                    number, hit.memory_id, hit.rank_text, hit.rank_vector, hit.score, hit.similarity,
                    choice.propensity, int(choice.shown), why,
                )  # fmt: skip
        return number

    def of_case(self, case_id: int) -> list[Row]:
        """Everything that was looked at for a task, with ranks, similarity and whether it was shown."""
        rows = self.bank.rows(
            "SELECT h.*, m.kind, m.title FROM retrieval r JOIN retrieval_hit h ON h.retrieval_id = r.id "
            "LEFT JOIN memory m ON m.id = h.memory_id WHERE r.task_case = ? ORDER BY h.shown DESC, h.score DESC",
            case_id,
        )
        return [{**row, "why": json.loads(row["why"])} for row in rows]

    def uses(self, memory_id: int) -> list[Row]:
        """The tasks that a memory was read for, the newest first, with what each was worth (None: not known)."""
        return self.bank.rows(
            "SELECT r.query AS task, r.at, d.reward, d.reward_source FROM retrieval_hit h JOIN retrieval r ON r.id = h.retrieval_id "
            "LEFT JOIN case_detail d ON d.memory_id = r.task_case WHERE h.memory_id = ? AND h.shown ORDER BY r.id DESC LIMIT 20",
            memory_id,
        )
