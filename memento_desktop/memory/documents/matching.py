"""Which passage of a changed document took the place of which. Pure functions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

ALIKE = 0.5
"""Share of common words (Dice) from which two passages are versions of one another, wherever they stand."""
ALIKE_HERE = 0.25
"""The same under the same headings."""
RARE = 8
"""Words by which a passage's possible predecessors are looked up: its rarest ones."""
COMMON = 20
"""Passages that hold a word from which it tells nothing."""
_WORD = re.compile(r"\w+")

Text = tuple[str, str]
"""Title and body."""


def paired(old: Sequence[Text], new: Sequence[Text]) -> list[tuple[int, int]]:
    """For each new passage at most one old one that it replaces, as pairs of indexes; the most alike first, each used once.

    Where one passage alone went and one alone came under the same headings, they are a pair however little they share.
    """
    if not old or not new:
        return []
    words_old = [frozenset(_WORD.findall(body.lower())) for _, body in old]
    words_new = [frozenset(_WORD.findall(body.lower())) for _, body in new]
    scores = [(_dice(words_old[i], words_new[j]), i, j) for i, j in _candidates(old, new, words_old, words_new)]
    alike = [one for one in scores if one[0] >= (ALIKE_HERE if old[one[1]][0] == new[one[2]][0] else ALIKE)]
    found: dict[int, int] = {}
    taken: set[int] = set()
    for _, i, j in sorted(alike, key=lambda one: (-one[0], abs(one[1] - one[2]), one[1], one[2])):
        if i not in taken and j not in found:
            found[j] = i
            taken.add(i)
    left, come = _by_title(old, taken), _by_title(new, found)
    found |= {come[title][0]: left[title][0] for title in come if len(come[title]) == len(left.get(title, ())) == 1}
    return [(i, j) for j, i in sorted(found.items())]


def _dice(a: frozenset[str], b: frozenset[str]) -> float:
    return 2 * len(a & b) / (len(a) + len(b)) if a or b else 0.0


def _by_title(texts: Sequence[Text], without: Sequence[int] | set[int] | dict[int, int] = ()) -> dict[str, list[int]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for n, (title, _) in enumerate(texts):
        if n not in without:
            found[title].append(n)
    return found


def _candidates(
    old: Sequence[Text], new: Sequence[Text], words_old: Sequence[frozenset[str]], words_new: Sequence[frozenset[str]]
) -> set[tuple[int, int]]:
    """Pairs that may be alike: those that share a rare word, and those under the same headings where these are few."""
    holding: defaultdict[str, list[int]] = defaultdict(list)
    for i, words in enumerate(words_old):
        for word in words:
            holding[word].append(i)
    here = _by_title(old)
    found: set[tuple[int, int]] = set()
    for j, words in enumerate(words_new):
        shared = sorted((len(holding[word]), word) for word in words if word in holding)
        near = {i for count, word in shared[:RARE] if count <= COMMON for i in holding[word]}
        same = here.get(new[j][0], [])
        near.update(same if len(same) <= COMMON else ())
        found.update((i, j) for i in near)
    return found
