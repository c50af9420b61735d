"""What looks private is found and masked, and what is not is left alone."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memento_desktop.memory.pools import content
from memento_desktop.memory.pools.publishing import Draft
from memento_desktop.memory.pools.redaction import find, masked, masks, own_values
from tests.memory.pools.homes import Home

TODAY = date(2026, 5, 3)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Ruth's locker code is 4471.", "[name 1]'s locker code is [number 1]."),
        ("My sister Lena lives in Bern. LENA and Lena like tea.", "My sister [name 1] lives in [name 2]. [name 1] and [name 1] like tea."),
        ("Jean-Luc O'Neil met Dr. Ruth Vale; Ruth was late.", "[name 1] met Dr. [name 2]; [name 2] was late."),
        ("Ann was born on 3 May 1984.", "[name 1] was born on [date of birth 1]."),
        ("Write to ruth.vale+x@example.org today", "Write to [e-mail 1] today"),
        ("Call +41 79 123 45 67 or (555) 123-4567, 079 123 45 67.", "Call [phone 1] or [phone 2], [phone 3]."),
        ("IBAN CH93 0076 2011 6238 5295 7, card 4111 1111 1111 1111", "IBAN [IBAN 1], card [card 1]"),
        ("Account 12-345678-9 and AHV 756.1234.5678.97", "Account [account 1] and AHV [account 2]"),
        ("We live at 12 Oak Street, near Bahnhofstrasse 5, 3012 Bern.", "We live at [address 1], near [address 2], [address 3]."),
        ("the file /home/ann/plan.txt, C:\\Users\\ann\\x.txt, ~/notes.md", "the file [path 1], [path 2], [path 3]"),
        ("see https://x.com/a?token=abc, http://user:pw@host/x", "see [link 1] [link 2]"),
        ("http://localhost:8080/a and 192.168.1.20", "[link 1] and [network address 1]"),
        ("the password is hunter2 and the PIN for the alarm is 1987", "the password is [secret 1] and the PIN for the alarm is [secret 2]"),
        ("key sk-abcdefghijklmnop1234 or ghp_aaaaaaaaaaaaaaaaaaaa", "key [secret 1] or [secret 2]"),
        ("eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0 da39a3ee5e6b4b0d3255bfef95601890afd80709", "[secret 1] [secret 2]"),
        ("passport X1234567", "passport [number 1]"),
        ("Ask Ruth Vale about it. Ruth Vale knows.", "Ask [name 1] about it. [name 1] knows."),
    ],
)
def test_what_looks_private_is_masked(text: str, wanted: str):
    found = find([text], today=TODAY)
    assert masked(text, masks(found)).replace("[link 1], ", "[link 1] ") == wanted


@pytest.mark.parametrize(
    "text",
    [
        "Totals here exclude rows marked void.", 'For tasks like "Total the km in …": totals leave out void rows', "Rent is 850 EUR.",
        "The meeting in 2024 is on Tuesday, 3 May 2026 at 10:00.", "Use Python 3.11.4, not 2.7.", "The rate is 4.25% of 12,500 CHF.",
        "See https://example.com/docs for trips_april.csv", "either/or, 3/4, 16:9", "I think It's fine. What's next? Let's go.",
    ],
)  # fmt: skip
def test_what_is_no_secret_is_left_alone(text: str):
    assert find([text], today=TODAY) == []


def test_the_owners_facts_tell_what_is_a_name_and_a_number():
    known = own_values(["Ask Mika about it.", "The gate code is 99a1.", "We moved here in 2019."])
    text = "Mika has the code. The 99a1 is old, in 2019 it was new."
    assert [(one.what, one.value) for one in find([text], known, TODAY)] == [("name", "Mika"), ("number", "99a1")]
    assert find([text], today=TODAY) == []


def test_every_text_of_a_draft_is_masked_alike_and_nothing_else(ann: Home):
    case = ann.cases.begin("Mail Ruth Vale the total", "nano")
    ann.cases.planned(case, ["ask Ruth", "mail ruth@example.org"])
    ann.cases.step(case, "ask", "recall", {"query": "Ruth Vale"}, "she lives in Bern", True, 1)
    ann.cases.finish(case, "done", "Sent to Ruth.")
    (draft,) = ann.pools.drafts([case], results=True)
    assert {one.value for one in draft.found} == {"Ruth Vale", "Ruth", "ruth@example.org", "Bern"}
    whole = draft.masked(draft.found)
    assert [text for _, text in content.texts(whole.content)] == [
        "Mail [name 1] the total", "ask [name 1]", "mail [e-mail 1]", "Sent to [name 1].", "ask", "recall", '{"query": "[name 1]"}',
        "she lives in [name 2]",
    ]  # fmt: skip
    assert whole.content["outcome"] == "done"
    assert draft.masked([]).content == draft.content


@given(st.lists(st.text(alphabet="abAB 12.@/-:'é\n", max_size=40), max_size=3))
def test_nothing_that_was_found_is_left_by_masking_all_of_it(texts: list[str]):
    found = find(texts, today=TODAY)
    draft = Draft(1, {"kind": "lesson", "plan": texts}, tuple(found)).masked(found)
    left = find([text for _, text in content.texts(draft.content)], today=TODAY)
    assert not {one.value for one in left} & {one.value for one in found}


def test_days_and_months_in_the_plural_or_as_owners_are_no_names():
    text = "We meet on Thursdays, in Thursday's room or Friday’s. Rents rise in most Januaries; on Sundays' walks I see Mondays coming."
    assert find([text], today=TODAY) == []
    assert [one.value for one in find(["Ask whether June's keys are with the Mays."], today=TODAY)] == ["June", "Mays"]
