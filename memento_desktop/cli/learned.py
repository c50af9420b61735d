"""`memento memory learned`: which reader chooses the cases and why, and which memories helped."""

from __future__ import annotations

from memento_desktop.assistant import Assistant
from memento_desktop.cli.console import clean, columns, err, line, note, out, show, styled
from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings
from memento_desktop.memory.learning.standing import LEAST, Standing

MOST = 12


def show_learned() -> None:
    paths = Paths.of_this_user()
    settings = Settings.load(paths.settings)
    assistant = Assistant(settings, paths)
    try:
        readings, standing = assistant.log.count(), assistant.learner.standing()
        rows = assistant.log.tried(MOST)
        titles = {row["memory_id"]: assistant.memories.get(row["memory_id"]) for row in rows if assistant.memories.exists(row["memory_id"])}
    finally:
        assistant.bank.close()
    wanted, explore = settings.memory.reader, settings.memory.explore
    line("reader", wanted if wanted != "auto" else f"auto: {standing.chosen if standing else 'similarity'}")
    line("evidence", f"{readings} readings whose task has a reward")
    line("chance", f"{explore:.0%} of the readings try something else (memory.explore in the settings)")
    if standing is not None:
        _compared(standing)
    elif wanted != "similarity":
        left = f"after {LEAST - readings} more" if readings < LEAST else "with your next verdict"
        note("", f"the readers are compared {left}; until then neural has no trained head and reads as kernel does", "dim")
    if not rows:
        err.print(styled("No memory was read for a task with a reward yet.", "dim"))
        return
    table = columns(("no", "kind", "what", "read", "worth"), "what", right=("no", "read", "worth"))
    for row in rows:
        memory = titles.get(row["memory_id"])
        if memory is not None:
            table.add_row(str(memory.id), memory.kind, clean(memory.title), f"{row['weight']:.1f}", f"{row['worth']:.2f}")
    out.print()
    show(table)
    note("", "read: how often, by how far the plan followed it; worth: what those tasks were worth on average", "dim")


def _compared(standing: Standing) -> None:
    for name, verdict in standing.verdicts.items():
        mark = "used" if name == standing.chosen else "on trial" if name == standing.trying and standing.share else "not used"
        line(name, f"{mark}: {verdict.reason}")
        if verdict.n and verdict.learned == verdict.learned:  # a number
            gain = f"{100 * verdict.gain:+.1f} points ({100 * verdict.low:+.1f} to {100 * verdict.high:+.1f})"
            line("", f"{verdict.learned:.2f} against {verdict.similarity:.2f} on {verdict.n} readings, {gain}")
    if standing.share and standing.trying:
        line("trial", f"{standing.trying} chooses for {standing.share:.0%} of the tasks")
