"""Reads plain English statements by rule: of whom or what, which attribute, which value, since when. No model, no guess.

What a sentence says is one `Statement` for each clause that is understood. What is not understood is left to a comparison of texts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from memento_desktop.memory.curation import templates as t
from memento_desktop.memory.curation.clauses import Piece, clauses, sentences
from memento_desktop.memory.curation.lead_ins import LEAD, bare
from memento_desktop.memory.curation.moments import Named, named
from memento_desktop.memory.curation.phrases import ME, SMALL, UNIQUE, Thing, manner, thing
from memento_desktop.memory.curation.roundabout.plainly import plainly
from memento_desktop.memory.curation.values import BORN_ON, CUT, LIST, PLACED, PREPOSITION, TELEPHONE, shorn
from memento_desktop.memory.curation.wording import distance, expanded, plain, singular, straight, typo, words

ADVERB = re.compile(
    r",?\s*\b(?:currently|presently|actually|just|recently|finally|nowadays|these\s+days|at\s+the\s+moment|at\s+present|right\s+now|for\s+now"
    r"|already|officially|really|also|still|now|again|once\s+more|any\s*more|any\s+longer|as\s+of\s+now|basically|definitely|certainly|instead"
    r"|from\s+now\s+on|as\s+well|too|by\s+the\s+way|though|very\s+much|a\s+lot|best\s+of\s+all|of\s+course|absolutely)\b,?",
    re.IGNORECASE,
)
CHANGED = re.compile(
    r"\b(?:now|no\s+longer|any\s*more|any\s+longer|again|from\s+now\s+on|as\s+of|new|recently|finally|instead)\b", re.IGNORECASE
)
OPEN = re.compile(
    r"(?:if|unless|when|suppose|supposing|imagine|assume|assuming|say|what|who|whom|whose|which|where|why|how|is|are|am|was|were|do|does|did|"
    r"can|could|should|would|will|shall|may|might|let|maybe|perhaps|as\s+if|although|though|while|because|whether)\b",
    re.IGNORECASE,
)
"""How questions, conditions and the like begin: nothing is stated."""
HEDGE = re.compile(
    r"\b(?:might|may\s+be|maybe|perhaps|probably|possibly|would|wish|could|if|hypothetically|let\s+us\s+say|pretend|as\s+though|according\s+to)\b",
    re.IGNORECASE,
)
HAPPENED = re.compile(
    r"(?:(?:last|first|newly|recently|just|finally|already)\s+)?(?!(?:called|named|located|placed)\b)"
    r"(?:\w{2,}ed|born|built|broken|bought|sold|stolen|taken|given|lost|found|sent|paid|cut|made|done|written|held|won|left|told|hit|torn)\b",
    re.IGNORECASE,
)
"""After "was": something that happened, and no state that is over."""
PAST = re.compile(r"\b(?:was|were|lived|resided|worked|used\s+to)\b", re.IGNORECASE)
STOPPED = re.compile(rf"\b(?:have\s+|has\s+)?(?:stopped|quit|given\s+up|gave\s+up)\s+({'|'.join(t.GERUNDS)})\b", re.IGNORECASE)
NEGATED = (
    (re.compile(r"\bno\s+longer\s+", re.I), ""),
    (re.compile(r"\b(?:do|does|did)\s+not\s+", re.I), ""),
    (re.compile(r"\b(am|is|are|have|has)\s+not\s+", re.I), r"\1 "),
    (re.compile(r"^(I|we)\s+never\s+", re.I), r"\1 "),
)
WEAK = {"is", "has", "habit"}
LONGEST = 14
"""Words of a value beyond which it is a story rather than a value."""


@dataclass(frozen=True)
class Statement:
    """One thing that a clause says. Two statements are about the same when their `topic` is."""

    piece: Piece
    subject: str
    """"me", a name in lower case, or empty where a thing has no owner."""
    attribute: str
    topic: str
    values: tuple[str, ...]
    """As they are compared; several in a list."""
    said: tuple[str, ...]
    """The same as they stand in the clause."""
    many: bool = False
    """Whether another value adds to it rather than taking its place."""
    holds: bool = True
    past: bool = False
    changed: bool = False
    since: str | None = None
    until: str | None = None
    rest: str = ""
    """What the clause says beside."""
    noun: bool = False
    """Whether it is said by "X is Y"; then `attribute` is made of the words of X."""
    bare: bool = False
    """Whether nothing says whose it is: "gate code 12" may be the owner's."""
    plain: str = ""
    """The clause as it was read, where it says that in a roundabout way."""
    right: str = ""
    """The clause with its mistyped words put right, where it was read so."""


