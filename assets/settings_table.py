"""Writes the README's table of settings from their schema.

python -m assets.settings_table
"""

from __future__ import annotations

from pathlib import Path

from memento_desktop.config.described import Setting, described, section_title
from memento_desktop.config.settings import Settings

README = Path(__file__).resolve().parent.parent / "README.md"
BEGIN, END = "<!-- settings: python -m assets.settings_table writes what follows -->\n", "<!-- end of settings -->\n"


def table() -> str:
    """All settings as a Markdown table, a heading line for each section."""
    lines = ["| setting | default | what it is |", "|---|---|---|"]
    section = ""
    for one in described(Settings(), Path("no such file")):
        if one.section != section:
            section = one.section
            lines.append(f"| **`[{section}]`** | | {section_title(section)} |")
        lines.append(f"| `{one.name}` | {_default(one)} | {_cell(one.description)} *{_cell(one.allowed)}* |")
    return "\n".join(lines) + "\n"


def _default(one: Setting) -> str:
    if one.default is None or one.default in ("", {}, []):
        return ""
    return f"`{str(one.default).lower() if isinstance(one.default, bool) else one.default}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def written(readme: str) -> str:
    """The README with the table as it is now.

    Raises:
        ValueError: the marks between which it stands are missing.
    """
    start, end = readme.index(BEGIN) + len(BEGIN), readme.index(END)
    return readme[:start] + "\n" + table() + "\n" + readme[end:]


if __name__ == "__main__":
    README.write_text(written(README.read_text("utf-8")), "utf-8")
