"""What of a message is its owner's own statement: without code, quotations, pasted text, questions, tasks, conditions and hearsay."""

from __future__ import annotations

import re

from memento_desktop.memory.curation.clauses import Piece, sentences
from memento_desktop.memory.curation.wording import expanded, straight

LONG = 6000
"""Characters of a message from which most of it is taken for pasted text: only its first paragraph is read."""
FOREIGN = re.compile(
    r"""```.*?(?:```|\Z) | `[^`\n]+`                                      # code
    | ^[ \t]*(?:>|\||[-+]{3}|\$\ |at\ \w+\().*$ | ^(?:\t|[ ]{4,})\S.*$     # quoted lines, tables, listings
    | (?:^|(?<=[.!?][ ]))(?:From|To|Cc|Subject|Date|Sent|Von|An|Betreff):.*?(?:\n\s*\n.*)?\Z  # a letter, to its end
    | "[^"\n]{12,}" | “[^”]{12,}” | „[^“”]{12,}[“”] | «[^»]{12,}» | (?<!\w)'[^'\n]{25,}'(?!\w)
    """,
    re.VERBOSE | re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
GIVEN = re.compile(
    r"(?:^|[.!?\n]\s*)[^.!?\n]*\b(?:text|(?:e-?)?mail|letter|message|paragraph|article|note|log|transcript|poem|story|code|this|following|below|"
    r"sentence|passage|draft|excerpt|summary|post|review|list|notes)\b[^.!?\n]{0,60}:\s*(?=\n|\S)",
    re.IGNORECASE,
)
"""Announces material: what follows it is not what its owner says of himself."""
ASKED_OF = re.compile(r"\b(?:this|these|the\s+following|below)\b[^.!?\n]{0,60}\?[ \t]*\n", re.IGNORECASE)
"""Asks about what stands in the lines below it."""
MATERIAL = re.compile(
    r"\s*(?:(?:please|can\s+you|could\s+you|would\s+you|now|hi|hello|hey)[\s,]+)*(?:translate|rewrite|rephrase|paraphrase|proofread|summari[sz]e|"
    r"correct\s+(?:this|the|my)|fix|improve|shorten|polish|edit|reply\s+to|draft|write|compose|role-?play|pretend|act\s+as|imagine|suppose|"
    r"classify|extract|analy[sz]e|parse|explain|complete|continue)\b",
    re.IGNORECASE,
)
"""Begins a task that works on a text, or makes one up."""
STORY = re.compile(
    r"\b(?:once\s+upon\s+a\s+time|for\s+(?:example|instance)|e\.g\.|as\s+an\s+example|hypothetical(?:ly)?|in\s+(?:my|the)\s+(?:story|novel|game))\b",
    re.I,
)
HEARSAY = re.compile(
    r"\b(?:says?|said|saying|claims?|claimed|thinks?|thought|believes?|believed|wrote|writes|according\s+to|tells?|told|mentioned|heard|reads?:|"
    r"asked|asks|dreamt|dreamed|joked|quote|suppose|imagine|pretend|if|whether|wish|wonder|would|could|might|maybe|perhaps|probably)\b",
    re.IGNORECASE,
)
OWN_SAYING = re.compile(
    r"\bi\s+(?:have\s+)?(?:should|forgot\s+to|meant\s+to|wanted\s+to)\s+(?:say|mention|tell\s+you)(?:\s+that)?\b|\bas\s+i\s+(?:said|mentioned)\b",
    re.I,
)
QUESTION = re.compile(
    r"(?:what|who|whom|whose|which|where|when|why|how|is|are|am|was|were|do|does|did|can|could|should|would|will|shall|may|might|have|has)\b",
    re.I,
)


def own(text: str) -> str:
    """A message with all that is not its owner's own statement blanked out, letter for letter, so that places stay what they are."""
    if len(text) > LONG:
        end = text.find("\n\n")
        text = text[: end if 0 < end < LONG else 0] + " " * (len(text) - (end if 0 < end < LONG else 0))
    if MATERIAL.match(text):
        return _blank(text, 0, len(text))
    for found in FOREIGN.finditer(text):
        text = _blank(text, found.start(), found.end())
    if asked := ASKED_OF.search(text):
        text = _blank(text, asked.end(), len(text))
    if given := GIVEN.search(text):
        text = _blank(text, given.start(), len(text)) if text[given.end() :].strip() and _longer(text, given) else text
    return text


def _longer(text: str, given: re.Match[str]) -> bool:
    """Whether more than a word or two follows the colon: "my wifi password: hunter2" announces nothing."""
    return "\n" in text[given.end() - 2 : given.end() + 1] or len(text[given.end() :].split()) > 6


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]


def stated(text: str) -> list[Piece]:
    """The sentences of a message in which its owner may state something of his own."""
    visible = own(text)
    found: list[Piece] = []
    for piece in sentences(visible):
        said = expanded(straight(piece.text))
        if not said or said.endswith("?") or "  " in piece.text.strip() or STORY.search(said):
            continue
        if HEARSAY.search(OWN_SAYING.sub(" ", said)) or QUESTION.match(said) or MATERIAL.match(said):
            continue
        found.append(piece)
    return found
