"""Everything a person can do in the app, declared once: keys, palette, slash commands, help and the README are made of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from textual.binding import Binding

from memento_desktop.errors import MementoError


@dataclass(frozen=True)
class Command:
    """One thing to do. `id` is `place.name`: it is also how the owner's settings name it to give it another key."""

    id: str
    keys: str
    """Default keys, separated by commas; empty: by palette and slash only."""
    title: str
    """One or two words, for the line of keys."""
    help: str
    """One sentence."""
    slash: str = ""
    """What may be typed instead, without the slash."""
    shown: bool = True
    """Whether the line of keys at the bottom has it."""
    action: str = ""
    """The action that a widget of the toolkit has already; empty: one of our own, by the name."""

    @property
    def place(self) -> str:
        return self.id.partition(".")[0]

    @property
    def does(self) -> str:
        return self.action or self.id.partition(".")[2].replace("-", "_")

    @property
    def binding(self) -> Binding:
        # Without a key of its own it has one that no terminal sends, so that the owner can give it another.
        key, shown = self.keys or f"unset-{self.id}", self.shown and bool(self.keys)
        return Binding(key, self.does, self.title, show=shown, id=self.id, tooltip=self.help)


PLACES: Mapping[str, str] = {
    "app": "Everywhere", "prompt": "Writing", "work": "A task", "talk": "Reading the conversation", "why": "Why it was read",
    "approval": "Being asked for consent", "memories": "Memories", "detail": "One memory", "review": "Review", "history": "Changes",
    "sessions": "Conversations", "map": "Map", "plots": "Plots", "models": "Models", "settings": "Settings", "logs": "Log",
}  # fmt: skip
"""Where a command works, in the order of the help."""

