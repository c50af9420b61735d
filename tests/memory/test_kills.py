"""A dozen deaths in the middle of a write, and what the next start finds. The five hundred are in tests/bench/kills.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.kills import Campaign


def test_nothing_acknowledged_is_lost_and_nothing_is_half_done(tmp_path: Path):
    campaign = Campaign(tmp_path, seed=7)
    campaign.run(12, timed=False, ops=40)
    assert campaign.acknowledged > 12
    assert campaign.survived < 6


def test_the_campaign_sees_a_loss(tmp_path: Path):
    campaign = Campaign(tmp_path, seed=7)
    campaign.run(2, timed=False, ops=20)
    campaign.expected["memory 1"] = "active 0 what was never written"
    with pytest.raises(AssertionError, match="memory 1"):
        campaign.run_one(2)
