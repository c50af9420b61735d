"""Transcripts for the built-in model, rendered by the prompt functions of the app, so that the two cannot drift apart.

Everything that could be memorised is random: names, numbers, files, conventions. What is left to learn is form, copying, and which
case, fact or line answers what is asked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from random import Random

from memento_desktop.agent import prompts
from memento_desktop.agent.ports import Message, PastCase
from memento_desktop.agent.prompts import PlannerView, compact, message
from memento_desktop.memory.learning import wording
from memento_desktop.tools import specs, texts
from models.nano import facts as f
from models.nano import subjects as s

Conversation = list[Message]

PLANNER = prompts.planner_system(specs.ALL)
EXECUTOR = prompts.executor_system(specs.ALL)


def _plan(*steps: str) -> Message:
    return message("assistant", compact({"plan": [{"id": n, "task": step} for n, step in enumerate(steps, 1)]}))


def _answer(text: str) -> Message:
    return message("assistant", compact({"answer": text}))


def _finish(job: s.Job) -> Conversation:
    return [_plan(job.step), prompts.planner_results([(job.step, job.result)]), _answer(job.result)]


def any_job(r: Random) -> s.Job:
    kind: Callable[[Random], s.Job] = r.choices(
        (s.calculation, s.document, s.table, s.listing, f.recalled, f.remembering), (6, 4, 4, 1, 1, 1)
    )[0]
    return kind(r)


def _distractors(r: Random, most: int, family: tuple[str, ...] = ()) -> list[PastCase]:
    """Cases of other families, some with conventions that must not be followed; one of the same family has none."""
    cases: list[PastCase] = []
    for _ in range(r.randint(0, most)):
        if r.random() < 0.12:
            cases.append(PastCase(r.choice(f.fact(r).asks), (), worked=r.random() < 0.8))
            continue
        job = s.table(r) if r.random() < 0.6 else any_job(r)
        if job.family == family:
            cases.append(_as_case(r, job, ""))
            continue
        cases.append(_as_case(r, job, s.table_convention(r).clause if r.random() < 0.6 else ""))
    return cases


def _as_case(r: Random, job: s.Job, clause: str) -> PastCase:
    """How a finished task stands in memory: with its convention in the plan that worked, or in the correction of one that failed."""
    if not clause:
        return PastCase(job.task, (job.step,), worked=r.random() < 0.8)
    if r.random() < 0.4:
        return PastCase(job.task, (f"{job.step}; {clause}",), worked=True)
    misled = f"{job.step}; {s.table_convention(r).clause}" if r.random() < 0.25 else job.step
    return PastCase(job.task, (misled,), worked=False, correction=clause)


def _view(r: Random, task: str, cases: list[PastCase], facts: list[str]) -> PlannerView:
    """What memory gives to a task. A corrected case may stand there as the lesson that was drawn from it."""
    r.shuffle(cases)
    today = date(r.randint(2024, 2032), r.randint(1, 12), r.randint(1, 28))
    wishes = ("Answer briefly.",) if r.random() < 0.03 else ()
    p = r.choice((0.0, 0.3, 0.7))
    taught = [case for case in cases if case.correction and r.random() < p]
    lessons = tuple(wording.sentence(case.task, case.correction) for case in taught)
    return PlannerView(task, today, tuple(c for c in cases if c not in taught), tuple(facts), wishes, lessons)


def _next(view: PlannerView, task: str) -> Message:
    """A further task over the same memory: not asked this way by the app, but it teaches several look-ups at the price of one."""
    return prompts.planner_task(replace(view, task=task, cases=(), facts=(), instructions=(), lessons=()))


def plain(r: Random) -> Conversation:
    """A task that its own words solve; cases and facts, if any, are beside the point."""
    job = any_job(r)
    busy = r.random() < 0.5
    cases = _distractors(r, 3, job.family) if busy else []
    known = [fact.sentence for fact in f.facts(r, r.randint(1, 3))] if busy and r.random() < 0.4 else []
    if r.random() < 0.15:
        known += f.sharing(r, job.task)
    return [PLANNER, prompts.planner_task(_view(r, job.task, cases, known)), *_finish(job)]


def _rule_for(r: Random, family: tuple[str, str]) -> s.Convention:
    if family[0] != "find":
        return s.table_convention(r)
    named = s.noun(r, s.w.KEYS, 0.7)
    return s.Convention(r.choice(s.RENAMED).format(a=family[1], b=named), {"find": named})


def _clause_for(r: Random, kind: str) -> tuple[tuple[str, str], s.Convention]:
    if kind == "document":
        family = ("find", s.noun(r, s.w.KEYS, 0.7))
    else:
        family = (r.choices(tuple(s.OPERATIONS), (5, 2, 1, 1, 0))[0], s.noun(r, s.w.COLUMNS, 0.55))
    return family, _rule_for(r, family)


def _job_of(r: Random, family: tuple[str, str], convention: s.Convention | None) -> s.Job:
    if family[0] != "find":
        return s.table(r, family, convention)
    if convention is None:
        return s.document(r, family=family[1])
    job = s.document(r, key=convention.effect["find"], family=family[1])
    return replace(job, step=f"{job.step}; {convention.clause}")


def _near(r: Random, family: tuple[str, str]) -> tuple[str, str]:
    """A family that looks like another: the same operation on another column, or another operation on the same one."""
    operation, column = family
    if operation == "find" or r.random() < 0.6:
        return operation, s.noun(r, s.w.KEYS if operation == "find" else s.w.COLUMNS, 0.7)
    return r.choice(("total", "average", "highest", "lowest")), column


def _families(r: Random) -> dict[tuple[str, str], s.Convention]:
    """One to four families with a convention each, often alike, so that only the whole task tells which case is the one."""
    known: dict[tuple[str, str], s.Convention] = {}
    alike = r.random() < 0.5
    for _ in range(r.choice((1, 1, 2, 2, 3, 3, 4, 4))):
        family, rule = _clause_for(r, "document" if r.random() < 0.25 else "table")
        if alike and known:
            family = _near(r, r.choice(list(known)))
            rule = _rule_for(r, family)
        known.setdefault(family, rule)
    return known


def convention(r: Random) -> Conversation:
    """Families with conventions of their own: the case of the same family says what to add to the plan, the others must not."""
    known = _families(r)
    cases = [_as_case(r, _job_of(r, family, None), rule.clause) for family, rule in known.items()]
    first = next(iter(known.items()))
    while len(cases) < 4 and r.random() < 0.35:  # met more than once
        cases.append(_as_case(r, _job_of(r, first[0], None), first[1].clause))
    if len(cases) < 4 and r.random() < 0.2:  # from before the owner said so: the correction counts
        cases.append(_as_case(r, _job_of(r, first[0], None), ""))
    if len(cases) < 4 and r.random() < 0.1:  # what did not work is not done again
        job = _job_of(r, first[0], None)
        cases.append(PastCase(job.task, (f"{job.step}; {s.table_convention(r).clause}",), worked=False))
    if len(cases) < 4:
        cases += _distractors(r, 4 - len(cases)) if r.random() < 0.3 else []
    asked = [r.choice(list(known.items())) for _ in range(r.choice((1, 2, 3, 3)))]
    turns: Conversation = [PLANNER]
    view: PlannerView | None = None
    for family, rule in asked:
        job = _unrelated(r, known) if r.random() < 0.2 else _job_of(r, family, rule)
        if view is None:
            view = _view(r, job.task, cases, [fact.sentence for fact in f.facts(r, 1)] if r.random() < 0.15 else [])
            turns.append(prompts.planner_task(view))
        else:
            turns.append(_next(view, job.task))
        turns += _finish(job) if r.random() < 0.3 else [_plan(job.step)]
    return turns


def _unrelated(r: Random, known: dict[tuple[str, str], s.Convention]) -> s.Job:
    """A near miss: the same operation on another column, or the same column under another operation, is another family."""
    family = _near(r, r.choice(list(known)))
    return _job_of(r, family, known.get(family)) if family not in known else any_job(r)


def asking(r: Random) -> Conversation:
    """Questions that a fact answers, now or of the past, or that none does."""
    known = f.facts(r, r.choice((1, 1, 2, 2, 3, 4, 5)))
    told = [fact for fact in known if fact.place or r.random() > 0.1]
    before = [f.ended(r, fact) for fact in known if fact not in told or (not fact.place and r.random() < 0.3)]
    cases = _distractors(r, 2) if r.random() < 0.25 else []
    sentences = [fact.sentence for fact in (*told, *before)]
    r.shuffle(sentences)
    turns: Conversation = [PLANNER]
    view: PlannerView | None = None
    for _ in range(r.choice((1, 2, 3, 3, 4))):
        task, reply = _question(r, told, before)
        if view is None:
            view = _view(r, task, cases, sentences if reply in sentences or r.random() < 0.7 else [])
            told, before = (told, before) if view.facts else (f.facts(r, 1), [])
            turns.append(prompts.planner_task(view))
        else:
            turns.append(_next(view, task))
        turns.append(_answer(reply if reply in (*view.facts, f.HEARD) else s.UNKNOWN))
    return turns


def _question(r: Random, told: list[f.Fact], before: list[f.Fact]) -> tuple[str, str]:
    """A task and the answer that these facts give it. Which of two versions a date means is not asked: memory gives the one that held."""
    x = r.random()
    if x < 0.04:
        return f.statement(r), f.HEARD
    if x < 0.1:
        return s.outside(r), s.UNKNOWN
    if x < 0.2 or not (told or before):
        return r.choice(f.fact(r).asks), s.UNKNOWN
    past = {fact.stem: fact for fact in before}
    now = {fact.stem: fact for fact in told}
    if before and x < 0.55:
        asked = r.choice(before)
        once = asked.stem in now or r.random() < 0.5
        return (r.choice(asked.once) if once else f.asked_then(r, asked)), asked.sentence
    asked = r.choice(told or before)
    if asked.stem in past or asked.until:
        return (r.choice(asked.once) if asked.until else r.choice(asked.asks)), asked.sentence
    y = r.random()
    return (r.choice(asked.asks) if y < 0.65 else r.choice(asked.once) if y < 0.75 else f.asked_then(r, asked)), asked.sentence


def executing(r: Random) -> Conversation:
    """One to three steps, each with the call of its tool and its result."""
    turns: Conversation = [EXECUTOR]
    whole = any_job(r).task if r.random() < 0.3 else ""
    for n in range(1, r.choice((2, 2, 3, 4))):
        job = any_job(r)
        if r.random() < 0.45:
            family, rule = _clause_for(r, "document" if r.random() < 0.2 else "table")
            job = _job_of(r, family, rule)
        turns += [
            prompts.executor_step(whole or job.task, n, job.step),
            message("assistant", compact({"tool": job.tool, "args": job.args})),
            prompts.tool_output(job.tool, job.output),
            message("assistant", compact({"result": job.result})),
        ]
    return turns


def judging(r: Random) -> Conversation:
    """An answer solves its task when it says what the results say."""
    job = any_job(r)
    x = r.random()
    if x < 0.5:
        solved = not job.result.startswith(("Nothing in", "There is no"))
        return [*prompts.judge_messages(job.task, [(job.step, job.result)], job.result), message("assistant", compact({"solved": solved}))]
    if x < 0.7:
        return [*prompts.judge_messages(s.outside(r), [], s.UNKNOWN), message("assistant", compact({"solved": False}))]
    if x < 0.85:
        fact = f.fact(r)
        return [*prompts.judge_messages(r.choice(fact.asks), [], fact.sentence), message("assistant", compact({"solved": True}))]
    other = any_job(r).result
    solved = other == job.result
    return [*prompts.judge_messages(job.task, [(job.step, job.result)], other), message("assistant", compact({"solved": solved}))]


KINDS: dict[str, tuple[Callable[[Random], Conversation], float]] = {
    "plain": (plain, 0.2),
    "convention": (convention, 0.38),
    "asking": (asking, 0.17),
    "executing": (executing, 0.17),
    "judging": (judging, 0.08),
}


def conversation(r: Random) -> Conversation:
    kinds, weights = zip(*KINDS.values(), strict=True)
    return r.choices(kinds, weights)[0](r)


def render(turns: Conversation) -> str:
    """ChatML, as the chat template in the GGUF renders it."""
    return "".join(f"<|im_start|>{turn['role']}\n{turn['content']}<|im_end|>\n" for turn in turns)


def prompt_hash() -> str:
    """What the weights were trained on: changes whenever a prompt, a tool's description or the wording of a tool's answer does."""
    case = PastCase("Total the km in a.csv", ("total the km in a.csv",), worked=True)
    view = PlannerView(
        "Total the km in b.csv",
        date(2026, 1, 2),
        (case, replace(case, worked=False, correction="only paid")),
        ("a fact",),
        ("brief",),
        (wording.sentence("Total the km in a.csv", "only paid"),),
    )
    steps = [("total the km in b.csv", "3")]
    turns = [
        PLANNER, prompts.planner_task(view), _plan("total the km in b.csv"), prompts.planner_results(steps), _answer("3"),
        EXECUTOR, prompts.executor_step("Total", 1, "total"), prompts.tool_output("read_table", "3"), prompts.unusable("it is not JSON"),
        *prompts.judge_messages("Total", steps, "3"),
    ]  # fmt: skip
    said = [
        texts.found_lines("a.pdf", [(3, "Total due: 5")]), texts.nothing_found("a.pdf", "total"), texts.no_file("a", ["b"]),
        texts.no_column("a.csv", "km", ["x"]), texts.table_answer("total", "km", "a.csv", "3", 2, 1, "void"),
        texts.table_answer("total", "km", "a.csv", "3", 2, 1, "", "paid"), texts.table_answer("count", "", "a.csv", "1", 1, 0),
        texts.remembered("a fact"),
    ]  # fmt: skip
    return hashlib.sha256("\n".join([render(turns), *said]).encode()).hexdigest()
