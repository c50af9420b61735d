"""A made-up owner's month: what he says, mistypes, takes back, edits and deletes, with the truth of every moment beside it.

`usual` wordings are the ones a reader of plain English is expected to know; `other` wordings were written down apart, as people say it, and
the rules were not fitted to them; `fresh` ones are a second such set, see `month_fresh`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Literal

from tests.month_fresh import FRESH

START = datetime(2026, 3, 1, 7, 0, tzinfo=UTC)
DAYS = 30
Wording = Literal["usual", "other", "fresh"]
Deed = Literal["say", "chat", "edit", "delete", "purge"]


@dataclass(frozen=True)
class Attribute:
    """One thing in the owner's world that has a value at a time, or several (`many`)."""

    name: str
    ask: str
    values: tuple[str, ...]
    usual: tuple[str, ...]
    other: tuple[str, ...]
    many: bool = False
    gone: str = ""
    """How one of several values is taken back."""


def _code(thing: str, values: str) -> Attribute:
    return Attribute(
        f"{thing} code", f"What is the code of my {thing}?", tuple(values.split()),
        (f"My {thing} code is {{v}}", f"the code of my {thing} is {{v}}", f"{{v}} is my {thing} code", f"My {thing} code is {{v}} now",
         f"My new {thing} code is {{v}}", f"I changed my {thing} code to {{v}}"),
        (f"for the {thing} you have to punch in code {{v}}", f"my {thing} code got changed, it's {{v}} these days",
         f"{thing}: the code is {{v}}", f"The code that opens my {thing} is {{v}}"),
    )  # fmt: skip


def _of_person(person: str, what: str, values: tuple[str, ...]) -> Attribute:
    return Attribute(
        f"{person}'s {what}", f"What is {person}'s {what}?", values,
        (f"{person}'s {what} is {{v}}", f"the {what} of {person} is {{v}}", f"{person}'s {what} is {{v}} now",
         f"{person}'s new {what} is {{v}}"),
        (f"{person} has a {what}, namely {{v}}", f"{person}'s got {{v}} as {what}", f"put down {{v}} as {person}'s {what}"),
    )  # fmt: skip


def _mine(what: str, ask: str, values: tuple[str, ...]) -> Attribute:
    return Attribute(
        what, ask, values,
        (f"My {what} is {{v}}", f"{{v}} is my {what}", f"My {what} is {{v}} now", f"My {what} has changed to {{v}}"),
        (f"When it comes to my {what}, it's {{v}}", f"As {what} I have {{v}}", f"As for my {what}: {{v}} it is"),
    )  # fmt: skip


