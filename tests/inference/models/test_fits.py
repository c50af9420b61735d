"""What fits, how fast, and why one is chosen; the measurement of bandwidth is made once and kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memento_desktop.inference.models import bandwidth
from memento_desktop.inference.models.catalogue import catalogue
from memento_desktop.inference.models.choosing import choose_entry
from memento_desktop.inference.models.fits import BASE, EFFICIENCY, SPARE, Machine, Shape, choose, fit, gigabytes, per_second

GB = 10**9
LAPTOP = Machine(16 * GB, 10 * GB, 60.0 * GB, 3)


@dataclass(frozen=True)
class Made:
    name: str
    parameters: int
    shape: Shape | None


def made(billions: float, active: float = 0.0) -> Made:
    size = int(billions * 0.6 * GB)
    return Made(f"{billions:g}B", int(billions * GB), Shape(size, int(active * 0.6 * GB) or size, 100_000))


def test_weights_cache_and_the_rest_are_counted() -> None:
    found = fit(Shape(4 * GB, 4 * GB, 144 * 1024), LAPTOP, 8192)
    assert found.cache == 8192 * 144 * 1024 and found.needed == 4 * GB + found.cache + BASE
    assert found.verdict == "fits" and found.speed == pytest.approx(EFFICIENCY * 15)
    assert found.sentence == "needs 5.3 GB of 10.0 GB free, about 7 tokens/s"


@pytest.mark.parametrize(
    ("size", "verdict"), [(9 * GB, "fits"), (12 * GB, "tight"), (16 * GB - SPARE, "too large"), (40 * GB, "too large")]
)
def test_verdicts(size: int, verdict: str) -> None:
    assert fit(Shape(size, size, 0), LAPTOP).verdict == verdict


def test_what_is_not_known_is_said() -> None:
    assert "its cache not counted" in fit(Shape(GB, GB, 0), LAPTOP).sentence
    unmeasured = fit(Shape(GB, GB, 1), Machine(16 * GB, 10 * GB, 0.0, 3))
    assert unmeasured.speed == 0 and "tokens/s" not in unmeasured.sentence


@given(st.integers(1, 10**12), st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 2**20))
def test_more_context_never_needs_less(size: int, cache: int, less: int, more: int) -> None:
    short, long = (fit(Shape(size, size, cache), LAPTOP, context) for context in sorted((less, more)))
    order = ["fits", "tight", "too large"]
    assert short.needed <= long.needed and order.index(short.verdict) <= order.index(long.verdict)


def test_the_largest_that_is_quick_enough_is_chosen_and_why() -> None:
    choice = choose([made(1), made(4), made(8), made(30)], LAPTOP, 8192, "here")
    assert choice.model is not None and choice.model.name == "8B"
    assert choice.sentence.startswith("8B: the largest here that fits into the free memory and writes at 5 tokens/s or more; it needs")


def test_few_active_weights_make_a_large_one_quick() -> None:
    choice = choose([made(4), made(14, active=2)], LAPTOP, 8192, "here")
    assert choice.model is not None and choice.model.name == "14B"


def test_where_none_is_quick_the_quickest_is_taken() -> None:
    slow = Machine(16 * GB, 10 * GB, 1.0 * GB, 1)
    choice = choose([made(1), made(4)], slow, 8192, "here")
    assert choice.model is not None and choice.model.name == "1B" and "none here reaches" in choice.sentence


def test_where_none_fits_none_is_taken() -> None:
    choice = choose([made(30), made(40)], LAPTOP, 8192, "here")
    assert choice.model is None and "30B, the smallest" in choice.sentence
    assert choose(list[Made](), LAPTOP, 8192, "here").model is None


@pytest.mark.parametrize("count", [3.2e9, 8e9, 16e9, 32e9, 128e9])
def test_the_catalogue_has_something_for_every_machine(count: float) -> None:
    machine = Machine(int(count), int(count * 0.7), 40.0 * GB, 3)
    choice = choose_entry(catalogue(), machine)
    assert choice.model is not None and choice.model.size < machine.free


def test_bandwidth_is_measured_once_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def copying(threads: int, seconds: float) -> float:
        calls.append(threads)
        return 12.5e9

    monkeypatch.setattr(bandwidth, "copying", copying)
    assert bandwidth.machine(tmp_path, 2, measure=False).bandwidth == 0
    assert [bandwidth.machine(tmp_path, 2).bandwidth for _ in range(3)] == [12.5e9] * 3
    assert bandwidth.machine(tmp_path, 2, measure=False).bandwidth == 12.5e9
    assert bandwidth.machine(tmp_path, 3).threads == 3 and calls == [2, 3]
    (tmp_path / bandwidth.FILE).write_text("[broken")
    assert bandwidth.machine(tmp_path, 2).bandwidth == 12.5e9 and calls == [2, 3, 2]


def test_copying_tells_bytes_a_second() -> None:
    assert 1e6 < bandwidth.copying(2, 0.01, 2**20) < 1e13


def test_this_machine_has_memory() -> None:
    found = bandwidth.machine(Path(), 1, measure=False)
    assert 0 < found.free <= found.memory


def test_figures_are_written_as_people_read_them() -> None:
    assert [gigabytes(count) for count in (4_700_000, 639_446_688, 999_600_000, 2.5e9, 18.6e9, 120e9)] == [
        "4.7 MB", "639 MB", "1.0 GB", "2.5 GB", "18.6 GB", "120 GB",
    ]  # fmt: skip
    assert [per_second(speed) for speed in (0.44, 1.96, 7.6, 12.4, 1043)] == ["0.4", "2", "8", "12", "1040"]
