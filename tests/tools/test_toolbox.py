"""The toolbox: every wrong call is a result, cancelling is prompt, and recall and remember do as they say."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from memento_desktop.agent import ports
from memento_desktop.errors import MementoError
from memento_desktop.tools.base import Result, Spec, text_parameter
from memento_desktop.tools.memory import Recall, Remember
from memento_desktop.tools.toolbox import Toolbox

TYPES = {"text": "string", "count": "integer", "share": "number", "sure": "boolean", "names": "array"}


class Probe:
    """A tool that does what its `mode` argument says."""

    spec = Spec(
        "probe",
        "summary",
        "usage",
        {"mode": {"enum": ["echo", "error", "crash", "wait", "cancel"]}, **{name: {"type": kind} for name, kind in TYPES.items()}},
        ("mode",),
    )
    ended = ""

    def preview(self, args: Mapping[str, Any]) -> str:
        return f"Probe {args['mode']}"

    async def call(self, args: Mapping[str, Any], cancelled: asyncio.Event) -> Result:
        match args["mode"]:
            case "error":
                raise MementoError("trips.csv is empty", "fill it")
            case "crash":
                raise ZeroDivisionError("oops")
            case "cancel":
                raise asyncio.CancelledError
            case "wait":
                try:
                    await asyncio.Event().wait()
                finally:
                    self.ended = "cancelled"
            case _:
                return Result(args.get("text", ""))
        return Result("")


@pytest.fixture
def box() -> Toolbox:
    return Toolbox([Probe()])


def test_it_is_what_the_loop_asks_for(box: Toolbox) -> None:
    asked: ports.Toolbox = box
    assert [spec.name for spec in asked.specs()] == ["probe"]
    assert asked.preview("probe", {"mode": "echo"}) == "Probe echo"
    with pytest.raises(ValueError, match="share a name"):
        Toolbox([Probe(), Probe()])


@pytest.mark.parametrize(
    ("name", "args", "said"),
    [
        ("prob", {}, "There is no tool prob. Tools: probe."),
        ("", {}, "There is no tool"),
        ("probe", {}, "probe needs the argument mode"),
        ("probe", {"mode": "echo", "txt": "x"}, "Did you mean text?"),
        ("probe", {"mode": "dance"}, "mode must be one of echo, error, crash, wait, cancel, not 'dance'"),
        ("probe", {"mode": ["echo"]}, "must be one of"),
        ("probe", {"mode": "echo", "text": 5}, "text must be a string, not 5"),
        ("probe", {"mode": "echo", "text": None}, "text must be a string, not None"),
        ("probe", {"mode": "echo", "count": 1.5}, "count must be a integer"),
        ("probe", {"mode": "echo", "count": True}, "count must be a integer"),
        ("probe", {"mode": "echo", "share": "x" * 500}, "…"),
    ],
)
async def test_wrong_calls_are_results(box: Toolbox, name: str, args: dict[str, Any], said: str) -> None:
    result = await box.call(name, args, asyncio.Event())
    assert not result.ok
    assert said in result.text
    assert len(result.text) < 300
    with pytest.raises(MementoError):
        box.preview(name, args)


async def test_right_calls_pass(box: Toolbox) -> None:
    args = {"mode": "echo", "text": "hi", "count": 1, "share": 1, "sure": True, "names": []}
    assert await box.call("probe", args, asyncio.Event()) == Result("hi")


async def test_errors_reach_the_model_and_crashes_the_log(box: Toolbox, caplog: pytest.LogCaptureFixture) -> None:
    assert await box.call("probe", {"mode": "error"}, asyncio.Event()) == Result("trips.csv is empty (fill it)", ok=False)
    with caplog.at_level(logging.ERROR):
        crashed = await box.call("probe", {"mode": "crash"}, asyncio.Event())
    assert crashed == Result("probe failed: ZeroDivisionError: oops", ok=False)
    assert "Traceback" in caplog.text


async def test_cancelling_is_prompt_and_stops_the_tool() -> None:
    probe = Probe()
    cancelled = asyncio.Event()
    call = asyncio.ensure_future(Toolbox([probe]).call("probe", {"mode": "wait"}, cancelled))
    await asyncio.sleep(0)
    cancelled.set()
    result = await asyncio.wait_for(call, 5)
    assert result == Result("probe was cancelled.", ok=False)
    await asyncio.sleep(0)
    assert probe.ended == "cancelled"
    assert not (await Toolbox([probe]).call("probe", {"mode": "echo"}, cancelled)).ok


async def test_a_cancelled_task_passes(box: Toolbox) -> None:
    with pytest.raises(asyncio.CancelledError):
        await box.call("probe", {"mode": "cancel"}, asyncio.Event())
    call = asyncio.ensure_future(box.call("probe", {"mode": "wait"}, asyncio.Event()))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


async def test_recall_shows_at_most_six_lines() -> None:
    asked: list[tuple[str, int]] = []

    async def search(query: str, count: int) -> Sequence[str]:
        asked.append((query, count))
        return [f"fact {n}\nsecond line" for n in range(9)] if query == "tea" else [" "]

    box = Toolbox([Recall(search)])
    found = await box.call("recall", {"query": " tea "}, asyncio.Event())
    assert found.text.splitlines() == [f"- fact {n} second line" for n in range(6)]
    assert asked == [("tea", 6)]
    assert (await box.call("recall", {"query": "coffee"}, asyncio.Event())).text == "Nothing in memory tells of coffee."
    assert not (await box.call("recall", {"query": "  "}, asyncio.Event())).ok
    assert box.preview("recall", {"query": "tea"}) == "Search memory for tea"


async def test_remember_keeps_what_is_not_empty() -> None:
    kept: list[str] = []

    async def keep(text: str) -> None:
        kept.append(text)

    box = Toolbox([Remember(keep)])
    assert (await box.call("remember", {"text": "Mara likes\n tea"}, asyncio.Event())).text == "Remembered: Mara likes tea"
    for empty in ("", "  \n", "...", "-"):
        assert not (await box.call("remember", {"text": empty}, asyncio.Event())).ok
    assert kept == ["Mara likes tea"]
    assert box.preview("remember", {"text": "x y"}) == "Remember: x y"
    assert text_parameter("what")["description"] == "what"