ATTRIBUTES = (
    _code("locker", "4471 5512 9083 7716"),
    _code("garage", "2231 8804 1957 6320"),
    _code("bike lock", "311 742 905 118"),
    _code("safe", "60-14-22 71-35-08 19-90-44 55-12-63"),
    _of_person("Ruth", "phone number", ("079 555 01 22", "078 555 43 21", "076 555 88 10")),
    _of_person("Tom", "birthday", ("3 May", "4 May", "14 August")),
    _of_person("Anna", "address", ("Lindenweg 4", "Seestrasse 19", "Bahnhofplatz 7")),
    _mine("favourite tea", "What is my favourite tea?", ("oolong", "sencha", "rooibos", "darjeeling")),
    _mine("favourite film", "What is my favourite film?", ("Metropolis", "Casablanca", "Amélie", "Alien")),
    _mine("dentist", "Who is my dentist?", ("Dr. Keller", "Dr. Moretti", "Dr. Baumann")),
    _mine("insurance number", "What is my insurance number?", ("756.1122", "756.9034", "756.4410")),
    _mine("wifi password", "What is my wifi password?", ("bluewhale77", "redpanda31", "snowowl88")),
    _mine("shoe size", "What is my shoe size?", ("41", "42", "43")),
    Attribute(
        "team meeting", "When is my team meeting?", ("Tuesday at 9:00", "Thursday at 14:00", "Monday at 10:30"),
        ("My team meeting is on {v}", "My team meeting is on {v} now", "My team meeting has moved to {v}", "Our team meeting is on {v}"),
        ("we hold our team meeting {v} now", "team meeting: {v} from here on", "The team meeting I have is {v}"),
    ),
    Attribute(
        "home", "Where do I live, where have I moved to, where is my home?", ("Bern", "Basel", "Geneva", "Lugano"),
        ("I live in {v}", "I moved to {v}", "I'm living in {v} now", "I've moved to {v}", "My home is in {v}", "i live in {v}"),
        ("{v} is where I live", "my flat is in {v} these days", "We packed up and went to live in {v}", "I call {v} home"),
    ),
    Attribute(
        "employer", "Which company do I work at, have a job at, did I join, start working for?",
        ("Helvetia Labs", "Alpine Robotics", "Nordwind", "Brightwater"),
        ("I work at {v}", "I work for {v}", "I joined {v}", "I started working at {v}", "I have a new job at {v}"),
        ("{v} is the company I work at", "{v} pays my salary, I work there", "I'm on the payroll of {v}, work is there now"),
    ),
    Attribute(
        "car", "What car do I drive?", ("Volvo", "Fiat", "Tesla"),
        ("I drive a {v}", "My car is a {v}", "I'm driving a {v} now"),
        ("The car I own is a {v}", "a {v} is what I drive", "We got ourselves a {v} as our car"),
    ),
    Attribute(
        "called", "What should you call me, what name do I go by?", ("Sam", "Sammy", "Max", "Robin"),
        ("Call me {v}", "I go by {v}", "Please call me {v} from now on", "you can call me {v}"),
        ("{v} is what people call me", "Use {v} when you call me by name", "I'd rather you call me {v}"),
    ),
    Attribute(
        "keys", "Where are the spare keys?", ("in the garden shed", "under the blue pot", "in the kitchen drawer"),
        ("The spare keys are {v}", "The spare keys are hidden {v}", "The spare keys are now kept {v}"),
        ("You find the spare keys {v}", "I put the spare keys {v}", "If you look for the spare keys, they're {v}"),
    ),
    Attribute(
        "seat", "Which seats do I prefer?", ("window", "aisle"),
        ("I prefer {v} seats", "I prefer {v} seats now", "I now prefer {v} seats"),
        ("{v} seats are what I like best", "book me {v} seats, I prefer those", "Give me {v} seats whenever you can"),
    ),
    Attribute(
        "allergy", "What am I allergic to?", ("walnuts", "shellfish", "pollen", "penicillin"),
        ("I'm allergic to {v}", "I have an allergy to {v}", "I am allergic to {v}"),
        ("{v} give me an allergic reaction", "my body cannot handle {v}, allergic", "Doctor confirmed that I'm allergic to {v}"),
        many=True, gone="I'm no longer allergic to {v}",
    ),
    Attribute(
        "likes", "What do I like, love, enjoy?", ("hiking", "black coffee", "jazz", "crossword puzzles", "swimming"),
        ("I like {v}", "I love {v}", "I really enjoy {v}", "I'm fond of {v}"),
        ("{v} makes me happy, I like it", "Nothing beats {v}, I love it", "I've always been one for {v}, I enjoy it"),
        many=True, gone="I don't like {v} any more",
    ),
    Attribute(
        "speaks", "Which languages do I speak?", ("German", "French", "Italian", "Polish"),
        ("I speak {v}", "I speak {v} too", "I'm fluent in {v}"),
        ("My {v} is good enough to speak it daily", "{v} is a language I speak", "you may talk {v} to me, I speak it"),
        many=True, gone="I no longer speak {v}",
    ),
)  # fmt: skip
CHATTER = (
    "What is the code of the locker again?", "Add up 12 and 30.", "How far is it from Bern to Basel?",
    "If I lived in Lugano, I would swim more.",
    "Translate: my locker code is 1234", "Tom says my garage code is 9999.",
    "Can you summarise this text: I live in Paris and I drive a Lada.",
    "Imagine my home is in Oslo.", "Is my favourite tea sencha?", "I wish I worked at Nordwind.", "Thanks, that helps.",
    "I might move to Geneva.",
    "> I live in Madrid\nwhat does that mean?", "```\nmy safe code is 00-00-00\n```\nexplain this", "Let's say my shoe size is 50.",
)  # fmt: skip


@dataclass(frozen=True)
class Event:
    """One thing that happens: what is said or done, about which attribute and value; `holds` False takes a value back."""

    at: datetime
    deed: Deed
    text: str = ""
    attribute: Attribute | None = None
    value: str = ""
    holds: bool = True
    accepted: bool = True
    """Of what is said in a chat: whether the owner accepts the proposal that is drawn from it."""


