"""Settings are changed one at a time: the rest of the file stays byte for byte, and what is refused changes nothing."""

from __future__ import annotations

import os
import stat
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as runs
from hypothesis import strategies as st

from memento_desktop.config.described import described, places, section_title, setting
from memento_desktop.config.editing import replace_text, set_value, template, unset
from memento_desktop.config.settings import Settings
from memento_desktop.errors import MementoError

WRITTEN = """\
# my settings

[memory]   # what is read
most_cases   =  2    # two are enough
reader = 'kernel'

# the caps
[loop]
judge=false
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config" / "settings.toml"
    path.parent.mkdir()
    path.write_bytes(WRITTEN.encode())
    return path


def test_one_value_changes_and_nothing_else(file: Path):
    assert set_value(file, "memory.most_cases", 3).memory.most_cases == 3
    assert file.read_text() == WRITTEN.replace("=  2 ", "=  3 ")
    set_value(file, "memory.most_cases", 2)
    assert file.read_text() == WRITTEN


def test_a_new_key_stands_in_its_section_above_the_comment_of_the_next(file: Path):
    set_value(file, "memory.explore", "0.1")
    assert file.read_text() == WRITTEN.replace("'kernel'\n", "'kernel'\nexplore = 0.1\n")
    unset(file, "memory.explore")
    assert file.read_text() == WRITTEN


def test_new_sections_come_last_and_the_profile_first(file: Path):
    set_value(file, "app.keys.task.stop", "ctrl+x,f9")
    set_value(file, "profile", "work")
    set_value(file, "app.theme", "nord")
    text = file.read_text()
    assert text.startswith('# my settings\n\nprofile = "work"\n\n[memory]   # what is read\n')
    assert set(WRITTEN.splitlines()) <= set(text.splitlines())
    found = Settings.load(file)
    assert (found.app.keys, found.app.theme, found.profile) == ({"task.stop": "ctrl+x,f9"}, "nord", "work")


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("memory.most_cases", 9, ("memory.most_cases", "“9”", "a whole number from 0 to 4")),
        ("memory.most_cases", "many", ("“many”", "from 0 to 4")),
        ("memory.reader", "best", ("“best”", "auto, similarity, kernel or neural")),
        ("loop.max_seconds", 0, ("“0”", "a number above 0")),
        ("loop.judge", "perhaps", ("“perhaps”", "yes or no")),
        ("profile", "My Home", ("“My Home”", "small letters")),
        ("memory.most_case", 3, ("no setting memory.most_case", "memory.most_cases")),
        ("most_cases", 3, ("no setting most_cases", "memory.most_cases")),
        ("memory", 3, ("no setting memory", "memory.embedder")),
        ("app.keys", "x", ("app.keys", "names with a text each")),
        ("app.keys.stop", 3, ("app.keys.stop", "a text")),
    ],
)
def test_what_is_refused_is_named_and_the_file_untouched(file: Path, key: str, value: object, words: tuple[str, ...]):
    with pytest.raises(MementoError) as refused:
        set_value(file, key, value)
    assert not [word for word in words if word not in str(refused.value)], str(refused.value)
    assert file.read_bytes() == WRITTEN.encode()
    assert not list(file.parent.glob(".settings.toml-*"))


@pytest.mark.parametrize(
    "broken", ["[memory\nmost_cases = 2\n", "[memory]\nmost_cases = 2\nmost_cases = 3\n", "\ufeff\x00", "[loop]\nfoo = 1\n"]
)
def test_a_broken_file_is_not_overwritten(file: Path, broken: str):
    file.write_text(broken, "utf-8")
    with pytest.raises(MementoError) as refused:
        set_value(file, "memory.most_cases", 3)
    assert str(file) in refused.value.message
    assert file.read_text("utf-8") == broken


def test_what_makes_a_file_unusable_can_be_mended_by_a_change(file: Path):
    file.write_text("[memory]\nmost_cases = 99  # oops\n")
    assert set_value(file, "memory.most_cases", 1).memory.most_cases == 1
    assert file.read_text() == "[memory]\nmost_cases = 1  # oops\n"
    file.write_text("[memory]\nmost_casses = 1\n[loop]\njudge = true\n")
    assert unset(file, "memory.most_casses") == Settings()
    with pytest.raises(MementoError, match="no setting"):
        unset(file, "memory.most_casses")


def test_where_there_is_no_file_one_is_made_for_its_owner_alone_and_only_when_needed(tmp_path: Path):
    path = tmp_path / "new" / "settings.toml"
    unset(path, "memory.most_cases")
    assert not path.exists()
    set_value(path, "memory.most_cases", "1")
    assert path.read_text() == "[memory]\nmost_cases = 1\n"
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_a_linked_file_stays_linked_and_keeps_its_permissions(file: Path, tmp_path: Path):
    file.chmod(0o640)
    link = tmp_path / "link.toml"
    link.symlink_to(file)
    set_value(link, "loop.judge", "yes")
    assert link.is_symlink()
    assert Settings.load(file).loop.judge
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


@pytest.mark.skipif(os.name != "posix" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_named(file: Path):
    file.parent.chmod(0o500)
    try:
        with pytest.raises(MementoError, match="cannot be written"):
            set_value(file, "loop.judge", True)
    finally:
        file.parent.chmod(0o700)
    assert file.read_text() == WRITTEN


def test_lines_end_as_they_did(file: Path):
    file.write_bytes(WRITTEN.replace("\n", "\r\n").encode())
    for key, value in (("memory.explore", 0.1), ("app.theme", "nord"), ("profile", "work")):
        set_value(file, key, value)
    raw = file.read_bytes()
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert Settings.load(file).app.theme == "nord"


VALUES: dict[str, tuple[Any, ...]] = {
    "profile": ("work", "home"), "memory.most_cases": (0, 3), "memory.reader": ("auto", "neural"), "memory.explore": (0.0, 0.125),
    "model.path": ("~/a \"b\"'c\\d.gguf", "ü\n.gguf"), "loop.judge": (True, False), "loop.max_seconds": (1.5, 60.0),
    "app.theme": ("", "nord"), "app.keys.a": ("f1", "ctrl+k,f2"), "app.keys.b.c": ("x", "]"),
}  # fmt: skip
LAYOUTS = (
    "",
    "# a comment alone\n",
    "profile = 'x' # who\n\n[memory]\nmost_cases = 1 # one\n",
    "memory.most_cases = 1 # one\nloop.judge = true\n",
    "memory = { most_cases = 1 } # one\n[app]\nkeys = { a = 'f3' }\n",
    "[app.keys]\na = 'f3' # three\n\n[loop]\njudge = true\n[app]\ntheme = 'x'\n",
    "[app]\nkeys.a = 'f3' # three\n\n\n# end",
    "[ memory ]\n[loop]\n  judge = true # yes\n  [model]\n  path = '''x'''",
)
CHANGE = st.sampled_from(sorted(VALUES)).flatmap(lambda key: st.tuples(st.just(key), st.sampled_from((None, *VALUES[key]))))


def inside(data: Any, key: str) -> Any:
    parts = key.split(".") if not key.startswith("app.keys.") else ["app", "keys", key.removeprefix("app.keys.")]
    for part in parts:
        data = data.get(part, {})
    return None if data == {} else data


@runs(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(LAYOUTS), st.lists(CHANGE, max_size=8))
def test_any_changes_to_any_layout_say_what_was_set_and_keep_every_comment(file: Path, layout: str, changes: list[tuple[str, Any]]):
    file.write_bytes(layout.encode())
    wanted = {key: inside(tomllib.loads(layout), key) for key in VALUES}
    gone = False
    for key, value in changes:
        gone = gone or (value is None and wanted[key] is not None)
        set_value(file, key, value)
        wanted[key] = value
    text = file.read_text("utf-8")
    data = tomllib.loads(text)
    assert {key: inside(data, key) for key in VALUES} == wanted
    if not gone:  # the comment beside a value goes with it
        assert [line.split("#")[1] for line in layout.splitlines() if "#" in line and line.split("#")[1] not in text] == []


def test_changes_that_are_made_at_once_are_all_kept(file: Path):
    def change(n: int) -> Settings:
        return set_value(file, f"app.keys.command{n}", f"f{n}")

    with ThreadPoolExecutor(8) as at_once:
        list(at_once.map(change, range(24)))
    assert len(Settings.load(file).app.keys) == 24
    assert not list(file.parent.glob(".settings.toml-*")), "nothing half-written is left"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[loop]\njudge = 7\n", "loop.judge in .* is not usable: it is yes or no"),
        ("[memory]\nmost_casses = 1\n", "there is no such setting; there is memory.most_cases"),
        ("loop = 3\n", "it is a section"),
        ("[app.keys]\nstop = 3\n", "app.keys.stop in .* it is a text"),
        ("[zoo]\n", "there is no such setting"),
    ],
)
def test_a_file_that_cannot_be_used_says_what_would_be_right(file: Path, text: str, why: str):
    file.write_text(text)
    with pytest.raises(MementoError, match=why):
        Settings.load(file)


def test_the_whole_file_is_replaced_only_by_a_usable_one(file: Path):
    with pytest.raises(MementoError, match="most_cases"):
        replace_text(file, "[memory]\nmost_cases = 5\n")
    assert file.read_text() == WRITTEN
    assert replace_text(file, "[memory]\nmost_cases = 1\n").memory.most_cases == 1


def test_the_template_sets_nothing_and_each_of_its_lines_can_be_taken_as_it_stands(tmp_path: Path):
    text = template()
    assert Settings.parsed(text, tmp_path) == Settings()
    lines = [line.removeprefix("# ") if " = " in line and "…" not in line and "(" not in line else line for line in text.splitlines()]
    awake = Settings.parsed("\n".join(lines), tmp_path)
    assert awake == Settings()
    assert awake.memory.model_fields_set >= {"most_cases", "reader"}


def test_every_setting_is_described_with_what_it_may_be_and_who_set_it(file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MEMENTO_PROFILE", "work")
    found = {one.key: one for one in described(Settings.load(file), file)}
    assert len(found) == len(places())
    assert not [one.key for one in found.values() if not one.description or not one.allowed or not section_title(one.section)]
    cases, reader, path = found["memory.most_cases"], found["memory.reader"], found["model.path"]
    assert (cases.kind, cases.minimum, cases.maximum, cases.default, cases.value, cases.set_by) == ("int", 0, 4, 4, 2, "file")
    assert (reader.kind, reader.choices, reader.value) == ("choice", ("auto", "similarity", "kernel", "neural"), "kernel")
    assert (path.kind, path.optional, path.value, path.set_by) == ("path", True, None, "default")
    assert (found["profile"].value, found["profile"].set_by) == ("work", "environment")
    assert setting(Settings.load(file), file, "app.keys.help").value is None


@pytest.mark.parametrize("key", [".".join(place.parts) for place in places() if ".".join(place.parts) != "app.keys"])
def test_every_default_can_be_set_by_its_own_text(tmp_path: Path, key: str):
    path = tmp_path / "settings.toml"
    one = setting(Settings(), path, key)
    if one.default is not None:
        text = "yes" if one.default is True else "no" if one.default is False else str(one.default)
        assert setting(set_value(path, key, text), path, key).value == one.default
