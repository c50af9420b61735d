"""Text as the text index sees it: one spelling for what people write in several, and words for scripts that put no spaces between them.

The index itself (FTS5, unicode61 and the English stemmer of Porter) knows words between spaces and the accents of Latin letters. What
else a language needs happens here, to the text before it is indexed and to the query in the same way:

- NFKC (full-width and half-width forms, ligatures), digits of all scripts as 0–9, ß as ss, Turkish ı and İ as i, ё as е, Greek without
  accents, Arabic and Hebrew without vowel points, Arabic letters of one sound in one form, letters with a stroke without it.
- Vowel signs of Indic and other scripts belong to their word. unicode61 would end the word there, so they are moved to private code
  points, which it takes for letters.
- Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese become overlapping pairs of characters: 東京都 is indexed as 東京, 京都, 都. The
  last one alone makes every character the beginning of a pair, so that one character is found by its prefix.

Korean has spaces, but its words take endings; pairs find 서울 in 서울에서. Text in ASCII is left as it is, to the byte.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

TERMS = 24
STOP_WORDS = frozenset(
    "a about above after again all also am an and any are as at be because been before being below between both but by can could "
    "did do does doing down during each few for from further get give had has have having he her here hers him his how i if in "
    "into is it its just let me more most my no nor not now of off on once only or other our ours out over own please s same she "
    "should so some such t tell than that the their theirs them then there these they this those through to too under until up us "
    "very was we were what when where which while who whom why will with would you your yours".split()
)
SHARED = frozenset("a am an as at do has he her his i in is it me no nor not of on once or s so t was will".split())
"""Stop-words of English that are words of another language too: they say nothing of the language of a query."""
FOREIGN = frozenset(
    # German, Dutch
    "der die das dem den des ein eine einen einem und mit von zu zum zur ist sind war waren habe hatte ich du er sie wir ihr "
    "mein meine meinen meiner dein nicht kein keine wie wer wann warum für auf aus bei nach über im het een van ik mijn niet "
    "waar wat "
    # French
    "le la les un une du et est sont était dans pour avec qui que quoi quel quelle où quand mon ma mes ta tes ce cette je tu il "
    "elle nous vous pas au aux "
    # Spanish, Portuguese, Italian
    "el los las una uno es fue por qué que cuál cuándo dónde cómo mis tu su yo ella se lo os um uma não onde como quando meu "
    "minha eu de di il gli della del nel che chi è sono dove perché mio "
    # Turkish, Polish
    "ve bir için ile nerede nasıl benim gdzie jest jak nie mój moja".split()
)
"""Words that hold other languages together, and no sentence of English."""
QUESTIONS = (
    # Chinese, Japanese, Korean, Thai; the longer ones first
    "是什么时候 是什麼時候 什么时候 什麼時候 为什么 為什麼 是什么 是什麼 怎么样 在哪里 在哪裡 在哪儿 什么 什麼 哪里 哪裡 哪儿 在哪 "
    "怎么 怎麼 多少 几点 幾點 请问 請問 是谁 是誰 吗 嗎 呢 "
    "はどこですか は何ですか はいつですか は誰ですか 何ですか ですか ますか でしたか どこ いつ 誰 なぜ どうして 教えて ください "
    "어디예요 어디에 어디 무엇 언제 누구 어떻게 인가요 있나요 있어요 입니까 이에요 예요 "
    "ที่ไหน เมื่อไหร่ เมื่อไร อะไร ใคร ทำไม อย่างไร ยังไง หรือไม่ ไหม เท่าไหร่ คือ"
)
"""What questions are made with where no space sets it apart: it says nothing of what they are about, and would be most of their pairs."""

PRIVATE = 0xE000
MARKS_FROM, MARKS_TO = 0x0590, 0x1E00
"""The marks between these two have their places from `PRIVATE` on, which ends before the private area of the plane does."""
SPACELESS = (
    "\u3005-\u3007\u3021-\u3029\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"  # Chinese, Japanese, Korean
    "\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd-\u0ec6\u0edc-\u0edf\u1000-\u102a\u103f\u1050-\u1055\u1780-\u17b3"
)  # fmt: skip
_MARK = f"{chr(PRIVATE)}-{chr(PRIVATE + MARKS_TO - MARKS_FROM)}"
WORD = re.compile(rf"(?:[^\W_]|[{_MARK}])+")
LETTERS = {
    "ß": "ss", "ẞ": "SS", "İ": "I", "ı": "i", "ё": "е", "Ё": "Е", "ς": "σ", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D",
    "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ـ": "",
    "ँ": "ं", "़": "", "\u00ad": "", "\u200d": "", "\u2060": "", "\ufeff": "",
}  # fmt: skip
"""Letters of one word in several spellings. Soft hyphens and joiners are no part of a word."""


@cache
def _unit() -> re.Pattern[str]:
    """A character of a script without spaces, with its signs. Made when the first text needs it: that takes longer than most searches."""
    return re.compile(f"[{SPACELESS}][{_MARK}]*")


@cache
def _run() -> re.Pattern[str]:
    return re.compile(f"(?:{_unit().pattern})+")


@cache
def _table() -> dict[int, str]:
    """One character to what stands for it in the index."""
    table = dict.fromkeys(range(0x300, 0x370), "")  # accents that NFKC could not join to a letter
    for code in range(MARKS_FROM, MARKS_TO):
        if unicodedata.category(chr(code)) in ("Mn", "Mc"):
            point = 0x0590 <= code < 0x06F0  # vowel points of Hebrew and Arabic, which few people write
            table[code] = "" if point or code >= 0x1AB0 else chr(PRIVATE + code - MARKS_FROM)
    for code in (*range(0x370, 0x400), *range(0x1F00, 0x2000)):
        table[code] = "".join(c for c in unicodedata.normalize("NFKD", chr(code)) if not unicodedata.combining(c))
    return table | {ord(letter): other for letter, other in LETTERS.items()}


def _digit(match: re.Match[str]) -> str:
    return str(unicodedata.decimal(match[0]))


def spelled(text: str) -> str:
    """`text` in the one spelling of the index; case and accents of Latin letters stay, which the index itself folds."""
    if text.isascii():
        return text
    joined = unicodedata.normalize("NFKC", text).translate(_table())
    return re.sub(r"(?![0-9])\d", _digit, joined)


def _pairs(run: str, closed: bool) -> list[str]:
    units = _unit().findall(run)
    pairs = [one + other for one, other in pairwise(units)]
    return pairs + units[-1:] if closed or not pairs else pairs


def indexable(text: str) -> str:
    """What is written into the text index for `text`."""
    found = spelled(text)
    return found if found.isascii() else _run().sub(lambda match: f" {' '.join(_pairs(match[0], closed=True))} ", found)


def words(query: str) -> list[str]:
    """The words of a query as the index spells them, in lower case and in their order, each once."""
    found: list[str] = []
    for word in WORD.findall(spelled(query).lower().replace("ς", "σ")):
        found += _split(word)
    return list(dict.fromkeys(found))


def _split(word: str) -> Iterable[str]:
    """A word between spaces, taken apart where scripts without spaces begin and end."""
    at = 0
    for match in () if word.isascii() else _run().finditer(word):
        if match.start() > at:
            yield word[at : match.start()]
        yield from _pairs(match[0], closed=False)
        at = match.end()
    if at < len(word):
        yield word[at:]


def query_terms(query: str) -> list[str]:
    """The words that a search looks for: without stop-words, each once, at most 24.

    Stop-words are those of English. A query of stop-words alone keeps them, and so does one whose other small words are of another
    language: there "or" may be gold and "not" trouble. What is common in the bank is left out of a search in any language.
    """
    found = words(query if query.isascii() else _questions().sub(" ", spelled(query))) or words(query)
    small = STOP_WORDS - SHARED
    english = sum(word in small for word in found)
    foreign = sum(word in _foreign() for word in found)
    if foreign > english:
        return found[:TERMS]
    return ([word for word in found if word not in STOP_WORDS] or found)[:TERMS]


@cache
def _foreign() -> frozenset[str]:
    return frozenset(spelled(word) for word in FOREIGN)


@cache
def _questions() -> re.Pattern[str]:
    return re.compile("|".join(map(spelled, QUESTIONS.split())))


def is_prefix(term: str) -> bool:
    """Whether a term is one character of a script without spaces, which is found as the beginning of a pair."""
    return not term.isascii() and _unit().fullmatch(term) is not None


def sought(term: str) -> str:
    """A term of `query_terms` in the query language of FTS5."""
    return f'"{term}" *' if is_prefix(term) else f'"{term}"'


def shown(terms: Sequence[str]) -> tuple[str, ...]:
    """Terms of a query, in its order, as a person wrote them: pairs that overlap are joined again."""
    found: list[str] = []
    last = ""
    for term in terms:
        units: list[str] = [] if term.isascii() else _unit().findall(term)
        if len(units) == 2 and last and units[0] == last:
            found[-1] += units[1]
        else:
            found.append(term)
        last = units[-1] if len(units) == 2 else ""
    return tuple(_unmarked(term) for term in found)


def _unmarked(term: str) -> str:
    return term if term.isascii() else re.sub(f"[{_MARK}]", lambda match: chr(ord(match[0]) - PRIVATE + MARKS_FROM), term)


PASSAGE = 900
"""How much of a text is embedded at once, in letters of a Latin script: less than the 256 tokens that a small embedder reads."""
OVERLAP = 150
PASSAGES = 32
"""The passages of one memory that are embedded. What is behind them is found by its words."""


def _weight(char: str) -> int:
    """In Latin letters: what a character of another script costs an embedder that was trained on English."""
    return 1 if char.isascii() else 4 if _unit().match(char) else 2


def passages(text: str) -> list[str]:
    """The pieces in which a text is embedded: itself, or overlapping passages that begin and end between words where there are any."""
    if len(text) <= PASSAGE and (text.isascii() or sum(map(_weight, text)) <= PASSAGE):
        return [text]
    found: list[str] = []
    start = 0
    while start < len(text) and len(found) < PASSAGES:
        end = _reach(text, start, PASSAGE)
        if end < len(text):
            end = _after_space(text, start + (end - start) // 2, end)
        if piece := text[start:end].strip():
            found.append(piece)
        if end >= len(text):
            break
        back = end - max(1, (end - start) * OVERLAP // PASSAGE)
        start = max(start + 1, min(end, _after_space(text, back, end)))
    return found or [text]


def _reach(text: str, start: int, room: int) -> int:
    """The place up to which `room` letters of text reach from `start`, at least one."""
    at = start
    while at < len(text) and (room := room - _weight(text[at])) >= 0:
        at += 1
    return max(at, start + 1)


def _after_space(text: str, least: int, most: int) -> int:
    """The last place in a range that is behind white space; `most` where there is none."""
    return next((at for at in range(most, least, -1) if text[at - 1].isspace()), most)


def reindex(db: Any) -> int:
    """Brings a bank from before this module in line with it: the text index of memories, and the vectors of long ones, which go back to
    the queue. Inside a transaction. Returns how many memories were touched. `db` is a connection; its rows are tuples."""
    changed = 0
    rows = db.execute("SELECT id, title, body FROM memory WHERE status = 'active' AND (title || body) GLOB '*[^ -~]*' ORDER BY id")
    for number, title, body in list(rows):
        row = (indexable(title), indexable(body) if body != title else "")
        held = list(db.execute("SELECT title, body FROM memory_text WHERE rowid = ?", (number,)))
        if held and tuple(held[0]) != row:
            db.execute("DELETE FROM memory_text WHERE rowid = ?", (number,))
            db.execute("INSERT INTO memory_text (rowid, title, body) VALUES (?,?,?)", (number, *row))
            changed += 1
    long = f"SELECT id, body FROM memory WHERE kind NOT IN ('case', 'lesson') AND length(body) > {PASSAGE // 4}"
    for number, body in list(db.execute(long)):
        if len(pieces := passages(body)) > 1:
            changed += _unembed(db, number, len(pieces))
    return changed


def _unembed(db: Any, memory_id: int, wanted: int) -> bool:
    """Drops the vectors of a memory of which too few passages are embedded."""
    held = list(db.execute("SELECT id, embedder_id FROM embedding WHERE memory_id = ?", (memory_id,)))
    if not held or len(held) >= wanted * len({embedder for _, embedder in held}):
        return False
    for row, embedder in held:
        db.execute(
            f"UPDATE vector_{int(embedder)} SET vector = zeroblob(4 * (SELECT dim FROM embedder WHERE id = ?)) WHERE rowid = ?",
            (embedder, row),
        )
        db.execute(f"DELETE FROM vector_{int(embedder)} WHERE rowid = ?", (row,))
        db.execute("DELETE FROM embedding WHERE id = ?", (row,))
    return True
