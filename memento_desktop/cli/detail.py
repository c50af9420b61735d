"""`memento memory show`: everything that is known of one memory."""

from __future__ import annotations

from memento_desktop.assistant import Assistant
from memento_desktop.cli.console import age, day, line, reasons
from memento_desktop.cli.memory import assistant_of_this_user
from memento_desktop.memory.browsing.detail import Detail, Details, Looked, Use
from memento_desktop.memory.records import Case

BARS = "▁▂▃▄▅▆▇█"
PLOT = 40
"""Bars of the credit: the newest readings."""
MOST = 20
RELATIONS = {
    "taught": "taught", "drawn from": "drawn from", "became": "became", "superseded by": "now", "supersedes": "instead of",
    "merged into it": "merged", "maybe the same as": "the same?", "stands against": "against",
}  # fmt: skip
"""What another memory is to this one, short enough for a label."""


def show(number: int) -> None:
    with assistant_of_this_user() as assistant:
        details = Details(assistant.bank, assistant.memories)
        found = details.of(number, MOST)
        memory = found.memory
        line("kind", f"{memory.kind}, {memory.status}" + (", pinned" if memory.pinned else ""))
        line("from", f"{'you' if memory.origin == 'user' else memory.origin}, {age(memory.recorded_at)} ago")
        if found.case is not None:
            _show_case(found.case)
        else:
            line("text", memory.body)
        _show_origin(assistant, found)
        why = details.why(number) if found.case is not None else None
        for one in (*why.read, *why.left_out) if why else ():
            _show_looked(one)
        for use in found.uses:
            if use.shown:
                _show_use(use)
        for link in found.links:
            line(RELATIONS[link.rel], f"{link.kind} {link.id}: {link.title}")
        for change in found.changes:
            line(
                "history",
                f"{change.label}  (change {change.id}, {change.actor}, {age(change.at)} ago{', undone' if change.undone else ''})",
            )
        line("used", f"read {memory.read}×, helped {memory.helpful}, harmed {memory.harmful}")
        if found.credit:
            values = [value for _, value in found.credit][-PLOT:]
            how = "cases and lessons are chosen by it" if found.credited else "for you to see; it is chosen by what is asked"
            line("credit", f"{''.join(BARS[min(7, int(8 * value))] for value in values)}  {values[-1]:.2f} now ({how})")


def _show_looked(one: Looked) -> None:
    parts = [reasons(one.terms, one.rank_text, one.rank_vector, one.similarity)]
    parts += [f"worth {one.q:.2f} by what was learnt"] if one.q is not None else []
    parts += [f"helped {one.helped} of {one.read}"] if one.read else []
    parts += [one.reason] if one.reason else []
    name = f"memory {one.memory_id}, removed for good" if one.gone else f"{one.kind} {one.memory_id}: {one.title}"
    line("read" if one.shown else "left out", f"{name}  ({', '.join(parts)})")


def _show_use(use: Use) -> None:
    worth = "" if use.reward is None else f", worth {use.reward:.2f} by {use.reward_source}"
    followed = "" if use.followed is None else f", followed {use.followed:.0%}"
    line("read for", f"{use.task}  ({age(use.at)} ago{worth}{followed})")


def _show_origin(assistant: Assistant, found: Detail) -> None:
    """Where a memory came from, since when and until when it holds."""
    memory = found.memory
    if memory.pool:
        line("shared by", assistant.pools.author_of(memory.id))
    if memory.valid_from:
        line("since", day(memory.valid_from))
    if memory.valid_to:
        line("until", day(memory.valid_to))
    for source in found.sources:
        line("source", f"{source.where}  ({source.ref})" if source.ref.startswith("message:") else source.where)
        if source.quote and " ".join(source.quote.split()) != " ".join(memory.body.split()):
            line("it says", source.quote)
    if (place := assistant.personal.documents.place(memory.id)) and place.missing_since:
        line("", f"the file is gone for {age(place.missing_since)}")


def _show_case(case: Case) -> None:
    line("task", case.task)
    for n, step in enumerate(case.plan, 1):
        line("plan" if n == 1 else "", f"{n}  {step}")
    for step in case.steps:
        line("tool", f"{step.tool} {step.args}  ({step.ms} ms)")
        line("" if step.ok else "error", step.result)
    line("outcome", case.outcome + (f": {case.reason}" if case.reason else ""))
    line("answer", case.answer)
    if case.correction:
        line("correction", case.correction)
    if case.reward is not None:
        line("reward", f"{case.reward:.2f} by {case.reward_source or 'the file it came from'}")
    line("model", f"{case.model}, {case.tokens} tokens, {case.seconds:.1f} s")
