"""How a lesson is worded: the kind of task it is about, and what to do. Pure text; the built-in model is trained on these sentences."""

from __future__ import annotations

import re

ENDINGS = "csv|tsv|xlsx?|ods|pdf|docx?|odt|txt|md|html?|pptx?|json|xml|ya?ml|toml|log|zip|png|jpe?g|gif|eml|msg|epub|py|ipynb"
NAME = re.compile(rf"\w+://\S+ | [\w.+-]+@[\w-]+(?:\.[\w-]+)+ | (?:[\w.~-]*[\\/])*[\w.~-]*\w\.(?:{ENDINGS})\b", re.VERBOSE | re.IGNORECASE)
"""An address, or the name of a file with its folders."""
SPECIFIC = re.compile(
    rf"""
    "[^"]*" | “[^”]*” | „[^“”]*[“”] | «[^»]*»       # what is quoted
    | {NAME.pattern}
    | (?<!\w)[$€£]?\d(?:[\d.,:/-]*\d)?%?(?!\w)     # a number, a date in figures, a time
    """,
    re.VERBOSE | re.IGNORECASE,
)
GAP = "…"
QUOTED = re.compile(r'For tasks like "([^"]+)": ')


LONGEST, READ = 200, 4000
"""Characters of a word that may be one, and of a task that say what kind it is: on longer ones the patterns would take minutes."""


def kind_of_task(text: str) -> str:
    """`text` without what is particular to one task: names of files, figures and quotations become "…"."""
    told = " ".join(word if len(word) <= LONGEST else GAP for word in text[:READ].split())
    general = SPECIFIC.sub(GAP, told)
    return re.sub(rf"{GAP}(?:[ ,]*{GAP})+", GAP, general).strip(" .")


def sentence(task: str, advice: str) -> str:
    """The lesson that a task and its correction teach, in one sentence."""
    return f'For tasks like "{kind_of_task(task).replace(chr(34), chr(39))}": {" ".join(advice.split())}'


def indexed_text(kind: str, body: str, title: str = "") -> str:
    """What a memory is embedded as. Cases and lessons by the kind of task they are about: names of files would drown the rest. Passages
    of documents with the headings that they stand under."""
    if kind == "document" and title:
        return f"{title}\n{body}"
    if kind == "lesson" and (about := QUOTED.match(body)):
        return about[1]
    return kind_of_task(body) if kind == "case" else body


def advice_of(lesson: str) -> str:
    """The second half of a lesson: what to do. All of a text that is not worded as a lesson."""
    worded = QUOTED.match(lesson)
    return lesson[worded.end() :] if worded else lesson


def without_names(text: str) -> str:
    """`text` without addresses and names of files, which say nothing of how a task was done."""
    return NAME.sub(GAP, text)


ANSWER = re.compile(
    r"(?:no|nope|wrong|that'?s wrong|that is wrong)\W* | .*\b(?:should|must)\ (?:be|have\ been)\b.*\d.* | \W*\d[\d\W]*",
    re.VERBOSE | re.IGNORECASE,
)
"""A correction that says what this answer should have been, or only that it was not right."""


def is_rule(correction: str) -> bool:
    """Whether a correction can be a rule for a kind of task: not one that gives an answer, names a file, or only says no."""
    text = " ".join(correction.split())
    return len(text.split()) > 1 and not ANSWER.fullmatch(text) and not NAME.search(text)


def extra(better: str, worse: str) -> str:
    """What a plan has that another lacks: what follows it after a stop, where it begins like the other; else the whole plan; nothing when
    they are alike."""
    better, worse = kind_of_task(better), kind_of_task(worse)
    if better == worse:
        return ""
    rest = better.removeprefix(worse).lstrip()
    return rest.lstrip("; ,.").strip() if worse and better.startswith(worse) and rest[:1] in tuple(";,.") else better
