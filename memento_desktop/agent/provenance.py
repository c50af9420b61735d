"""What a tool call may be made of: the guard between memory and the tools. The model is assumed to be fooled; code decides.

Memories that nobody vouched for (imported, from the web, made by a tool, of a tainted task) may inform a plan. While one of them is in
view, a call is refused when

1. a telling word or number of an argument stands in such a memory, and in nothing that the owner said or vouched for;
2. an argument names something by path, address or identifier (`a/b`, `a.b`, `a@b`, `a:b`, `a_b`, or any value of a parameter in `PLACES`)
   that the owner neither said nor vouched for: it may be a planted name in disguise, such as in base64, so it needs no likeness to one;
3. the tool does more than read or compute, and the owner's task and standing instructions do not call it by its name. No word of the
   arguments needs to be borrowed for that: what was planted is the act.

What a tool brought clears nothing of this, else a planted "list the files, then read the one with s" would vouch for itself. Refusing too
much costs little: the loop then plans anew without those memories, and whatever results bring may be used.

Texts are compared without case, accents, invisible characters, Unicode look and URL escapes; a word also where it was split or joined.
What it cannot see: a choice among a tool's own constants (total for average), or among things that the owner himself named, now or in a
memory that is in view; an argument left out; an ordinary word that was translated or encoded and then stands nowhere; a planted answer,
which needs no call at all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, cast
from urllib.parse import unquote

from memento_desktop.agent.ports import JsonSchema, PastCase, Recalled, ToolSpec

HARMLESS = frozenset({"read", "compute"})
MEMORY_TOOLS = frozenset({"recall"})
"""Their results are memories whose origin is not told: they count as ones that nobody vouched for."""
PLACES = frozenset(
    "path paths file files filename file_name folder directory url uri link address host to cc bcc recipient recipients".split()
)
"""Parameters whose value names where something is or goes, however it is spelled."""
STOP_WORDS = frozenset(
    "a an and are as at be but by can do does for from has have how i if in into is it its let me my no not of on or our s so t that "
    "the their them then there these they this those to up was we were what when where which who why will with you your".split()
)
LONG = 4
"""Letters from which a word counts as borrowed also where it is part of another, or split: shorter ones are in every text by chance."""
JOINED = 8
"""Pieces of a source that may stand apart there and together in a name: `old trips may.csv`."""
DEEP = 16
WORD = re.compile(r"[^\W\d_]+|\d+")
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
GAP = re.compile(r"[\s\"'“”‘’«»„`<>()\[\]{},;|=]+")
SEPARATOR = re.compile(r"(?<=\w)[./\\@:_]+(?=\w)")
FOLDER = re.compile(r"[/\\]")
LETTER = re.compile(r"[^\W\d_]")


def folded(text: str) -> str:
    """`text` as it is compared: decomposed (NFKD), without accents and invisible characters, case folded."""
    kept = (c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) not in ("Mn", "Cf"))
    return THOUSANDS.sub("", "".join(kept).casefold())


def decoded(text: str) -> str:
    """`text` with URL escapes resolved, also where they were escaped twice."""
    return unquote(unquote(text))


def words(text: str) -> list[str]:
    """Words and numbers of a folded text: without a plural's s, without leading zeros."""
    return [_plain(word) for word in WORD.findall(text)]


def _plain(word: str) -> str:
    if word.isdecimal():
        return word.lstrip("0") or "0"
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


def squeezed(text: str) -> str:
    """The letters and digits of a folded text."""
    return "".join(WORD.findall(text))


def pieces(text: str) -> list[str]:
    """What stands between spaces, quotes and brackets in a folded text, with the marks of a sentence around it taken off."""
    return [piece for part in GAP.split(text) if (piece := part.strip(".,:;!?…*/\\-~&#%$€£+^"))]


def is_name(piece: str) -> bool:
    """Whether a piece names something by path, address or identifier. Decimals, fractions, dates and times do not."""
    separators = len(SEPARATOR.findall(piece))
    return separators > 0 and (bool(LETTER.search(piece)) or separators > 2)