@dataclass(frozen=True)
class _Clause:
    """A clause made ready for the templates."""

    piece: Piece
    text: str
    """Without times, negation and adverbs."""
    dated: str
    """The same, where a date may be what is told."""
    time: Named
    dated_time: Named
    holds: bool
    past: bool
    changed: bool


@lru_cache(maxsize=2048)
def read(text: str, said: datetime) -> tuple[Statement, ...]:
    """What a text states, clause by clause; clauses that are not understood are left out.

    Args:
        said: when, with a time zone: what "last week" and "since May" are reckoned from.
    """
    return tuple(statement for sentence in sentences(text) for piece in clauses(sentence) for statement in of_clause(piece, said))


def of_clause(piece: Piece, said: datetime) -> list[Statement]:
    """What one clause states; nothing for a question, a condition, or what no template fits."""
    spelled = _respelled(piece, t.SURE) or piece
    found = _read(spelled, said)
    if _weak(found) and (again := _respelled(spelled, t.VOCABULARY)):
        better = _read(again, said)
        spelled, found = (again, better) if better and not (found and _weak(better)) else (spelled, found)
    if spelled is not piece:
        found = [replace(one, piece=piece, right=spelled.text) for one in found]
    return [statement for statement in found if statement.values and all(len(v.split()) <= LONGEST for v in statement.values)]


def right(text: str, statements: Sequence[Statement]) -> str:
    """A text with the mistyped words put right that hid what it states; what else is mistyped is left."""
    for one in sorted({(one.piece.start, one.piece.end, one.right) for one in statements if one.right}, reverse=True):
        text = text[: one[0]] + one[2] + text[one[1] :]
    return text


def _read(piece: Piece, said: datetime) -> list[Statement]:
    """What a clause states as it stands, or said more plainly where it stands in a roundabout way."""
    if plainer := _plainer(piece, said, first=True):
        return plainer
    found = _fitting(piece, said)
    return (_plainer(piece, said, first=False) or found) if _weak(found) else found


def _plainer(piece: Piece, said: datetime, first: bool) -> list[Statement]:
    for text in plainly(piece.implied + piece.text, first):
        found = _fitting(replace(piece, text=text, implied=""), said)
        if not _weak(found):
            return [replace(one, piece=piece, plain=text) for one in found]
    return []


def _weak(found: Sequence[Statement]) -> bool:
    """Whether nothing is stated, or nothing but that something "is" or "has" something."""
    return all(WEAK & set(one.attribute.split()) for one in found)


def titled(text: str, statements: Sequence[Statement]) -> str:
    """A text as it is listed and found: mistyped words put right, and where it is worded otherwise than what it states, how it was read:
    "Home is Bern for me (I live in Bern)"."""
    title, held = right(text, statements), {singular(word) for word in words(text)}
    plainer = (re.sub(r"^now\s+|\b(is|are)\s+now\b|\s+now$", r"\1", one.plain).strip() for one in statements if one.plain)
    added = [said for said in dict.fromkeys(plainer) if {singular(word) for word in words(said)} - held - SMALL]
    return f"{title} ({'; '.join(added)})" if added else title


def _fitting(piece: Piece, said: datetime) -> list[Statement]:
    ready = _ready(piece, said)
    return (_rule(ready) or _by_verb(ready) or _by_noun(ready)) if ready else []


