"""Words that differ are marked, and nothing of the texts is lost by marking them."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memento_desktop.tui.widgets.differing import MOST_WORDS, differing, marked, shortened

CALM = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TEXTS = st.text(alphabet="ab \n.é漢", max_size=40)


@CALM
@given(TEXTS, TEXTS)
def test_the_stretches_are_the_texts(a: str, b: str):
    one, two = differing(a, b)
    assert ("".join(text for text, _ in one), "".join(text for text, _ in two)) == (a, b)
    if a == b:
        assert not any(other for _, other in one)


def test_the_words_that_changed_are_marked():
    one, two = differing("The gate code is 12, since May", "The gate code is 4471, since May")
    assert ([text for text, other in one if other], [text for text, other in two if other]) == (["12"], ["4471"])


def test_words_beside_each_other_are_one_stretch():
    assert differing("a b c", "a x y c")[1] == [("a ", False), ("x y", True), (" c", False)]


def test_texts_of_any_length_are_compared_at_once():
    one, _ = differing("start " + "a b " * MOST_WORDS + "end", "start " + "b c " * MOST_WORDS + "end")
    assert [other for _, other in one] == [False, True, False]


def test_marks_are_no_markup():
    assert marked([("[@click=app.quit]x\x1b[/]", True)], "bold").plain == "[@click=app.quit]x�[/]"


def test_a_long_text_says_how_much_is_missing():
    assert shortened("x" * 30, 10) == "x" * 10 + "\n… 20 more characters"
    assert shortened("x" * 10, 10) == "x" * 10
