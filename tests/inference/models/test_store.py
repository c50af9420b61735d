"""The store of models: finding by what people type, choosing, removing only what is ours, getting, measuring."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings
from memento_desktop.errors import MementoError
from memento_desktop.inference.models import store as module
from memento_desktop.inference.models.hub import Wanted
from memento_desktop.inference.models.store import ModelStore
from tests.gguf_made import make_gguf
from tests.inference.models.hub_made import MadeHub


@pytest.fixture
def store(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> ModelStore:
    monkeypatch.setattr(module, "layouts", lambda: [module.Place("LM Studio", paths.data.parent / "lm")])
    lm = paths.data.parent / "lm"
    (paths.models / "maker--Repo").mkdir(parents=True)
    lm.mkdir()
    make_gguf(paths.models / "maker--Repo" / "alpha-Q4_K_M.gguf", layers=1, seed=1)
    make_gguf(paths.models / "beta.gguf", layers=1, seed=2)
    make_gguf(lm / "alpha-Q8_0.gguf", layers=1, seed=3)
    (lm / "broken.gguf").write_bytes(b"GGUF")
    return ModelStore(Settings.load(paths.settings), paths)


def test_the_built_in_model_comes_first_and_damaged_ones_last(store: ModelStore) -> None:
    found = store.local()
    assert found[0].built_in and found[0].usable and found[-1].damage
    assert [model.places for model in found] == [("built-in",), ("Memento",), ("Memento",), ("LM Studio",), ("LM Studio",)]
    assert store.uses(found[0]) and not store.uses(found[1])


def test_a_model_is_found_by_what_people_type(store: ModelStore) -> None:
    found = store.local()
    by_file = {model.path.name: model for model in found}
    assert store.find("1") == found[0] == store.find("built-in")
    assert store.find("beta") == store.find("BETA.gguf") == store.find(str(by_file["beta.gguf"].path)) == by_file["beta.gguf"]
    assert store.find("alpha-q8") == by_file["alpha-Q8_0.gguf"]
    with pytest.raises(MementoError, match="any of 2") as caught:
        store.find("alpha")
    assert str(found.index(by_file["alpha-Q8_0.gguf"]) + 1) in caught.value.hint
    for nothing in ("zeta", "99", ""):
        with pytest.raises(MementoError):
            store.find(nothing)
    with pytest.raises(MementoError) as caught:
        store.find("qwen3-8b")
    assert "models pull qwen3-8b" in caught.value.hint


def test_using_one_is_written_into_the_settings_and_taken_back(store: ModelStore) -> None:
    file = store.paths.settings
    file.parent.mkdir(parents=True)
    file.write_text("# mine\n[model]\nthreads = 2  # few\n", "utf-8")
    beta = store.find("beta")
    store.use(beta)
    assert Settings.load(file).model.path == beta.path and "# mine" in file.read_text("utf-8") and "# few" in file.read_text("utf-8")
    assert store.uses(beta) and ModelStore(Settings.load(file), store.paths).uses(beta)
    store.use(store.find("built-in"))
    assert Settings.load(file).model.path is None and store.uses(store.find("built-in"))
    with pytest.raises(MementoError, match="cannot be used"):
        store.use(store.find("broken"))


def test_only_what_memento_downloaded_is_removed(store: ModelStore) -> None:
    alpha = store.find("alpha-q4")
    size = alpha.size
    store.use(alpha)
    with pytest.raises(MementoError, match="in use"):
        store.remove(alpha)
    store.use(store.find("built-in"))
    assert store.remove(alpha) == size and not alpha.path.parent.exists() and store.paths.models.is_dir()
    for other in ("alpha-q8", "built-in"):
        with pytest.raises(MementoError, match="not downloaded by Memento"):
            store.remove(store.find(other))
    assert store.find("alpha-q8").path.exists()


def test_a_catalogue_entry_is_known_wherever_it_lies(store: ModelStore) -> None:
    entry = store.catalogue()[0]
    beta = store.find("beta")
    named = replace(beta, path=Path("/cache") / f"Org_{entry.file}", size=entry.size)
    hashed = replace(beta, path=Path("/ollama") / f"sha256-{entry.sha256}", size=entry.size)
    assert store.installed(entry, [named]) == named and store.installed(entry, [hashed]) == hashed
    assert store.installed(entry, [replace(named, size=1)]) is None and store.installed(entry, [beta]) is None


def test_a_key_of_the_catalogue_is_known_without_asking_anybody(store: ModelStore) -> None:
    (wanted,) = store.remote("qwen3-8b")
    assert wanted.repository == "Qwen/Qwen3-8B-GGUF" and len(wanted.sha256) == 64
    with pytest.raises(MementoError) as caught:
        store.remote("qwen3")
    assert "qwen3-8b" in caught.value.hint
    with pytest.raises(MementoError, match="HF_HUB_OFFLINE"):
        store.remote("Org/Repo")


def test_a_model_is_pulled_all_its_parts_and_then_here(store: ModelStore, online: MadeHub, tmp_path: Path) -> None:
    parts = [make_gguf(tmp_path / f"part{n}.gguf", layers=1, seed=10 + n).read_bytes() for n in (1, 2)]
    online.files = {f"Org/Big-GGUF/big-Q4_K_M-0000{n}-of-00002.gguf": data for n, data in enumerate(parts, 1)}
    wanted = store.remote("Org/Big-GGUF")
    told: list[tuple[int, int]] = []
    model = store.pull(wanted, progress=lambda p: told.append((p.done, p.total)))
    assert model.ours and model.usable and len(model.parts) == 2 and told[-1] == (len(parts[0]) + len(parts[1]),) * 2
    assert store.find("big") == model


@pytest.fixture
def measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memento_desktop.inference.models.benching.WRITTEN", 8)
    monkeypatch.setattr("memento_desktop.inference.models.benching.READ_WORDS", 40)


async def test_a_measurement_is_kept_for_this_very_file(store: ModelStore, measured_once: None) -> None:
    nano = store.find("built-in")
    result = await store.bench(nano)
    assert result.speed > 0 and result.prompt_speed > 0 and result.memory > 10**7 and result.load_seconds > 0
    assert store.measured(nano) == result and store.measured(store.find("beta")) is None
    with pytest.raises(MementoError, match="cannot be measured"):
        await store.bench(store.find("broken"))


def test_a_kept_measurement_ends_with_its_file(store: ModelStore) -> None:
    beta = store.find("beta")
    result = module.Bench(1, 2, 3, 4, 5, 6, "2026-01-01")
    module.keep(store.paths.cache, beta, result)
    assert store.measured(beta) == result
    beta.path.write_bytes(beta.path.read_bytes() + b" ")
    assert store.measured(beta) is None
    (store.paths.cache / "model-speeds.json").write_text("{")
    assert store.measured(beta) is None


def test_pulling_what_is_here_asks_nobody(store: ModelStore) -> None:
    here = store.find("alpha-q4")
    data = here.path.read_bytes()
    wanted = Wanted("maker/Repo", "alpha-Q4_K_M.gguf", size=len(data), sha256=hashlib.sha256(data).hexdigest())
    assert store.pull([wanted]) == here
