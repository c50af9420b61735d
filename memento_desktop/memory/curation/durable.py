"""Which statements are worth proposing: what lasts and says something of its owner's world, not a mood or a turn of phrase."""

from __future__ import annotations

import re

from memento_desktop.memory.curation.clauses import Piece
from memento_desktop.memory.curation.phrases import ATTRIBUTES, ME
from memento_desktop.memory.curation.statements import Statement
from memento_desktop.memory.curation.templates import PERSONS, PETS
from memento_desktop.memory.curation.wording import expanded, straight, words
from memento_desktop.memory.records import Kind

EMPTY = frozenset(
    "it that this these those them him her how when what which whether why being everything anything something all your you so too "
    "very really quite getting going not always just more less definitely pretty great good bad fine ready sure here there done over up "
    "down off in mostly about actually probably trying looking thinking wondering sorry glad happy curious afraid excited worried "
    "interested able unable nothing no one none myself yourself important clear simple easy hard difficult better worse best worst "
    "basically usually especially already almost nearly only also still often sometimes never ever".split()
)
"""How values begin that are no values."""
IDLE = re.compile(
    r"\b(?:idea|fact|way|design|feeling|thought|look|sound|approach|concept|point|rest|details?|touch|shape|mind|terms|moment|challenge|"
    r"chance|opportunity|part|role|question|bit|lot|kind|sort|ton|mess|suggestions?|help|advice|options?)\b",
    re.IGNORECASE,
)
TURNS = frozenset(
    "question point problem issue idea guess concern thought hope understanding part mind apology thank pleasure answer advice opinion "
    "suggestion request task message experience impression feeling fear worry challenge reason approach thing way view take bad fault "
    "preference assumption conclusion attempt turn intention aim focus priority strategy strength weakness next step one first day life "
    "morning week time moment situation case performance progress process secret word journey heart head hand everything career "
    "philosophy outlook mission motto side end choice hour work best".split()
)
"""Heads of "my X is …" that speak of the talk rather than of the world."""
THE = frozenset("code password address number wifi key deadline appointment meeting alarm".split())
"""What "the X is …" must be of to be worth keeping."""
SOLID = {
    "called", "home", "employer", "occupation", "age", "birthday", "birthplace", "origin", "allergy", "avoids", "likes", "car", "speaks",
    "plays", "studies", "learns", "medication", "condition", "spouse", "fiancé", "diet",
}  # fmt: skip
OWNED = frozenset(
    "house flat car degree licence license phd doctorate twin garden boat motorcycle asthma diabetes migraine tattoo condominium".split()
)
TRADE = re.compile(
    r"\b\w+(?:er|or|ist|ian|eer|ect|wright|smith|man|woman)$|\b(?:nurse|chef|student|major|vegetarian|vegan|parent|father|mother|widow|pilot|judge|"
    r"freelance\s+\w+|accountant|consultant|scientist|veteran|assistant|attendant|expat|native|citizen|resident|twin|veterinarian)$",
    re.IGNORECASE,
)
NO_TRADE = re.compile(
    r"\b(?:believer|fan|lover|beginner|number|matter|member|loser|winner|reminder|customer|user|partner|bother|gamer|other|monster|either|over)$",
    re.I,
)
STATE = re.compile(
    r"(?:left-handed|right-handed|colou?r-?blind|dyslexic|diabetic|retired|divorced|married|single|deaf|blind|asthmatic|widowed)$", re.I
)
STANDING = re.compile(
    r"""(?:no[\s,]+|please[\s,]+|and[\s,]+|also[\s,]+|oh[\s,]+)*(?:
    (?:from\ now\ on|in\ (?:the\ )?future|going\ forward|from\ here\ on(?:\ out)?|henceforth)[\s,:]+(?:please\ )?
      (?P<order>(?:do\ not\ )?[a-z]+\s+\S.*)
    | (?:please\ )?(?:always|never|do\ not\ ever)\s+(?:please\ )?(?P<rule>[a-z]+\s+\S.*)
    | i\ (?:always\ )?want\ you\ to\ (?:always\ |never\ )?(?P<wish>\S+\s+\S.*)
    | (?:please\ )?(?:do\ not\ |always\ )?(?:answer|reply|respond|write|use|speak|show|give|keep|format|sign|round|ask|explain
      |avoid)\b.*
      \b(?:from\ now\ on|in\ future|every\ time|by\ default)
    )""",
    re.VERBOSE | re.IGNORECASE,
)
"""How a standing instruction is given."""
NO_ORDER = frozenset(
    "mind heard been had knew thought again seen fear say i my our we the it this that there you a an he she they is was will".split()
)
CORRECTING = re.compile(
    r"(?:no|nope|wrong|that\s+is\s+(?:wrong|not\s+right|incorrect)|correction|sorry|i\s+meant|actually)[\s,:.;–—-]+", re.IGNORECASE
)
CLAUSAL = re.compile(
    r"\b(?:it|you|that|my|our|this|how|when|stuff|things?|seeing|being|having|knowing|getting|the\s+\w+\s+of)\b|^(?:in|on|at|with)\s", re.I
)
"""Words in what is liked that make it a story."""
THINGS = frozenset("key car bicycle passport wallet laptop umbrella document tool medicine charger suitcase".split())
PREFERENCES = {"likes", "prefers", "favourite", "avoids", "called"}