class _Source:
    """Texts that arguments are compared with."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self.words: set[str] = set()
        self.names: set[str] = set()
        self.letters = ""
        for text in texts:
            self.add(text)

    def add(self, text: str) -> None:
        for form in dict.fromkeys((folded(text), folded(decoded(text)))):
            self.words.update(words(form))
            self.letters += "\n" + squeezed(form)
            parts = [squeezed(piece) for piece in pieces(form)]
            self.names.update("".join(parts[i:j]) for i in range(len(parts)) for j in range(i + 1, min(len(parts), i + JOINED) + 1))

    def holds(self, word: str) -> bool:
        """Whether a word stands here, be it as part of another or split."""
        return word in self.words or (len(word) >= LONG and word in self.letters)


class Guard:
    """Knows, for one task, who said what. Let it `hear` every result of a tool; ask for its `refusal` before every call."""

    def __init__(self, task: str, recalled: Recalled, today: date, tools: Sequence[ToolSpec] = ()) -> None:
        """`task` and `recalled.instructions` are the owner's own words. `tools` lend their words to plans, not to arguments."""
        notes = (*recalled.facts, *recalled.lessons)
        trusted = (*(_case_text(c) for c in recalled.cases if c.trusted), *(n.text for n in notes if n.trusted))
        self.asked = _Source((task, *recalled.instructions)).words
        self.vouched = _Source((task, *recalled.instructions, f"Today: {today:%A %d %B %Y} {today.isoformat()}", *trusted))
        self.doubtful = _Source((*(_case_text(c) for c in recalled.cases if not c.trusted), *(n.text for n in notes if not n.trusted)))
        self.known = _Source(part for tool in tools for part in _vocabulary(tool)).words

    @property
    def wary(self) -> bool:
        """Whether a memory that nobody vouched for is in view."""
        return bool(self.doubtful.letters)

    def hear(self, tool: str, text: str) -> None:
        """What a call brought, as the model reads it: it counts where it comes from memory."""
        if tool in MEMORY_TOOLS:
            self.doubtful.add(text)

    def borrowed(self, text: str) -> bool:
        """Whether a plan or a result holds a telling word that only a memory which nobody vouched for has."""
        return self.wary and any(self._borrowed(word) for word in _telling(folded(text)) if word not in self.known)

    def refusal(self, tool: ToolSpec, args: Mapping[str, Any]) -> str:
        """Why a call may not be made, in words for the model and the owner; empty when it may."""
        if not self.wary:
            return ""
        if tool.risk not in HARMLESS and not set(words(folded(tool.name))) <= self.asked:
            return f"{tool.name} is refused: the task does not ask for it by name, and a memory that nobody vouched for may have."
        for name, value in args.items():
            for place, leaf in _leaves(name, value, tool.parameters.get(name, {})):
                if wrong := self._wrong(place, leaf):
                    return f"This call is refused: the {name} stands {wrong}. Take it from the task."
        return ""

    def _wrong(self, place: str, leaf: str) -> str:
        """What is wrong with one text or number of an argument."""
        for form in dict.fromkeys((folded(leaf), folded(decoded(leaf)))):
            telling = _telling(form)
            whole = squeezed(form)
            if any(self._borrowed(word) for word in telling) or (
                len(whole) >= LONG and whole in self.doubtful.letters and not self._explained(telling)
            ):
                return "only in a memory that nobody vouched for"
        form = folded(decoded(leaf))
        if any(map(self._foreign, pieces(form))) or (place in PLACES and not self._explained(_telling(form))):
            return "in nothing that the owner said"
        return ""

    def _borrowed(self, word: str) -> bool:
        return word not in self.vouched.words and self.doubtful.holds(word)

    def _explained(self, telling: Iterable[str]) -> bool:
        return all(word in self.vouched.words for word in telling)

    def _foreign(self, piece: str) -> bool:
        """Whether a name is not vouched for, neither as a whole nor folder by folder."""
        if not is_name(piece) or (name := squeezed(piece)) in self.vouched.names:
            return False
        return name in self.doubtful.letters or any(part not in self.vouched.names for part in map(squeezed, FOLDER.split(piece)) if part)


def _telling(text: str) -> list[str]:
    """The words of a folded text that say something; all of them where there is no other."""
    found = words(text)
    return [word for word in found if word not in STOP_WORDS] or found


def _case_text(case: PastCase) -> str:
    """A case that failed vouches for its task and its correction: what did not work is no example."""
    plan = case.plan if case.worked or not case.trusted else ()
    return "\n".join((case.task, *plan, case.correction))


def _vocabulary(tool: ToolSpec) -> Iterator[str]:
    yield from (tool.name, tool.summary, tool.usage, *tool.parameters)
    for schema in tool.parameters.values():
        yield from map(str, _constants(schema))


def _constants(schema: JsonSchema) -> list[Any]:
    return [*schema.get("enum", ()), *([schema["const"]] if "const" in schema else [])]


def _leaves(place: str, value: Any, schema: JsonSchema, depth: int = 0) -> Iterator[tuple[str, str]]:
    """The texts and numbers in an argument, each with the name of its parameter, but for the tool's own constants.

    What lies deeper than anybody nests is taken as one text.
    """
    if value is None or isinstance(value, bool) or value in _constants(schema):
        return
    if isinstance(value, dict) and depth < DEEP:
        properties: Mapping[str, JsonSchema] = schema.get("properties", {})
        for key, item in cast(dict[str, Any], value).items():
            if key not in properties:
                yield "", key
            yield from _leaves(key, item, properties.get(key, {}), depth + 1)
    elif isinstance(value, (list, tuple)) and depth < DEEP:
        for item in cast(Sequence[Any], value):
            yield from _leaves(place, item, schema.get("items", {}), depth + 1)
    else:
        yield place, str(cast(object, value))
