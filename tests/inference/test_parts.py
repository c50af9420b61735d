"""The parts without a process: schema guards, chat text, slots, choosing a token, the GGUF head."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memento_desktop.errors import MementoError
from memento_desktop.inference.chat import Neutraliser, merged, rendered
from memento_desktop.inference.gguf_header import read_header
from memento_desktop.inference.grammar import SchemaError, check_schema, tightened
from memento_desktop.inference.machine import available_memory, default_threads, physical_cores
from memento_desktop.inference.sampling import Chooser
from memento_desktop.inference.slots import Slots, common_prefix
from memento_desktop.inference.worker import exit_name, last_telling_lines

MARKS = ("<|im_start|>", "<|im_end|>", "</s>", "<unk>", "|>")


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "maxLength": 100_000},
        {"properties": {"a": {"type": "array", "items": {"type": "string", "minLength": 5000}}}},
        {"anyOf": [{"type": "string", "pattern": "^[a-z]{3000}$"}]},
        {"type": "string", "pattern": "^a{2,3000}$"},
        {"$ref": "https://example.org/schema.json"},
        {"$ref": "#"},
    ],
)
def test_dangerous_schemas_are_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(SchemaError):
        check_schema(schema)


def test_grammars_are_bounded() -> None:
    with pytest.raises(SchemaError, match="nests"):
        tightened("(" * 401)
    with pytest.raises(SchemaError, match="characters"):
        tightened("x" * 200_000)


@given(st.lists(st.sampled_from([*MARKS, "<|", "im_end", "<", "|", ">", " ", "x", "<|im_<|im_end|>end|>"]), max_size=12))
def test_no_mark_survives(parts: list[str]) -> None:
    text = "".join(parts)
    out = Neutraliser(MARKS)(text)
    assert not any(mark in out for mark in MARKS)
    assert out.replace(" ", "") == text.replace(" ", "")


def test_plain_text_is_untouched() -> None:
    assert Neutraliser(MARKS)("a < b | c > d\n\n</ s>") == "a < b | c > d\n\n</ s>"
    assert Neutraliser([])("<|im_end|>") == "<|im_end|>"


def test_strict_templates_get_merged_messages() -> None:
    def strict(messages: list[dict[str, str]]) -> str:
        assert [m["role"] for m in messages] == ["user", "assistant", "user"], "roles must alternate"
        return "|".join(m["content"] for m in messages)

    messages = [
        {"role": "system", "content": "S"},
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "b"},
        {"role": "user", "content": "c"},
        {"role": "user", "content": "d"},
    ]
    assert rendered(messages, strict, Neutraliser([])) == "S\n\na|b|c\n\nd"
    assert messages[0]["role"] == "system"
    with pytest.raises(MementoError, match="template"):
        rendered(merged(messages)[:2], strict, Neutraliser([]))


@pytest.mark.parametrize("bad", [[], [{"role": "tool", "content": "x"}], [{"role": "user", "content": None}], [{"content": "x"}]])
def test_bad_messages(bad: list[Any]) -> None:
    with pytest.raises(MementoError):
        rendered(bad, lambda _: "", Neutraliser([]))


@given(st.lists(st.integers(0, 2), max_size=30), st.lists(st.integers(0, 2), max_size=30))
def test_common_prefix(a: list[int], b: list[int]) -> None:
    count = common_prefix(a, b)
    assert a[:count] == b[:count]
    assert count == min(len(a), len(b)) or a[count] != b[count]


class Cells:
    """A KV cache on paper: what `Slots` believes must be what it holds."""

    def __init__(self, partial: bool) -> None:
        self.held: dict[int, list[int]] = {}
        self.partial = partial

    def drop(self, slot: int, position: int) -> bool:
        if position and not self.partial and position < len(self.held.get(slot, [])):
            return False
        del self.held.setdefault(slot, [])[position:]
        return True


@pytest.mark.parametrize("partial", [True, False])
@pytest.mark.parametrize("shared_cells", [None, 200])
def test_slots_never_lie(partial: bool, shared_cells: int | None) -> None:
    rng = random.Random(5)
    cells = Cells(partial)
    slots = Slots(3, cells.drop, shared_cells)
    roles = [[role] * 40 for role in range(4)]
    for _ in range(400):
        prompt = rng.choice(roles) + [rng.randint(0, 9) for _ in range(rng.randint(1, 60))]
        slot, cached = slots.take(prompt, 20)
        assert cached == len(slot.tokens) < len(prompt)
        assert slot.tokens == cells.held.get(slot.id, []) == prompt[:cached]
        fresh = prompt[cached:] + [11] * rng.randint(0, 20)
        slot.tokens += fresh
        cells.held.setdefault(slot.id, []).extend(fresh)
        if shared_cells:
            assert sum(len(held) for held in cells.held.values()) <= shared_cells


def test_roles_keep_their_prefixes() -> None:
    cells = Cells(True)
    slots = Slots(3, cells.drop)
    roles = [[role] * 50 for role in range(3)]
    for turn in range(5):
        for role in roles:
            prompt = role + [100 + n for n in range(turn + 1)]
            slot, cached = slots.take(prompt, 5)
            assert cached >= (50 if turn else 0)
            new = prompt[cached:]
            slot.tokens += new
            cells.held.setdefault(slot.id, []).extend(new)


def softmax(logits: list[float]) -> list[float]:
    weights = np.exp(np.array(logits) - max(logits))
    return [float(w) for w in weights / weights.sum()]


def test_choosing() -> None:
    values = [0.0, 3.0, 2.0, -1.0]
    logits = np.array(values, dtype=np.float32)
    greedy = Chooser(0.0, 0)
    assert greedy.choose(logits, None) == pytest.approx((1, softmax(values)[1]), rel=1e-5)
    # Under a grammar the probability is that among the tokens that may stand here.
    assert greedy.choose(logits, lambda ids: [n != 1 for n in ids]) == pytest.approx((2, softmax([0.0, 2.0, -1.0])[1]), rel=1e-5)
    assert greedy.choose(logits, lambda ids: [n == 3 for n in ids]) == pytest.approx((3, 1.0))
    assert greedy.choose(logits, lambda ids: [False for _ in ids]) is None
    drawn = {Chooser(1.0, seed).choose(logits, lambda ids: [n in (0, 2) for n in ids])[0] for seed in range(60)}  # pyright: ignore[reportOptionalSubscript]
    assert drawn == {0, 2}


def test_the_only_allowed_token_is_far_down() -> None:
    logits = np.linspace(200, 0, 500, dtype=np.float32)
    assert Chooser(0.0, 0).choose(logits, lambda ids: [n == 499 for n in ids]) == pytest.approx((499, 1.0))
    assert Chooser(0.7, 0).choose(logits, lambda ids: [n == 499 for n in ids]) == pytest.approx((499, 1.0))
    assert Chooser(0.0, 0).choose(np.full(500, np.nan, dtype=np.float32), None) is None


def test_header(tiny: Path) -> None:
    header = read_header(tiny)
    assert (header.architecture, header.number("block_count"), header.size) == ("llama", 2, tiny.stat().st_size)
    assert header.kv_bytes(100) == 100 * 2 * 2 * 32 * 2
    assert header.default_context() == 1024


@given(st.binary(max_size=400), st.integers(0, 400))
def test_no_header_breaks_the_reader(tmp_path_factory: pytest.TempPathFactory, junk: bytes, at: int) -> None:
    path = tmp_path_factory.mktemp("junk") / "a.gguf"
    good = b"GGUF" + (3).to_bytes(4, "little") + (1).to_bytes(8, "little") + (5).to_bytes(8, "little")
    path.write_bytes((good + junk)[: at + 24])
    try:
        read_header(path)
    except MementoError as err:
        assert str(path) in err.message


def test_machine() -> None:
    assert physical_cores() >= 1
    assert default_threads() >= 1
    assert (available_memory() or 2**30) > 2**20


def test_telling_lines(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("old error\nloading\nGGML_ASSERT(x > 0) failed\nbye\n")
    assert last_telling_lines(log) == ("old error", "GGML_ASSERT(x > 0) failed")
    assert last_telling_lines(log, start=10) == ("GGML_ASSERT(x > 0) failed",)
    assert last_telling_lines(tmp_path / "none.log") == ()
    assert exit_name(-6) == "SIGABRT"
    assert exit_name(3) == "exit code 3"
