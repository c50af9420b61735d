"""The app's own themes: one accent, used for what is alive."""

from __future__ import annotations

from textual.theme import Theme

DARK, LIGHT = "memento", "memento-light"
THEMES = (
    Theme(
        name=DARK, dark=True, primary="#7aa2c8", secondary="#8fa3b0", accent="#e0a458", foreground="#d8dce0", background="#14171a",
        surface="#1b1f24", panel="#22272d", success="#7fb685", warning="#e0a458", error="#d9776c",
        variables={"footer-key-foreground": "#7aa2c8", "block-cursor-text-style": "none", "input-selection-background": "#7aa2c8 35%"},
    ),
    Theme(
        name=LIGHT, dark=False, primary="#2f6690", secondary="#5b6b78", accent="#a8620a", foreground="#1f2428", background="#f7f6f3",
        surface="#efede8", panel="#e5e2db", success="#3c7a45", warning="#a8620a", error="#b23a2f",
        variables={"footer-key-foreground": "#2f6690", "block-cursor-text-style": "none", "input-selection-background": "#2f6690 25%"},
    ),
)  # fmt: skip