def _respelled(piece: Piece, vocabulary: frozenset[str]) -> Piece | None:
    """A clause with the mistyped words put right that templates rest on; None where there is none."""

    def meant_by(found: re.Match[str]) -> str:
        word = found[0].lower()
        if found[0] != word and found.start():
            return found[0]  # a name
        return _meant(word, vocabulary) or found[0]

    text = re.sub(r"[^\W\d_]{4,}", meant_by, piece.text)
    return replace(piece, text=text) if text != piece.text else None


@lru_cache(maxsize=8192)
def _meant(word: str, vocabulary: frozenset[str]) -> str:
    """The word of a vocabulary that a word is likely mistyped for; empty where there is none."""
    if word in t.VOCABULARY or word in t.KNOWN or word in t.SURE:
        return ""
    slips = 1 if len(word) < 10 else 2  # a passport is no password
    meant = [known for known in vocabulary if word[0] == known[0] and typo(word, known) and distance(word, known) <= slips]
    return min(meant, key=lambda known: (distance(word, known), known), default="")


def _ready(piece: Piece, said: datetime) -> _Clause | None:
    text = expanded(straight(piece.implied + piece.text)).rstrip()
    if text.endswith("?"):
        return None
    changed = bool(CHANGED.search(text))
    text = bare(text)
    if not text or OPEN.match(text) or HEDGE.search(text):
        return None
    text = re.sub(r"\bcan\s+not\s+(?:stand|bear|abide)\b", "hate", text, flags=re.I)
    text = re.sub(r"^(?:i|I)\s+have\s+(?=(?:lived|worked|been)\b)", "I have ", text)
    holds, past = True, bool(PAST.search(text))
    if stopped := STOPPED.search(text):
        text, holds, changed = text[: stopped.start()] + t.GERUNDS[stopped[1].lower()] + text[stopped.end() :], False, True
    for pattern, whole in NEGATED:
        text, count = pattern.subn(whole, text)
        if count and not holds:
            return None  # twice negated
        holds = holds and not count
    if re.search(r"\b(?:am|is|are|was|get|got)\s+used\s+to\b", text, re.I):
        return None
    text, usual = re.subn(r"\bused\s+to\s+(be\b)?", lambda m: "is " if m[1] else "", text, count=1, flags=re.I)
    time, dated = named(text, said, past), named(text, said, past, adverbs=False)
    text, plain_dated = (" ".join(ADVERB.sub(" ", part).split()).strip(" ,") for part in (time.text, dated.text))
    return _Clause(piece, text, plain_dated, time, dated, holds, bool(usual), changed)


def _statement(
    clause: _Clause, about: Thing, attribute: str, value: str, many: bool = False, dated: bool = False, **more: bool
) -> Statement:
    """A statement from its parts: the value is cut where the clause goes on, and taken apart where it is a list."""
    time = clause.dated_time if dated else clause.time
    kept = CUT.sub("", value).strip(" ,.;")
    rest = value[len(kept) :].strip(" ,.;") if value.startswith(kept) else ""
    parts = [part for part in LIST.split(kept) if part] if many else [kept]
    if "place" not in attribute.split():
        parts = [PREPOSITION.sub("", part) for part in parts]
    parts = [shorn(part.strip(), attribute) for part in parts if plain(part)]
    parts = [PREPOSITION.sub("", part) if "place" not in attribute.split() else part for part in parts]
    past, changed = more.get("past", False) or clause.past or about.past, more.get("changed", False) or clause.changed or about.changed
    since, until = time.since, time.until
    if time.when is not None:
        since, until = (since or time.when[0], until or time.when[1]) if past else (since or (time.when[0] if changed else None), until)
    named_words = words(attribute)
    return Statement(
        clause.piece, about.owner, attribute, " ".join(sorted({about.owner, *named_words} - {""})), tuple(plain(part) for part in parts),
        tuple(parts), many, clause.holds == more.get("holds", True), past, changed, since, until, rest, more.get("noun", False), about.bare,
    )  # fmt: skip


