"""A month of a made-up owner: at its end nothing stands twice, nothing outdated is told as current, and what he deleted stays away."""

from __future__ import annotations

from memento_desktop.memory.bank import Bank
from tests.month_lived import Life
from tests.month_made import month


def test_a_month_ends_in_order(bank: Bank):
    bank.rows("PRAGMA synchronous=OFF")  # thousands of commits: this test is not about lost power
    found = Life(bank, month(seed=1)).live()
    assert found.memories > 80
    assert (found.asked, found.asked_past) > (20, 80)
    assert len(found.duplicates) <= 0.02 * found.memories, found.duplicates
    assert (found.stale, found.missing, found.wrong_now, found.wrong_past) == ([], [], [], [])
    assert (found.untraced, found.junk, found.back) == ([], [], [])
    assert bank.problems() == []


def test_words_that_no_rule_was_written_for_change_nothing_by_themselves(bank: Bank):
    """Held-out wordings: less is recognised, and what is not is asked about; nothing is lost or comes back."""
    bank.rows("PRAGMA synchronous=OFF")
    found = Life(bank, month(seed=2, statements=80, wording="other")).live()
    assert (found.untraced, found.junk, found.back) == ([], [], [])
    assert bank.problems() == []
