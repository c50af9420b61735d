"""What the generated owner has said of the world: one fact a sentence, what held before it, and the ways to ask for either.

As in `subjects`, every function takes the random generator it draws from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from memento_desktop.tools import texts
from models.nano import subjects as s
from models.nano import words as w

HEARD = "If I should keep that, say: remember that ..."
"""To a statement that asks for nothing."""


@dataclass(frozen=True)
class Fact:
    """One fact, and how it is asked for."""

    stem: str
    """The sentence, with `{v}` for its value."""
    value: str
    asks: tuple[str, ...]
    once: tuple[str, ...] = ()
    """Asked for what held before, without a date."""
    dated: tuple[str, ...] = ()
    """Asked for what held then: `{t}` is when."""
    until: str = ""
    """The day on which it ceased to hold (ISO 8601), if it has."""
    place: str = ""
    """The document that says it."""
    about: str = ""
    """What is told of somebody or something, in a word: two facts may be alike in it."""

    @property
    def sentence(self) -> str:
        """As memory tells it."""
        said = self.stem.replace("{v}", self.value)
        if self.place:
            said = f"{self.place}: {said}"
        return f"Until {self.until}: {said}" if self.until else said


VERBS: tuple[tuple[str, str, str, str], ...] = (
    ("live in", "lives in", "live", "Where"), ("live at", "lives at", "live", "Where"), ("work at", "works at", "work", "Where"),
    ("work for", "works for", "work for", "Who"), ("work as", "works as", "work as", "What"), ("like", "likes", "like", "What"),
    ("drive a", "drives a", "drive", "What"), ("drink", "drinks", "drink", "What"), ("study at", "studies at", "study", "Where"),
    ("study", "studies", "study", "What"), ("go to", "goes to", "go to", "Where"), ("train at", "trains at", "train", "Where"),
    ("bank with", "banks with", "bank with", "Who"), ("ride a", "rides a", "ride", "What"), ("read", "reads", "read", "What"),
    ("rent a flat in", "rents a flat in", "rent a flat", "Where"), ("play", "plays", "play", "What"),
    ("park in", "parks in", "park", "Where"),
)  # fmt: skip
"""Of the owner, of another; the verb of the question and its word."""
STATEMENTS = (
    "I moved to {v}.", "I just bought a {v}.", "my {k} is now {v}", "My {k} has changed to {v}.", "By the way, I am allergic to {v}.",
    "I prefer {v}.", "{n} got a new {k}: {v}", "I have a meeting with {n} on {d}.", "We had dinner with {n}.", "I no longer like {v}.",
    "my new {k} is {v}.", "{n} moved to {v} last week", "I started a new job at {v}.", "I am going to {v} on {d}", "I sold my {v}.",
)  # fmt: skip


def when(r: Random) -> str:
    """A time of the past as people put it behind a question."""
    d = s.day(r)
    month, year = w.MONTHS[d.month - 1], d.year
    shapes = (
        f"in {month} {year}", f"in {year}", f"on {s.said_day(r, d)}", f"in {month}", f"before {year}", f"before {month} {year}",
        "last year", f"{r.choice(('two', 'three', '2', '5', 'a few'))} {r.choice(('years', 'months', 'weeks'))} ago", "last month",
        f"back in {year}",
        f"in the {r.choice(('spring', 'summer', 'autumn'))} of {year}", f"on {d.isoformat()}", f"until {month} {year}", "a year ago",
        f"in early {year}", f"at the end of {year}", "last summer", "yesterday", "last week", f"in {d.isoformat()[:7]}",
    )  # fmt: skip
    return r.choice(shapes)


def value(r: Random) -> str:
    """What a fact may hold: also addresses, codes and times, which must be copied to the letter."""
    if r.random() < 0.75:
        return s.value(r)
    a, b = s.made_up(r), s.pieced(r)
    return r.choice(
        (
            f"{a}@{b}.{r.choice(('com', 'org', 'example', 'net'))}", f"{a}.{b}@{s.made_up(r)}.com",
            f"{r.choice('ABCDEF')}-{r.randint(1, 999)}", f"{r.randint(0, 23)}:{r.randint(0, 59):02d}",
            f"+{r.randint(1, 99)} {r.randint(100, 999)} {r.randint(1000, 9999)}",
            f"{r.randint(1, 200)} {a.title()} Street", f"{a.title()} & {b.title()}", f"{a}{r.randint(1, 99)}!", f"{a.title()}'s {b}",
            f"https://{a}.{r.choice(('com', 'org'))}/{b}", f"{a.title()} {b.title()}, {s.made_up(r).title()}",
        )
    )  # fmt: skip


def _owned(r: Random, key: str = "") -> Fact:
    key = key or s.noun(r, w.ATTRIBUTES, 0.75)
    stem = "My {k} is {v}." if r.random() < 0.9 else "The owner's {k} is {v}."
    asks = ("What is my {k}?", "what's my {k}?", "Tell me my {k}.", "Do you remember my {k}?", "my {k}?", "What is my current {k}?",
            "Which {k} do I have?", "What is my {k} now?", "Do you know my {k}?")  # fmt: skip
    once = ("What was my {k} before?", "What was my old {k}?", "What did my {k} use to be?", "What was my previous {k}?", "my old {k}?",
            "Which {k} did I have before?", "What used to be my {k}?", "Tell me my former {k}.", "my {k} before?")  # fmt: skip
    dated = ("What was my {k} {t}?", "what was my {k} {t}", "Do you remember my {k} {t}?", "{T}, what was my {k}?",
             "Which {k} did I have {t}?", "Tell me my {k} {t}.", "my {k} {t}?", "What {k} did I have {t}?")  # fmt: skip
    return _fact(stem, r, asks, once, dated, k=key)


def _of_another(r: Random, key: str = "") -> Fact:
    name = r.choice(w.NAMES) if r.random() < 0.6 else s.made_up(r).title()
    stem = "{n}'s {k} is {v}." if r.random() < 0.75 else "The {k} of {n} is {v}."
    asks = ("What is {n}'s {k}?", "what's {n}'s {k}", "Tell me {n}'s {k}.", "Do you remember {n}'s {k}?", "What is the {k} of {n}?",
            "{n}'s {k}?", "Do you know {n}'s {k}?", "Which {k} does {n} have?")  # fmt: skip
    once = ("What was {n}'s {k} before?", "What was {n}'s old {k}?", "What did {n}'s {k} use to be?", "What was {n}'s previous {k}?",
            "Which {k} did {n} have before?", "{n}'s former {k}?")  # fmt: skip
    dated = ("What was {n}'s {k} {t}?", "what was the {k} of {n} {t}", "{T}, what was {n}'s {k}?", "Which {k} did {n} have {t}?",
             "Do you remember {n}'s {k} {t}?", "{n}'s {k} {t}?")  # fmt: skip
    return _fact(stem, r, asks, once, dated, k=key or s.noun(r, w.ATTRIBUTES, 0.75), n=name)


def _done(r: Random) -> Fact:
    of_owner, of_another, verb, word = r.choice(VERBS)
    mine = r.random() < 0.5
    name = "I" if mine else r.choice(w.NAMES) if r.random() < 0.6 else s.made_up(r).title()
    does = "do" if mine else "does"
    asks = ("{w} {does} {n} {verb}?", "{w} {does} {n} {verb} now?", "Do you know {l} {n} {fact}?", "Tell me {l} {n} {fact}.",
            "{w} {does} {n} {verb} today?")  # fmt: skip
    once = ("{w} did {n} use to {verb}?", "{w} did {n} {verb} before?", "{w} did {n} {verb} in the past?", "{w} did {n} {verb} previously?")
    dated = ("{w} did {n} {verb} {t}?", "{w} did {n} {verb} {t}", "{T}, {l} did {n} {verb}?", "Do you remember {l} {n} did {verb} {t}?")
    fact = verb if mine else {"go to": "goes to"}.get(verb, s_form(verb))
    stem = "{n} " + (of_owner if mine else of_another) + " {v}."
    place = s.noun(r, w.PLACES).title() if r.random() < 0.7 else value(r)
    found = _fact(stem, r, asks, once, dated, w=word, l=word.lower(), n=name, does=does, verb=verb, fact=fact)
    return replace(found, value=place)


def s_form(verb: str) -> str:
    """lives, studies, works for."""
    head, _, rest = verb.partition(" ")
    head = f"{head[:-1]}ies" if head.endswith("y") and head[-2] not in "aeiou" else f"{head}s"
    return f"{head} {rest}".strip()


def _kept(r: Random) -> Fact:
    asks = ("Where is the {k}?", "Where did I put the {k}?", "where's the {k}", "Where do I keep the {k}?", "Where can I find the {k}?")
    once = ("Where was the {k} before?", "Where did I keep the {k} before?", "Where did the {k} use to be?")
    dated = ("Where was the {k} {t}?", "Where did I keep the {k} {t}?", "{T}, where was the {k}?")
    return replace(
        _fact(r.choice(("The {k} is in the {v}.", "I keep the {k} in the {v}.")), r, asks, once, dated, k=s.noun(r, w.THINGS, 0.7)),
        value=s.noun(r, w.PLACES),
    )


def _of_document(r: Random) -> Fact:
    key = s.noun(r, w.KEYS, 0.7)
    asks = ("What is the {k}?", "what's the {k}", "Tell me the {k}.", "How much is the {k}?", "the {k}?", "What is our {k}?")
    once = ("What was the {k} before?", "What was the old {k}?", "What did the {k} use to be?")
    dated = ("What was the {k} {t}?", "{T}, what was the {k}?")
    found = _fact(r.choice(("The {k} is {v}.", "{k}: {v}", "The {k} is {v} for all.")), r, asks, once, dated, k=key)
    return replace(found, place=f"{s.file_name(r)}, {r.choice(('line', 'page'))} {r.randint(1, 300)}")


def _fact(stem: str, r: Random, asks: Sequence[str], once: Sequence[str], dated: Sequence[str], **names: str) -> Fact:
    """A fact of patterns; a sentence is often told without its full stop."""

    def filled(pattern: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda m: names.get(m[1], m[0]), pattern)

    said = filled(stem)
    if r.random() < 0.35:
        said = said.rstrip(".")
    about = names.get("k", "") if "'s " in said or said.startswith("My ") else ""
    return Fact(said, value(r), tuple(map(filled, asks)), tuple(map(filled, once)), tuple(map(filled, dated)), about=about)


def fact(r: Random) -> Fact:
    return r.choices((_owned, _of_another, _done, _kept, _of_document), (25, 38, 17, 11, 9))[0](r)


def facts(r: Random, count: int) -> list[Fact]:
    """Different facts: no two answer the same question, though some tell the same of different people."""
    seen: dict[str, Fact] = {}
    while len(seen) < count:
        alike = next((known.about for known in seen.values() if known.about), "")
        found = fact(r) if not alike or r.random() < 0.7 else r.choice((_owned, _of_another))(r, alike)
        seen.setdefault(found.asks[0], found)
    return list(seen.values())


def ended(r: Random, now: Fact) -> Fact:
    """What held before `now` did."""
    other = value(r) if now.stem[:3] != "The" else s.noun(r, w.PLACES)
    return replace(now, value=other if other != now.value else f"{other}{r.randint(2, 9)}", until=s.day(r).isoformat())


def asked_then(r: Random, of: Fact) -> str:
    """A question for what held at some time of the past."""
    time = when(r)
    return r.choice(of.dated).replace("{t}", time).replace("{T}", time[0].upper() + time[1:])


def sharing(r: Random, task: str) -> list[str]:
    """A fact with a number of the task in it, which is no reason to speak of it."""
    numbers: list[str] = re.findall(r"\d+(?:\.\d+)?", task)
    if not numbers:
        return []
    number = r.choice(numbers)
    known = replace(fact(r), value=r.choice((number, f"{number}{r.randint(0, 99)}", f"{r.randint(1, 9)}{number}")))
    return [known.sentence]


def recalled(r: Random) -> s.Job:
    known = [f.sentence for f in facts(r, r.randint(1, 4))]
    sentence = known[0]
    subject = sentence.rstrip(".").split(" is ")[0].rsplit(": ", 1)[-1]
    subject = subject[0].lower() + subject[1:] if subject.startswith(("The ", "My ")) else subject
    task = r.choice(("What do you remember about {s}?", "Search your memory for {s}.", "Recall {s}", "What did I tell you about {s}?"))
    output = "\n".join(f"- {told}" for told in known)
    return s.Job(task.format(s=subject), f"recall {subject}", "recall", {"query": subject}, output, sentence, ("recall",))


def remembering(r: Random) -> s.Job:
    said = replace(fact(r), place="").sentence.rstrip(".")
    task = r.choice(("Remember that {s}.", "remember: {s}", "Please remember that {s}", "Note that {s}.", "Keep in mind that {s}"))
    output = texts.remembered(said)
    return s.Job(task.format(s=said), f"remember that {said}", "remember", {"text": said}, output, output, ("remember",))


def statement(r: Random) -> str:
    """Something that the owner mentions and does not ask to be kept."""
    return r.choice(STATEMENTS).format(
        v=s.noun(r, w.PLACES).title(), k=s.noun(r, w.ATTRIBUTES, 0.75), n=r.choice(w.NAMES), d=s.said_day(r, s.day(r))
    )