def _rule(clause: _Clause) -> list[Statement]:
    """Standing instructions and how to be called."""
    if (called := t.CALL_ME.match(clause.text)) and not t.NO_NAME.match(called["v"]):
        return [_statement(clause, Thing(ME, ()), "name called", called["v"], changed=True)]
    whole = straight(clause.piece.text).rstrip(".! ")
    if answer := t.ANSWER_IN.match(LEAD.sub("", whole)):
        return [_statement(clause, Thing("", ()), "rule answer language", answer["v"])]
    if (rule := t.RULE.match(expanded(whole))) and rule["v"].split()[0].lower() not in ("a", "the", "my", "our"):
        holds = rule["how"].lower() == "always"
        return [_statement(replace(clause, holds=True), Thing("", ()), "rule", rule["v"], many=True, holds=holds)]
    return []


def _by_verb(clause: _Clause) -> list[Statement]:
    """ "I live in Bern", "Ruth works at the museum", "my sister is allergic to nuts"."""
    tokens = (clause.dated if "born" in clause.dated else clause.text).split()
    if not tokens:
        return []
    for count in range(1, min(5, len(tokens))):
        about = thing(" ".join(tokens[:count]))
        if about is None or (count == 1 and tokens[0].lower() in ("my", "our", "the")):
            continue
        if about.words and about.words[-1] not in t.PERSONS | t.PETS:
            continue  # a thing neither lives nor likes
        if found := _predicate(clause, about, " ".join(tokens[count:])):
            return found
        if about == Thing(ME, ()):
            break
    return []


def _predicate(clause: _Clause, about: Thing, predicate: str) -> list[Statement]:
    """What is said of somebody, by the first template that fits."""
    own = " ".join(about.words)
    whole, predicate = predicate, CUT.sub("", predicate).rstrip(" ,")
    if found := t.NAMED.match(predicate):
        pet = thing(f"my {found['n']}")
        return [_statement(clause, Thing(about.owner, ()), f"{own} {' '.join(pet.words)} name", found["v"], many=True)] if pet else []
    for pattern in (t.USED_AS, t.OWN_CHANGE):
        if (found := pattern.match(predicate)) and (what := thing(found["n"])):
            whose = replace(what, owner=about.owner)
            return _of_noun(clause, whose, found["v"], False, pattern is t.OWN_CHANGE, "")
    if found := t.COUNT.match(predicate):
        value = "0" if found["n"] and found["v"].lower() == "no" else found["v"]
        counted = _statement(clause, about, f"{own} number {plain(found['n'].rstrip('s'))}", value)
        return [replace(counted, rest=found["r"].strip(" ,"))]
    for template in t.TEMPLATES:
        dated = template.attribute in ("birthday", "birthplace", "age")
        if found := template.pattern.match(predicate):
            value = found["v"] + (whole[len(predicate) :] if predicate.endswith(found["v"]) else "")
            return _fitted(clause, about, template, value, dated)
    if found := re.match(r"(?:am|is|are)\s+(?P<v>.+)$", predicate, re.I) if about == Thing(ME, ()) else None:
        return [_statement(clause, about, "is", found["v"], many=True)]
    return []


def _fitted(clause: _Clause, about: Thing, template: t.Template, value: str, dated: bool) -> list[Statement]:
    own = " ".join(about.words)
    attribute, many = template.attribute, template.many
    also: list[Statement] = []
    if attribute in ("occupation", "employer") and (cut := re.search(r"\s+(?:at|for|as)\s+", value)):
        other = "occupation" if attribute == "employer" else "employer"
        if (cut[0].strip().lower() == "as") == (attribute == "employer"):
            also = [_statement(clause, about, f"{own} {other}", value[cut.end() :], changed=template.changed, past=template.past)]
            value = value[: cut.start()]
    bare = PREPOSITION.sub("", value)
    if (attribute == "name called" and t.NO_NAME.match(value)) or (attribute == "employer" and t.NO_EMPLOYER.match(value)):
        return []
    if attribute == "home" and re.match(r"(?:an?|my|our)\s|the\s+(?![A-Z])", bare):
        attribute = "home kind"
    elif attribute == "home" and t.COUNTRIES & set(words(CUT.sub("", bare))[-1:]) and len(words(CUT.sub("", bare))) == 1:
        attribute = "home country"
    elif attribute == "studies" and value.lower().startswith("at "):
        attribute = "school"
    elif attribute == "birthplace" and BORN_ON.match(value):
        attribute, dated = "birthday", True
    if attribute == "prefers":
        attribute, value, many = _preferred(value)
    if attribute == "name called" and about != Thing(ME, ()):
        attribute, many = "name", about.words[-1:] != () and about.words[-1] not in UNIQUE
    said = _statement(
        clause, about, f"{own} {attribute}".strip(), value, many, dated, holds=template.holds, past=template.past, changed=template.changed
    )
    return [said, *also]


