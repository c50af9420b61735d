"""Writes the README's table of keys from the registry of commands.

python -m assets.keys_table
"""

from __future__ import annotations

from pathlib import Path

from memento_desktop.tui import commands

README = Path(__file__).resolve().parent.parent / "README.md"
BEGIN, END = "<!-- keys: python -m assets.keys_table writes what follows -->\n", "<!-- end of keys -->\n"


def table() -> str:
    """All commands as a Markdown table, a heading line for each place."""
    lines = ["| keys | or type | what it does |", "|---|---|---|"]
    for place, rows in commands.table():
        lines.append(f"| **{place}** | | |")
        lines += [f"| {_cell(keys)} | {f'`{slash}`' if slash else ''} | {_cell(said)} |" for keys, slash, said in rows]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


def written(readme: str) -> str:
    """The README with the table as it is now.

    Raises:
        ValueError: the marks between which it stands are missing.
    """
    start, end = readme.index(BEGIN) + len(BEGIN), readme.index(END)
    return readme[:start] + "\n" + table() + "\n" + readme[end:]


if __name__ == "__main__":
    README.write_text(written(README.read_text("utf-8")), "utf-8")
