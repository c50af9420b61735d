"""The recall evaluation: where evidence is found, how places are counted, and a small run on made-up conversations."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from memento_desktop.errors import MementoError
from memento_desktop.evaluation import recall, recall_data, recall_speed
from memento_desktop.evaluation.recall_data import Question, evidence, load
from memento_desktop.evaluation.report import Bar, Table

TOLD = {
    "ada": {
        "Kitchen": ["The kettle is from Oslo, a gift of my aunt.", "I boil eggs for seven minutes, not more, every Sunday morning."],
        "Work": ["Monday: Standup moved. Review the budget report before noon.", "My desk is the third one on the left."],
    },
    "bo": {"Trips": ["We drove to Porto with a borrowed van.", "The van broke down near Leiria and we waited for five hours."]},
}
ASKED = [
    ("q0", "ada", "Where is the kettle from?", "The kettle is from Oslo..."),
    ("q1", "ada", "What should I review on Monday?", "Monday: Review the budget report before noon."),
    ("q2", "bo", "Where did the van break down?", "The van broke down near Leiria and we had waited for five hours."),
    ("q3", "bo", "What did it cost?", "It cost nothing at all."),
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "bfcl_memory"
    folder.mkdir(parents=True)

    def write(name: str, rows: list[dict[str, object]]) -> None:
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")

    for person, talks in TOLD.items():
        write(f"memory_{person}.json", [
            {"id": title, "topic": title, "question": [[{"role": "user", "content": text}] for text in texts]}
            for title, texts in talks.items()
        ])  # fmt: skip
    write("BFCL_v4_memory.json", [
        {"id": number, "scenario": person, "question": [[{"role": "user", "content": text}]]} for number, person, text, _ in ASKED
    ])  # fmt: skip
    write("possible_answer.json", [{"id": number, "ground_truth": [], "source": quote} for number, _, _, quote in ASKED])
    return tmp_path / "data"


def test_evidence_is_the_message_that_the_quote_was_taken_from(data: Path):
    loaded = load(data)
    assert {q.id: set(q.evidence) for q in loaded.asked} == {"q0": {(0, 0)}, "q1": {(1, 0)}, "q2": {(0, 1)}}
    assert [q.id for q in loaded.lost] == ["q3"]


@pytest.mark.parametrize(("quote", "expected"), [
    ("one two… seven eight.", {(0, 0)}),
    ("ONE, two!", {(0, 0), (1, 0)}),
    ("neo two", set()),
    ("one two three four five six seven nine", {(0, 0)}),
    ("", set()),
    ("...", set()),
])  # fmt: skip
def test_fragments_must_all_be_held_and_near_matches_must_be_alone(quote: str, expected: set[tuple[int, int]]):
    assert evidence(quote, [["one two three four five six seven eight"], ["one two", "and something else"]]) == expected


def test_a_place_is_that_of_the_evidence_or_with_reach_of_its_neighbour():
    question = Question("q", "p", "?", "", frozenset([(0, 5)]))
    ranking = [(1, 5), (0, 4), (0, 5)]
    assert recall.rank(question, ranking) == 3
    assert recall.rank(question, ranking, reach=1) == 2
    assert recall.rank(question, ranking[:1]) is None
    assert [recall.within(question, ranking, depth) for depth in (1, 5)] == [0.0, 1.0]


async def test_a_run_reports_every_search_each_person_and_what_it_could_not_ask(data: Path, tmp_path: Path, monkeypatch):
    async def embedded(texts, cache, progress, name):
        """Each word has a direction; a text is their sum."""
        made = {}
        for text in texts:
            words = text.lower().replace(".", " ").replace("?", " ").split()
            vector = np.sum([np.random.default_rng(sum(word.encode())).normal(size=16) for word in [*words, "-"]], axis=0)
            made[text] = (vector / np.linalg.norm(vector)).astype(np.float32)
        return made

    monkeypatch.setattr(recall, "embedded", embedded)
    nothing = Table("", [], []), [Bar("p95", 1.0, "≤ 60", True)]
    monkeypatch.setattr(recall_speed, "measure", lambda *_: nothing)  # pyright: ignore[reportUnknownLambdaType]
    report = await recall.run(data, tmp_path, quick=True)
    searches = [row[0] for row in report.tables[0].rows]
    assert searches == ["text, lines", "text, plain windows", "text", "vector", "fused", recall.HELD_OUT]
    assert {row[0] for row in report.tables[1].rows} == {"ada", "bo"}
    assert len(report.records) == 3
    assert {record["place"]["text"] for record in report.records} == {1}
    assert [bar.ok for bar in report.bars] == [False] * 6 + [True], "nothing is better than all"
    assert "1 left out" in report.notes[-1]
    assert "q3" in report.notes[-1]


async def test_a_choice_of_weights_never_sees_the_person_it_is_for(data: Path, tmp_path: Path, monkeypatch):
    loaded = load(data)
    people = {name: recall.Person(name, None, 0, {}) for name in TOLD}  # pyright: ignore[reportArgumentType]
    right = {"ada": 0.3, "bo": 0.6}  # the weight that finds this person's evidence

    def ask(person, question, vector, weight, fields):
        return (person.name, question, weight)

    def ranking(person, hits):
        name, text, weight = hits
        return sorted(next(q.evidence for q in loaded.asked if q.text == text)) if weight == right[name] else []

    monkeypatch.setattr(recall.Person, "ask", ask)
    monkeypatch.setattr(recall.Person, "ranking", ranking)
    vectors = {q.text: np.zeros(2, np.float32) for q in loaded.asked}
    found, table = recall.held_out(loaded.asked, people, vectors, recall.GRID[:1], lambda _: None)
    assert {row[0]: row[-1] for row in table.rows if row[0] in TOLD} == {"ada": "0.60", "bo": "0.30"}
    assert found == {q.id: [] for q in loaded.asked}


def test_missing_or_strange_data_is_named(tmp_path: Path):
    with pytest.raises(MementoError, match="bfcl_memory") as caught:
        load(tmp_path)
    assert "--data" in caught.value.hint
    folder = tmp_path / "bfcl_memory"
    folder.mkdir()
    for text in ("{", "[]\n", '{"id": 1}\n'):
        for name in ("BFCL_v4_memory.json", "possible_answer.json", "memory_ada.json"):
            (folder / name).write_text(text)
        with pytest.raises(MementoError, match="bfcl_memory"):
            load(tmp_path)


def test_time_is_measured_in_a_bank_of_both(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(recall_speed, "QUERIES", 2)
    monkeypatch.setattr(recall_speed, "TIMES", 1)
    table, bars = recall_speed.measure((50, 100))
    assert [row[0] for row in table.rows] == ["50 memories", "50 messages", "100 memories", "100 messages"]
    assert [int(row[1]) >= size for row, size in zip(table.rows, (50, 50, 100, 100), strict=True)] == [True] * 4
    assert [bar.name for bar in bars] == [f"search over 100 {what}, p95, ms of the processor" for what in ("memories", "messages")]


def test_babble_is_the_same_for_a_seed():
    assert [recall_data.Babble(1).message() for _ in range(2)] == [recall_data.Babble(1).message() for _ in range(2)]
    assert recall_data.Babble(1).message() != recall_data.Babble(2).message()
