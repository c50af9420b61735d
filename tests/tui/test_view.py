"""Events to what is on the screen: pure, so tested without one."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memento_desktop.agent import events as ev
from memento_desktop.agent.partial import begun
from memento_desktop.errors import MementoError
from memento_desktop.tui import commands
from memento_desktop.tui.view import TaskView, folded, progress
from memento_desktop.tui.widgets.conversation import plain


def after(*events: ev.Event) -> TaskView:
    view = TaskView("Total the km")
    for event in events:
        view.apply(event)
    return view


@given(st.text(max_size=40), st.data())
def test_an_answer_in_the_making_is_a_beginning_of_the_answer(text: str, data: st.DataObject):
    reply = json.dumps({"answer": text})
    cut = data.draw(st.integers(0, len(reply)))
    assert text.startswith(begun(reply[:cut]).replace("\\", "")) or text.encode("utf-8", "replace").decode().startswith(
        begun(reply[:cut])[:-1]
    )
    assert begun(reply) == text


def test_of_a_plan_in_the_making_nothing_is_shown():
    assert begun('{"plan":[{"id":1,"task":"answer"') == ""


def test_a_task_from_its_beginning_to_its_end():
    view = after(
        ev.TaskStarted(case_id=7, task="Total the km", model="nano"),
        ev.PlanReady(cycle=1, steps=("read", "total")),
        ev.StepStarted(n=1, task="read"), ev.ToolCalled(n=1, tool="read_table", args={"path": "a"}),
    )  # fmt: skip
    assert [step.state for step in view.steps] == ["running", "open"]
    assert progress(view.steps) == "1 of 2 read"
    view.apply(ev.ToolFinished(n=1, tool="read_table", ok=True, text="3", ms=12))
    view.apply(ev.StepFinished(n=1, task="read", result="3", ok=True, ms=20))
    assert view.steps[0].calls[0].text == "3"
    view.apply(ev.PlanReady(cycle=2, steps=("once more",)))
    assert [step.state for step in view.steps] == ["done", "dropped", "open"]
    view.apply(ev.Answer(text="170"))
    view.apply(ev.CaseWritten(case_id=7, outcome="done", prompt_tokens=1, cached_tokens=0, completion_tokens=1, seconds=1.0))
    assert (view.running, view.text, view.case_id, view.steps[2].state) == (False, "170", 7, "dropped")


def test_what_was_produced_before_it_was_stopped_stays():
    view = after(ev.TaskStarted(case_id=7, task="t", model="nano"), ev.TextDelta(role="planner", text='{"answer":"It is 4'))
    assert view.text == "It is 4"
    view.apply(ev.CaseWritten(case_id=7, outcome="cancelled", prompt_tokens=1, cached_tokens=0, completion_tokens=1, seconds=1.0))
    assert (view.text, view.running) == ("It is 4", False)


def test_a_rejected_reply_is_gone_and_its_reason_is_told():
    view = after(ev.TextDelta(role="planner", text='{"answer":"x'), ev.ReplyRejected(role="planner", reason="it was cut"))
    assert view.text == ""
    assert "it was cut" in view.notes[0]


def test_long_results_are_folded():
    assert folded("a\nb\nc") == "a … 2 more lines"
    assert folded("a") == "a"


@pytest.mark.parametrize("text", ["397.8", "The total is 170 (2 rows).", "My locker code is 4471.", "two\nlines"])
def test_plain_text_needs_no_markdown(text: str):
    assert plain(text)


@pytest.mark.parametrize("text", ["**b**", "- a", "1. a", "# h", "a\n\nb", "`c`", "[x](y)", "a | b", "see https://x.org", "> q", "\tcode"])
def test_markdown_is_known_as_such(text: str):
    assert not plain(text)


def test_every_command_is_told_apart():
    assert len({command.id for command in commands.COMMANDS}) == len(commands.COMMANDS)
    slashes = [command.slash for command in commands.COMMANDS if command.slash]
    assert len(slashes) == len(set(slashes))
    for place in commands.PLACES:
        keys = [key for command in commands.of(place) for key in command.keys.split(",") if key]
        assert len(keys) == len(set(keys)), f"one key for two commands: {place}"
    assert {command.place for command in commands.COMMANDS} <= set(commands.PLACES)


def test_a_key_for_an_unknown_command_is_refused():
    with pytest.raises(MementoError, match=r"work\.goood"):
        commands.keymap({"work.goood": "f2"})