def standing(piece: Piece) -> bool:
    """Whether a sentence is a standing instruction: meant for every task to come."""
    said = expanded(straight(piece.text)).rstrip(".! ")
    found = STANDING.fullmatch(said)
    if not found or len(said.split()) > 40:
        return False
    told = (found["order"] or found["rule"] or found["wish"] or "x").lower().split()
    return told[0] not in NO_ORDER and not (found["rule"] and re.fullmatch(r"\w+(?:ed|ing)", told[0]))


def durable(one: Statement) -> bool:
    """Whether a statement tells something lasting of the owner or of somebody he names."""
    first = (words(one.values[0]) or ("",))[0]
    if (first in EMPTY and "place" not in one.attribute.split()) or any(len(value.split()) > 10 for value in one.values):
        return False
    if one.past and not one.until:
        return False
    if one.noun:
        return _durable_noun(one)
    attribute = set(one.attribute.split())
    if one.subject not in (ME, "") and attribute & {"is", "has", "habit", "prefers"}:
        return False
    if attribute & SOLID:
        return _durable_verb(one, attribute)
    if "has" in attribute:
        return bool(set(words(one.said[0])[-1:]) & (OWNED | PETS | PERSONS))
    if {"number", "name"} & attribute:
        return bool(attribute & (PETS | PERSONS | {"child"}))
    if "is" in attribute:
        kind = one.said[0].strip()
        if not one.holds:
            return False
        article = re.search(rf"\ban?\s+{re.escape(kind)}", straight(one.piece.text), re.I) or kind.lower().startswith(("a ", "an "))
        return bool((article and TRADE.search(kind) and not NO_TRADE.search(kind) and len(kind.split()) <= 5) or STATE.match(kind))
    return "prefers" in attribute and not IDLE.search(one.said[0])


def _durable_verb(one: Statement, attribute: set[str]) -> bool:
    if one.values[0].split()[0] == "to" or IDLE.search(" ".join(one.said)):
        return False
    if not one.holds and not attribute & {"likes", "diet", "allergy", "home"}:
        return one.said[0][:1].isupper()
    capital = bool(re.search(r"[A-Z0-9]", one.said[0]))
    if "occupation" in attribute:
        return one.subject == ME and (capital or bool(TRADE.search(one.said[0])))
    if "employer" in attribute:
        return capital or (not one.changed and one.subject == ME and len(one.values[0].split()) <= 2)
    if attribute & {"home", "origin", "birthplace"}:
        return capital or len(one.values[0].split()) <= 3
    if "likes" in attribute:
        return all(len(value.split()) <= 5 and not CLAUSAL.search(value) for value in (*one.values, *one.said))
    return len(one.piece.text.split()) <= 30


def _durable_noun(one: Statement) -> bool:
    about = one.attribute.split()
    if TURNS & set(about) - {"favourite"}:
        return False
    if one.subject == "":
        return bool(THE & set(about)) and ("key" not in about or "place" in about)
    if len(about) > 5 or one.values[0].split()[0] == "to":
        return False
    if "is" in about:  # an adjective of somebody or something, unless it says what somebody does
        return bool(one.subject == ME and set(about) & PERSONS and TRADE.search(one.said[0]) and not NO_TRADE.search(one.said[0]))
    said = one.said[0]
    capital = bool(re.search(r"\d|[A-Z]", said))
    if "place" in about:
        return capital or bool(set(about) & THINGS)
    telling = capital or bool(set(about) & (ATTRIBUTES | {"favourite", "name", "colour"}))
    return telling and (one.subject == ME or bool(set(about) & ATTRIBUTES)) and not IDLE.search(said)


def kind_of(one: Statement, piece: Piece) -> Kind:
    """What a proposal is kept as."""
    if CORRECTING.match(expanded(straight(piece.text))):
        return "correction"
    return "preference" if PREFERENCES & set(one.attribute.split()) else "fact"
