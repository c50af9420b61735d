"""The README's table of settings is what the schema says."""

from __future__ import annotations

from assets.settings_table import README, written


def test_the_table_of_settings_is_up_to_date():
    text = README.read_text("utf-8")
    assert written(text) == text, "run: python -m assets.settings_table"
