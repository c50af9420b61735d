"""The catalogue: every entry is whole, sourced and permissive; a broken file says where."""

from __future__ import annotations

from pathlib import Path

import pytest

from memento_desktop.config.paths import shipped_models
from memento_desktop.errors import MementoError
from memento_desktop.inference.models.catalogue import catalogue
from memento_desktop.inference.models.hub import named


def test_a_dozen_models_of_several_makers_under_permissive_licences() -> None:
    entries = catalogue()
    assert len(entries) >= 12 and len({one.maker for one in entries}) >= 5
    assert {one.licence for one in entries} <= {"Apache-2.0", "MIT"}
    assert all(0.5e9 < one.parameters < 31e9 for one in entries)
    assert [one.parameters for one in entries] == sorted(one.parameters for one in entries)


def test_keys_names_and_files_are_unambiguous() -> None:
    entries = catalogue()
    for of in ("key", "name", "file", "sha256"):
        assert len({getattr(one, of) for one in entries}) == len(entries), of
    assert all(named(f"{one.repository}/{one.file}") for one in entries)


@pytest.mark.parametrize("entry", catalogue(), ids=lambda entry: entry.key)
def test_each_entry_is_pinned_and_says_where_it_is_from(entry: object) -> None:
    one = next(found for found in catalogue() if found is entry or found == entry)
    assert len(one.revision) == 40 and len(one.sha256) == 64
    address = f"https://huggingface.co/{one.repository}/blob/{one.revision}/{one.file}"
    assert one.sources[0] == address and all(source.startswith("https://") for source in one.sources)
    assert one.quantisation.lower() in one.file.lower()
    assert one.shape is not None and one.shape.size == one.size
    # Four to nine bits a weight, and the tables beside them.
    assert 4 < 8 * one.size / one.parameters < 10


def test_the_catalogue_is_shipped() -> None:
    project = (Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8")
    assert '"models/catalog.toml" = "memento_desktop/models/catalog.toml"' in project and (shipped_models() / "catalog.toml").is_file()


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("[[model]]\nkey = 3", r"model\.0"), ("model = [", "cannot be read"),
        ((shipped_models() / "catalog.toml").read_text("utf-8").replace("9465e63a", "xyz", 1), r"model\.0\.sha256"),
    ],
)  # fmt: skip
def test_a_broken_catalogue_says_where(tmp_path: Path, text: str, where: str) -> None:
    path = tmp_path / "catalog.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(MementoError, match=where):
        catalogue(path)
    with pytest.raises(MementoError, match="cannot be read"):
        catalogue(tmp_path / "none.toml")