COMMANDS: tuple[Command, ...] = (
    Command("app.help", "f1", "help", "All keys and commands.", "help"),
    Command("app.command-palette", "ctrl+p", "commands", "Find any command by its name.", shown=True),
    Command("app.memories", "f8", "memories", "Everything that is remembered: look, search, correct, delete.", "memories"),
    Command("app.review", "f9", "review", "What waits for your decision.", "review"),
    Command("app.sessions", "ctrl+r", "sessions", "Past conversations: find, resume, rename, export.", "sessions"),
    Command("app.history", "", "changes", "Every change of the memory, with what it changed; undo and redo.", "changes"),
    Command("app.map", "", "map", "The memories as a map by meaning.", "map"),
    Command("app.plots", "", "plots", "Cases and success over time, the most helpful memories.", "plots"),
    Command("app.models", "", "models", "Choose, download and compare models.", "models"),
    Command("app.settings", "", "settings", "Every setting with what it means.", "settings"),
    Command("app.logs", "", "log", "What the app wrote down about itself.", "log"),
    Command("app.undo", "f12", "undo", "Take back the last change of the memory.", "undo", shown=False),
    Command("app.redo", "", "redo", "Do again what was taken back last.", "redo", shown=False),
    Command("app.theme", "", "theme", "Choose a theme, with live preview.", "theme", shown=False),
    Command("app.new-session", "", "new", "Begin a new conversation.", "new", shown=False),
    Command("app.temporary", "", "temporary", "A conversation that reads no memory and writes none.", "temporary", shown=False),
    Command("app.leave", "escape", "back", "Close what is on top; with nothing on top, stop the task.", shown=False),
    Command("app.quit", "ctrl+q", "quit", "Leave. A running task is stopped and kept as such.", "quit", shown=False),
    Command("prompt.submit", "enter", "send", "Give the task. While one runs, it is queued.", shown=False),
    Command("prompt.newline", "ctrl+j,alt+enter,shift+enter", "new line", "A new line; every terminal delivers Ctrl-J.", shown=False),
    Command("prompt.complete", "tab", "complete", "Take the marked suggestion; with none, go to the conversation.", shown=False),
    Command("prompt.older", "up", "older", "In the first line: what was written before.", shown=False),
    Command("prompt.newer", "down", "newer", "In the last line: what was written after.", shown=False),
    Command("prompt.edit-queued", "ctrl+up", "edit queued", "Take the newest queued task back into the prompt.", shown=False),
    Command("work.good", "f2", "good", "The last answer was right: the memories that it read get the credit.", "good"),
    Command("work.bad", "f3", "bad", "The last answer was wrong.", "bad"),
    Command("work.correct", "f4", "correct", "Say what was wrong with the last answer: the next similar task reads it.", "correct"),
    Command("work.remember", "", "remember", "Keep the marked text, or the last answer, as a fact.", "remember", shown=False),
    Command("work.why", "f5", "why", "Why each memory was read for the last task, and what was left out.", "why"),
    Command("work.plan", "ctrl+o", "plan", "The plan of the task with its tool calls.", "plan", shown=False),
    Command("work.copy", "", "copy", "Copy the last answer.", "copy", shown=False),
    Command("work.export", "", "export", "Write this conversation to a file, as Markdown or JSON.", "export", shown=False),
    Command("talk.good", "g", "good", "This answer was right."),
    Command("talk.bad", "b", "bad", "This answer was wrong."),
    Command("talk.correct", "c", "correct", "Say what was wrong with this answer."),
    Command("talk.remember", "r", "remember", "Keep this text, or what is marked of it, as a fact."),
    Command("talk.why", "w", "why", "Why each memory was read for this answer."),
    Command("talk.copy", "y", "copy", "Copy this message, or what is marked of it."),
    Command("talk.copy-code", "Y", "copy code", "Copy the code blocks of this message.", shown=False),
    Command("talk.earlier", "k,up", "earlier", "The message before.", shown=False),
    Command("talk.later", "j,down", "later", "The message after.", shown=False),
    Command("talk.first", "home", "first", "The beginning of the conversation.", shown=False),
    Command("talk.last", "end", "last", "Its end; from there on it follows what comes.", shown=False),
    Command("talk.write", "i,tab,enter", "write", "Back to the prompt."),
    Command("memories.search", "slash,ctrl+f", "search", "To the search line; Tab completes fields and values there."),
    Command("memories.open", "enter", "open", "All that is known of this memory.", shown=False),
    Command("memories.edit", "e", "edit", "Change its text here."),
    Command("memories.editor", "E", "editor", "Change text and fields in your own editor, as Markdown.", shown=False),
    Command("memories.new", "n", "new", "Write down something to remember."),
    Command("memories.pin", "p", "pin", "In every prompt, found or not; or no more."),
    Command("memories.always", "A", "always on", "Instructions: heeded in every task, or not.", shown=False),
    Command("memories.archive", "a", "archive", "Put aside: not read any more, and not deleted."),
    Command("memories.wrong", "x", "wrong", "It ceases to hold: you say since when.", shown=False),
    Command("memories.trash", "d,delete", "trash", "Into the trash; undo and R bring it back."),
    Command("memories.purge", "D", "purge", "Remove it for good, with all that says the same. Asks first; no undo.", shown=False),
    Command("memories.restore", "R", "restore", "Back into use, from the trash or where it was put aside.", shown=False),
    Command("memories.supersede", "s", "supersede", "Choose the newer memory that holds instead.", shown=False),
    Command("memories.split", "S", "split", "Make several memories of one.", shown=False),
    Command("memories.merge", "M", "merge", "Make one of the marked memories; shows what will stand.", shown=False),
    Command("memories.relabel", "g", "relabel", "Say anew what a case was worth: good, bad, or what was wrong.", shown=False),
    Command("memories.mark", "space", "mark", "Mark it, for what is done to several at once; Esc unmarks all."),
    Command("memories.mark-down", "shift+down", "mark down", "Mark while going down.", shown=False),
    Command("memories.mark-up", "shift+up", "mark up", "Mark while going up.", shown=False),
    Command("memories.all", "asterisk", "all", "Mark all that are listed, or none.", shown=False),
    Command("memories.undo", "u", "undo", "Take back the last change.", action="app.undo"),
    Command("memories.redo", "U", "redo", "Do again what was taken back.", shown=False, action="app.redo"),
    Command("memories.review", "r", "review", "What waits for your decision.", action="app.review"),
    Command("memories.map", "v", "map", "The memories by meaning.", shown=False, action="app.map"),
    Command("memories.plots", "P", "plots", "Cases and success over time.", shown=False, action="app.plots"),
    Command("memories.copy", "y", "copy", "Copy the text.", shown=False),
    Command("memories.sort", "o", "sort", "Choose the order; a click on a column's head does so too.", shown=False),
    Command("memories.down", "down,j", "down", "The next memory.", shown=False),
    Command("memories.up", "up,k", "up", "The one before.", shown=False),
    Command("memories.page-down", "pagedown", "page down", "A page further.", shown=False),
    Command("memories.page-up", "pageup", "page up", "A page back.", shown=False),
    Command("memories.first", "home", "first", "To the first.", shown=False),
    Command("memories.last", "end", "last", "To the last.", shown=False),
    Command("memories.help", "question_mark", "help", "All keys.", action="app.help"),
    Command("detail.next", "tab", "next part", "On to the next part: text, links, readings.", shown=False, action="app.focus_next"),
    Command("detail.back", "backspace,escape", "back", "Back to the memory that led here."),
    Command("detail.edit", "e", "edit", "Change its text here."),
    Command("detail.editor", "E", "editor", "Change text and fields in your own editor, as Markdown."),
    Command("detail.pin", "p", "pin", "In every prompt, found or not; or no more."),
    Command("detail.always", "A", "always on", "Instructions: heeded in every task, or not.", shown=False),
    Command("detail.archive", "a", "archive", "Put aside: not read any more, and not deleted."),
    Command("detail.wrong", "x", "wrong", "It ceases to hold: you say since when.", shown=False),
    Command("detail.trash", "d,delete", "trash", "Into the trash; undo and R bring it back."),
    Command("detail.purge", "D", "purge", "Remove it for good, with all that says the same. Asks first; no undo.", shown=False),
    Command("detail.restore", "R", "restore", "Back into use.", shown=False),
    Command("detail.supersede", "s", "supersede", "Choose the newer memory that holds instead.", shown=False),
    Command("detail.split", "S", "split", "Make several memories of it.", shown=False),
    Command("detail.relabel", "g", "relabel", "Say anew what a case was worth.", shown=False),
    Command("detail.why", "w", "why", "Of a case: why each memory was read for it.", shown=False),
    Command("detail.copy", "y", "copy", "Copy the text.", shown=False),
    Command("detail.undo", "u", "undo", "Take back the last change.", action="app.undo"),
    Command("detail.redo", "U", "redo", "Do again what was taken back.", shown=False, action="app.redo"),
    Command("detail.help", "question_mark", "help", "All keys.", shown=False, action="app.help"),
    Command("why.other", "tab", "left out", "Between what was read and what was left out."),
    Command("why.edit", "e", "edit", "Change the text of this memory."),
    Command("why.pin", "p", "pin", "In every prompt from now on, or no more."),
    Command("why.wrong", "x", "wrong", "What it says is wrong: you say since when, and it ceases to hold; a case or lesson is put aside."),
    Command("why.not-relevant", "n", "not relevant", "It had nothing to do with this task: that counts against it."),
    Command("why.trash", "d,delete", "trash", "Into the trash; undo brings it back."),
    Command("why.undo", "u", "undo", "Take back the last change.", action="app.undo"),
    Command("why.redo", "U", "redo", "Do again what was taken back.", shown=False, action="app.redo"),
    Command("why.open", "enter", "open", "All that is known of this memory."),
    Command("why.copy", "y", "copy", "Copy its text.", shown=False),
    Command("why.help", "question_mark", "help", "All keys.", shown=False, action="app.help"),
    Command("approval.once", "1,y", "once", "Allow this one call."),
    Command("approval.task", "2", "for this task", "Allow this tool until the task ends."),
    Command("approval.always", "3", "until I quit", "Allow exactly this call until the app is closed."),
    Command("approval.no", "4,n,enter", "no", "Do not allow it."),
    # conversations, settings, models, log
    Command("sessions.resume", "enter", "go on", "Go on with this conversation; an imported one opens to read."),
    Command("sessions.read", "space", "read", "Read it whole; with words searched for, from where they stand."),
    Command("sessions.search", "slash", "find", "Find conversations by title, words and meaning."),
    Command("sessions.rename", "r", "rename", "Give it another title."),
    Command("sessions.delete", "d", "delete", "Into the trash; undo brings it back."),
    Command("sessions.restore", "R", "restore", "In the trash: back among the others."),
    Command("sessions.purge", "D", "remove", "In the trash: remove it for good, after asking."),
    Command("sessions.trash", "t", "trash", "Look into the trash, and back."),
    Command("sessions.export", "x", "export", "Write it to a file, as Markdown or JSON."),
    Command("sessions.new", "n", "new", "Begin a new conversation."),
    Command("sessions.temporary", "T", "temporary", "A conversation that reads no memory and writes none.", shown=False),
    Command("sessions.undo", "u", "undo", "Take back the last change.", shown=False),
    Command("sessions.redo", "U", "redo", "Do again what was taken back last.", shown=False),
    Command("settings.change", "enter", "change", "Change the marked setting, or give the marked command another key."),
    Command("settings.reset", "r", "default", "Back to what it is by default."),
    Command("settings.search", "slash", "find", "Find a setting or a command by words of its name or explanation."),
    Command("settings.edit", "e", "edit file", "Open the settings file in your editor; what cannot be used is not written."),
    Command("models.choose", "enter", "use", "Use this model from the next task on; one that is not here yet is downloaded."),
    Command("models.search", "slash", "find", "Find a model by words of its name, maker or use."),
    Command("models.pause", "space", "pause", "Pause the download, or go on with it: what arrived is kept."),
    Command("models.get", "g", "get another", "Download any GGUF from the hub by its name."),
    Command("models.bench", "b", "measure", "Load it and measure how fast it reads and writes here."),
    Command("models.remove", "d", "remove", "Delete a model that Memento downloaded, after asking."),
    Command("models.again", "r", "look again", "Look through the disk again.", shown=False),
    Command("models.copy", "y", "copy path", "Copy where the file stands.", shown=False),
    Command("logs.next", "l", "next log", "The log of the app, of the model, of the embedder."),
    Command("logs.level", "v", "level", "All lines, warnings and errors, or errors alone."),
    Command("logs.follow", "f", "follow", "Whether it stays at the end as lines come."),
    Command("logs.search", "slash", "find", "Only lines that hold some words."),
    Command("logs.copy", "y", "copy", "Copy the lines that are shown, or what is marked."),
    Command("review.accept", "a", "accept", "Do what is suggested, as the card says it."),
    Command("review.older", "1", "first stands", "Of two: the first one holds, or stays.", shown=False),
    Command("review.newer", "2", "second stands", "Of two: the second one holds, or stays.", shown=False),
    Command("review.same", "s", "same", "Both say the same: they become one, and the fuller one stays."),
    Command("review.both", "b", "both", "Both hold, or say different things: keep both, and do not ask again."),
    Command("review.edit", "e", "edit", "Say it in other words; a proposal is accepted with them."),
    Command("review.reject", "x", "no", "Say no: a proposal goes to the trash, anything else stays as it is; it is not asked again."),
    Command("review.skip", "n,space", "later", "Leave it for later, behind the others."),
    Command("review.undo", "u", "undo", "Take back the last decision."),
    Command("review.redo", "U", "redo", "Do again what was taken back.", shown=False),
    Command("review.open", "enter,o", "open", "This memory in the browser.", shown=False),
    Command("review.up", "k", "up", "The question before.", shown=False),
    Command("review.down", "j", "down", "The question after.", shown=False),
    Command("review.again", "A", "ask again", "Ask once more everything that you said no to.", shown=False),
    Command("history.undo-one", "enter,x", "take back this", "Take back the marked change alone; done again, if it was taken back."),
    Command("history.undo", "u", "undo", "Take back the newest change that stands."),
    Command("history.redo", "U", "redo", "Do again what was taken back last."),
    Command("history.whose", "f", "whose", "All changes, then yours, the assistant's, imports, pools."),
    Command("history.open", "o", "open", "The memory that was changed, in the browser; of several the first."),
    Command("history.up", "k", "up", "The change after.", shown=False),
    Command("history.down", "j", "down", "The change before.", shown=False),
    Command("map.left", "left,h", "left", "To the nearest memory on the left.", shown=False),
    Command("map.right", "right,l", "right", "To the nearest memory on the right.", shown=False),
    Command("map.up", "up,k", "up", "To the nearest memory above.", shown=False),
    Command("map.down", "down,j", "down", "To the nearest memory below.", shown=False),
    Command("map.here", "space", "next here", "The next of those that lie at the same place."),
    Command("map.next", "n", "next", "The next match; without a search the next memory, line by line."),
    Command("map.previous", "N", "previous", "The match before, or the memory before.", shown=False),
    Command("map.closer", "plus,equals_sign", "closer", "A smaller part, larger.", shown=False),
    Command("map.farther", "minus", "farther", "A larger part, smaller.", shown=False),
    Command("map.whole", "0", "whole", "The whole map.", shown=False),
    Command("map.colour", "c", "colour", "Colours by kind, or by reward."),
    Command("map.find", "slash", "find", "Mark what a query finds, in the words of the memories' query language."),
    Command("map.open", "enter,o", "open", "This memory in the browser."),
    Command("plots.weeks", "w", "weeks", "Half a year, a year, a quarter."),
    Command("plots.open", "enter,o", "open", "The marked memory in the browser."),
)  # fmt: skip


