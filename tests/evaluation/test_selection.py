"""The selection evaluation: its streams, its readers on a small made-up world, and what it says when the data is not there."""

import json
from pathlib import Path

import numpy as np
import pytest

from memento_desktop.errors import MementoError
from memento_desktop.evaluation import selection, selection_data
from memento_desktop.evaluation.selection_data import World


def world(readings=700, seed=0, flawed=0.4):
    """Twelve kinds of task in clusters, ten cases each, some of which never help."""
    random = np.random.default_rng(seed)
    kinds = random.normal(size=(12, 16))

    def vectors(kind):
        found = kinds[kind] + 0.35 * random.normal(size=(len(kind), 16))
        return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)

    kind, bank = random.integers(0, 12, readings), np.repeat(np.arange(12), 10)
    tasks, cases = vectors(kind), vectors(bank)
    helps = (kind[:, None] == bank[None]) & (random.random(len(bank)) >= flawed)
    return World("flawed", seed, tasks, cases, helps, tasks @ cases.T, tasks @ tasks.T)


@pytest.mark.parametrize("reader", ["kernel", "neural", "auto"])
def test_the_learned_readers_learn_and_a_run_is_deterministic(reader):
    plain, learned, again = (selection.simulate(world(), name) for name in ("similarity", reader, reader))
    assert learned.rewards[-300:].mean() > plain.rewards[-300:].mean() + 0.1
    assert (learned.cases == again.cases).all()
    assert (learned.rewards <= learned.best).all()


def test_the_gate_lets_in_what_is_better_and_says_when():
    found = selection.simulate(world(), "auto")
    assert found.verdict is not None
    assert found.verdict.used
    assert found.switched is not None


def test_streams_share_no_utterance_between_bank_and_tasks_and_are_the_same_for_a_seed():
    utterances = {f"intent {k}": [f"utterance {k} {n}" for n in range(30)] for k in range(5)}
    drawn = selection_data.draw(utterances, 3, 60)
    assert not {text for _, text in drawn.bank} & {text for _, text in drawn.tasks}
    assert (len(drawn.bank), len(drawn.tasks), len({text for _, text in drawn.tasks})) == (50, 60, 60)
    assert drawn == selection_data.draw(utterances, 3, 60) != selection_data.draw(utterances, 4, 60)


async def test_thin_is_a_part_of_the_bank_and_flawed_cases_never_help(monkeypatch, tmp_path):
    utterances = {f"intent {k}": [f"utterance {k} {n}" for n in range(30)] for k in range(5)}
    random = np.random.default_rng(0)

    async def made_up(texts, cache, progress):
        return {text: (v := random.normal(size=8).astype(np.float32)) / np.linalg.norm(v) for text in texts}

    monkeypatch.setattr(selection_data, "embedded", made_up)
    plain, flawed, thin = await selection_data.worlds(utterances, 0, 40, tmp_path, lambda _: None)
    assert (plain.helps.shape, flawed.helps.shape, thin.helps.shape) == ((40, 50), (40, 50), (40, 10))
    assert (plain.helps.sum(axis=1) == 10).all()
    assert (thin.helps.sum(axis=1) == 2).all()
    assert not (flawed.helps & ~plain.helps).any()
    assert 0.1 < 1 - flawed.helps.sum() / plain.helps.sum() < 0.7


async def test_without_the_data_it_says_where_to_point(tmp_path: Path):
    with pytest.raises(MementoError, match="CLINC150 is not at") as caught:
        await selection.run(tmp_path, tmp_path, quick=True, seeds=1)
    assert "--data" in caught.value.hint


@pytest.mark.parametrize("text", ["{", "[]", json.dumps({"train": [["one text", "one intent"]], "test": []})])
def test_a_file_that_is_not_the_data_is_refused(tmp_path: Path, text):
    (tmp_path / "clinc150").mkdir()
    (tmp_path / "clinc150" / "data_small.json").write_text(text)
    with pytest.raises(MementoError):
        selection_data.load(tmp_path)


def test_kept_vectors_are_found_again_and_a_damaged_file_is_named(tmp_path: Path):
    path = tmp_path / "kept.npz"
    assert selection_data._read(path) == {}
    selection_data._write(path, {"one": np.ones(3, np.float32)})
    assert selection_data._read(path)["one"].tolist() == [1, 1, 1]
    for damaged in (b"", path.read_bytes()[:40]):
        path.write_bytes(damaged)
        with pytest.raises(MementoError, match=r"kept\.npz cannot be read"):
            selection_data._read(path)


def test_the_report_has_every_stream_and_reader_and_its_bars_follow_the_figures(monkeypatch):

    def mean_only(figures: list[float]):
        return float(np.mean(figures)), 0.0, 0.0

    monkeypatch.setattr(selection, "interval", mean_only)
    none = np.zeros(2000, np.int64)

    def run(stream, reader):
        better = reader == selection.CHOSEN and stream != "thin"
        return selection.Run(stream, 0, reader, np.full(2000, 0.8 if better else 0.5), none, np.ones(2000), {}, None, None)

    runs = [run(stream, reader) for stream in selection.NEEDED for reader in selection.READERS]
    table = selection._table(runs)
    assert len(table.rows) == 15
    bars = {bar.name: bar for bar in selection._bars(runs, selection.NEEDED)}
    assert [bar.ok for bar in bars.values()] == [True, True, False, True, True, True]
    assert len(list(selection._records(runs))) == 6000