def _preferred(value: str) -> tuple[str, str, bool]:
    """ "tea to coffee" is a choice between two; "window seats" says which seats; "trains" alone is one thing that is liked."""
    kept = CUT.sub("", value)
    if versus := re.match(r"(.+?)\s+(?:to|over|rather\s+than|instead\s+of)\s+(.+)$", kept, re.I):
        pair = sorted((plain(versus[1]), plain(versus[2])))
        return f"prefers {' '.join(pair)}", versus[1], False
    tokens = kept.split()
    if 2 <= len(tokens) <= 4 and not LIST.search(f" {kept} "):
        return f"prefers {plain(tokens[-1])}", " ".join(tokens[:-1]), False
    return "likes", value, True


def _by_noun(clause: _Clause) -> list[Statement]:
    """ "My locker code is 4471", "the code of the gate has changed to 12", "oolong is my favourite tea"."""
    text = clause.dated
    if best := t.LIKED_BEST.match(text):
        text = f"my favourite {best['n']} is {best['v']}"
    elif short := t.SHORT.match(text):
        text = f"{short['s']} is {short['v']}"
    for pattern in (t.CHANGE, t.HAPPENS, t.COPULA):
        found = pattern.match(text)
        if not found:
            continue
        phrase, value, past = found["s"], found["v"], False
        if pattern is t.COPULA:
            phrase, value = _turned(phrase, value)
            if found["sign"] and not re.match(r"(?:my|our|the)\s|[\w-]+'s\s", phrase, re.I):
                continue
            past = (found["verb"] or "").lower() in ("was", "were")
            if past and HAPPENED.match(value):
                continue  # what was done once does not cease to have been done
        about = thing(phrase)
        if about is None or about == Thing(ME, ()):
            continue
        return _of_noun(clause, about, value, past, pattern is t.CHANGE, found["a"] if pattern is t.HAPPENS else "")
    return []


def _turned(phrase: str, value: str) -> tuple[str, str]:
    """ "4471 is my locker code" the other way round."""
    theirs = re.match(r"(?:my|our)\s|[A-Z][\w-]*'s\s|the\s+[\w -]+\s+(?:of|for)\s", value)
    if theirs and not re.match(r"(?:my|our|the)\s|[\w-]+'s\s", phrase, re.I) and thing(value):
        return CUT.sub("", value), phrase
    return phrase, value


def _of_noun(clause: _Clause, about: Thing, value: str, past: bool, changed: bool, happens: str) -> list[Statement]:
    if re.match(r"(?:called|named)\s", value, re.I):
        about, value = replace(about, words=(*about.words, "name")), re.sub(r"^\w+\s+", "", value)
    value = PLACED.sub("", value)
    how, many = ("", False) if happens else manner(about, value)
    if happens and happens.split()[-1] != "with":
        how = plain(happens).rstrip("s")
    if happens and happens.split()[-1] == "with":
        how = "code"
    if "name" in about.words and how == "name":
        how = ""
    attribute = " ".join(dict.fromkeys((*about.words, *how.split())))
    if not attribute:
        return []
    if about.words == ("number",) and about.owner and TELEPHONE.match(value):
        attribute = "phone"
    many = many or attribute == "favourite"  # of what, it does not say
    return [_statement(clause, about, attribute, value, many, dated=True, past=past, changed=changed, noun=True)]