def of(place: str) -> list[Command]:
    """The commands of one place, in their order."""
    return [command for command in COMMANDS if command.place == place]


def bindings(*places: str) -> list[Binding]:
    """The keys of some places, as the toolkit wants them. Keys that the owner chose instead go by the same ids, see `keymap`."""
    return [command.binding for place in places for command in of(place)]


def slashes() -> dict[str, Command]:
    """What may be typed with a slash."""
    return {command.slash: command for command in COMMANDS if command.slash}


def keymap(chosen: Mapping[str, str]) -> dict[str, str]:
    """The owner's own keys, checked.

    Raises:
        MementoError: there is no such command.
    """
    known = {command.id for command in COMMANDS}
    if strangers := [name for name in chosen if name not in known]:
        raise MementoError(
            f"There is no command “{strangers[0]}” to give a key to.",
            "The settings file has it under [app.keys]; /settings, keys, gives keys and shows each name.",
        )
    return dict(chosen)


def actions(place: str, chosen: Mapping[str, str]) -> dict[str, str]:
    """Key → action of one place, with the owner's own keys."""
    return {key.strip(): command.does for command in of(place) for key in chosen.get(command.id, command.keys).split(",")}


def said_key(key: str) -> str:
    """A key as a person reads it: `ctrl+p` is ^P, `f5` is F5."""
    names = {"escape": "Esc", "enter": "Enter", "tab": "Tab", "up": "↑", "down": "↓", "space": "Space", "home": "Home", "end": "End",
             "pageup": "PgUp", "pagedown": "PgDn", "slash": "/", "question_mark": "?", "plus": "+", "minus": "-", "equals_sign": "=",
             "left": "←", "right": "→", "delete": "Del", "asterisk": "*", "backspace": "Backspace"}  # fmt: skip
    head, plus, last = key.rpartition("+")
    last = names.get(last, last.upper() if head or (len(last) > 1 and last[0] == "f") else last)
    return (f"^{last}" if head == "ctrl" else f"{head.capitalize()}+{last}") if plus else last


def said_keys(keys: str) -> str:
    return " ".join(said_key(key.strip()) for key in keys.split(",") if key.strip())


def table(keys: Mapping[str, str] | None = None) -> Iterable[tuple[str, list[tuple[str, str, str]]]]:
    """Place → rows of (keys, slash, help): what the help and the README show."""
    changed = keys or {}
    for place, title in PLACES.items():
        rows = [
            (said_keys(changed.get(c.id, c.keys)), f"/{c.slash}" if c.slash else "", c.help) for c in of(place) if c.keys or c.slash
        ]  # fmt: skip
        if rows:
            yield title, rows