@dataclass
class Month:
    events: list[Event] = field(default_factory=list["Event"])
    truth: dict[str, list[tuple[datetime, frozenset[str]]]] = field(default_factory=dict[str, "list[tuple[datetime, frozenset[str]]]"])
    """For each attribute since when which values hold; an empty set after it was deleted: nothing is known."""

    def at(self, name: str, moment: datetime) -> frozenset[str] | None:
        """What is true at a moment; None before anything was said."""
        known = [values for since, values in self.truth.get(name, []) if since <= moment]
        return known[-1] if known else None


def mistyped(text: str, random: Random, but: str) -> str:
    """`text` with one slip in a longer word that is not part of the value."""
    words = text.split(" ")
    places = [n for n, word in enumerate(words) if len(word) >= 5 and word.isalpha() and word.islower() and word not in but.split()]
    if not places:
        return text
    n = random.choice(places)
    word, k = words[n], random.randrange(1, len(words[n]) - 1)
    slips = (word[:k] + word[k + 1] + word[k] + word[k + 2 :], word[:k] + word[k + 1 :], word[:k] + word[k] + word[k:])
    words[n] = random.choice(slips)
    return " ".join(words)


def month(seed: int, statements: int = 600, wording: Wording = "usual") -> Month:
    """A month of so many statements. The first mention of each value sequence is said plainly; then come repeats and changes of mind."""
    random, made = Random(seed), Month()
    now: dict[str, set[str]] = {}
    refused: set[tuple[str, str]] = set()  # deleted or rejected once: told again only with "remember that"
    gap = timedelta(days=DAYS) / statements
    said = 0
    moment = START
    while said < statements:
        moment += gap
        attribute = random.choice(ATTRIBUTES)
        known = now.get(attribute.name, set())
        roll = random.random()
        event: Event | None = None
        if roll < 0.06:
            event = Event(moment, "chat", random.choice(CHATTER))
        elif roll < 0.09 and known:
            event = _removed(moment, attribute, known, random)
        elif roll < 0.11 and known and not attribute.many and attribute.name not in ("called", "keys", "team meeting"):
            event = _edited(moment, attribute, known, random)
        event = event or _said(moment, attribute, known, random, wording)
        if event.deed == "chat" and (attribute.name, event.value) in refused:
            event = replace(event, deed="say", accepted=True)
        made.events.append(event)
        said += event.deed in ("say", "chat")
        if event.deed in ("delete", "purge") or not event.accepted:
            refused.add((attribute.name, event.value))
        if event.attribute is not None and event.accepted:
            now[attribute.name] = _after(event, known)
            made.truth.setdefault(attribute.name, []).append((moment, frozenset(now[attribute.name])))
    return made


def _after(event: Event, known: set[str]) -> set[str]:
    if event.deed in ("delete", "purge"):
        return known - {event.value}
    if event.attribute is not None and event.attribute.many:
        return known | {event.value} if event.holds else known - {event.value}
    return {event.value}


def _removed(moment: datetime, attribute: Attribute, known: set[str], random: Random) -> Event:
    return Event(moment, random.choice(("delete", "delete", "purge")), "", attribute, random.choice(sorted(known)))


def _edited(moment: datetime, attribute: Attribute, known: set[str], random: Random) -> Event:
    value = random.choice([one for one in attribute.values if one not in known])
    return Event(moment, "edit", attribute.usual[0].format(v=value), attribute, value)


def _said(moment: datetime, attribute: Attribute, known: set[str], random: Random, wording: Wording) -> Event:
    forms = {"usual": attribute.usual, "other": attribute.other, "fresh": FRESH[attribute.name]}[wording]
    if attribute.many and known and random.random() < 0.12:
        value = random.choice(sorted(known))
        return Event(moment, "say", attribute.gone.format(v=value), attribute, value, holds=False)
    change = not known or random.random() < (0.3 if attribute.many else 0.16)
    others = [one for one in attribute.values if one not in known]
    value = random.choice(others) if change and others else random.choice(sorted(known))
    text = random.choice(forms).format(v=value)
    text = text[0].upper() + text[1:] if random.random() < 0.5 else text
    if value in known and random.random() < 0.25:
        text = mistyped(text, random, value)
    text += random.choice(("", ".", "", "!"))
    if random.random() < 0.35:
        return Event(moment, "chat", text, attribute, value, accepted=value in known or random.random() < 0.75)
    return Event(moment, "say", text, attribute, value)
