"""How a lesson is worded: the kind of task it is about, and what to do. Pure text; the built-in model is trained on these sentences."""

from __future__ import annotations

import re

SPECIFIC = re.compile(
    r"""
    "[^"]*" | “[^”]*”                                  # what is quoted
    | \w+://\S+ | (?:[\w.~-]*[\\/])*[\w.~-]*\w\.[A-Za-z]{2,5}\b    # an address, a file name with its folders
    | [$€£]?\d[\d.,:/-]*\d%? | \d%?                    # a number, a date in figures, a time
    """,
    re.VERBOSE,
)
GAP = "…"
QUOTED = re.compile(r'For tasks like "([^"]+)": ')


def kind_of_task(text: str) -> str:
    """`text` without what is particular to one task: names of files, figures and quotations become "…"."""
    general = SPECIFIC.sub(GAP, " ".join(text.split()))
    return re.sub(rf"{GAP}(?:[ ,]*{GAP})+", GAP, general).strip(" .")


def sentence(task: str, advice: str) -> str:
    """The lesson that a task and its correction teach, in one sentence."""
    return f'For tasks like "{kind_of_task(task).replace(chr(34), chr(39))}": {" ".join(advice.split())}'


def indexed_text(kind: str, body: str) -> str:
    """What a memory is embedded as. Cases and lessons by the kind of task they are about: names of files would drown the rest."""
    if kind == "lesson" and (about := QUOTED.match(body)):
        return about[1]
    return kind_of_task(body) if kind == "case" else body


def advice_of(lesson: str) -> str:
    """The second half of a lesson: what to do."""
    return lesson.rpartition('": ')[2]


def extra(better: str, worse: str) -> str:
    """What a plan has that another lacks: the rest, where it begins like the other; the whole plan otherwise; nothing when alike."""
    better, worse = kind_of_task(better), kind_of_task(worse)
    if better == worse:
        return ""
    if worse and better.startswith(worse):
        return better[len(worse) :].strip(" ;,.")
    return better
