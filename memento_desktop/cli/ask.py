"""`memento ask`: streams the plan, the steps and the answer of one task."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import signal
from collections.abc import Generator
from pathlib import Path
from random import Random

from rich.status import Status

from memento_desktop.agent import events as ev
from memento_desktop.agent.ports import ToolSpec
from memento_desktop.assistant import Assistant
from memento_desktop.cli.console import called, complain, err, interactive, note, out, reasons, remembered, say, styled
from memento_desktop.config.paths import Paths
from memento_desktop.config.settings import Settings
from memento_desktop.errors import MementoError
from memento_desktop.memory.policy import TRIAL

STOPPED = 130
INDEX_SECONDS = 2.0
log = logging.getLogger(__name__)


class AskOwner:
    """Shows exactly what would happen and asks on the terminal; the default is no, and no terminal means no."""

    async def approve(self, spec: ToolSpec, preview: str) -> bool:
        if not interactive():
            return False
        err.print(styled(preview, "yellow"))
        err.print(f"Allow {spec.name}? [y/N] ", end="")
        reply = await asyncio.to_thread(input)
        return reply.strip().lower() in ("y", "yes")


class Printer:
    """Events as lines: what leads to the answer on the error stream, the answer on standard output."""

    def __init__(self, waiting: Status | None) -> None:
        self.waiting, self.code = waiting, 1
        self.worked = False
        """Whether a task ran: "remember that …" is none."""

    def _wait_for(self, what: str) -> None:
        if self.waiting is not None:
            self.waiting.update(f"{what} · Ctrl-C stops")

    def show(self, event: ev.Event) -> None:
        match event:
            case ev.TaskStarted():
                self.worked = True
                self._wait_for("reading memory")
            case ev.MemoryUsed():
                self._memory(event)
                self._wait_for("planning")
            case ev.Shortened():
                note("cut", "; ".join(event.what) + ": the model's context is full", "yellow")
            case ev.ReplyRejected():
                note("again", f"the {event.role}'s reply could not be used: {event.reason}", "yellow")
            case ev.PlanReady():
                for n, step in enumerate(event.steps, 1):
                    note("plan" if n == 1 else "", f"{n}  {step}")
            case ev.StepStarted():
                self._wait_for(f"step {event.n}")
            case ev.ToolCalled():
                note("tool", called(event.tool, event.args), "cyan")
            case ev.ToolFinished():
                first, *rest = event.text.splitlines() or [""]
                more = f" … {len(rest)} more lines" if rest else ""
                note("" if event.ok else "error", f"{first}{more}  ({event.ms} ms)", "" if event.ok else "yellow")
                if event.tool == "remember" and event.ok:
                    note("", "a proposal of the model's: `memento memory review`", "dim")
            case ev.StepFinished():
                self._wait_for("thinking about the results")
            case ev.Answer():
                if self.waiting is not None:
                    self.waiting.stop()  # it shares its line with the answer where both streams go to one terminal
                say(event.text, "bold" if out.is_terminal else "")
                for source in event.sources:
                    note("from", f"{source.where or 'memory'}  ({source.memory_id})", "dim")
                self.code = 0
            case ev.Remembered():
                if self.waiting is not None:
                    self.waiting.stop()
                remembered(event)
                self.code = 0
            case ev.Noticed():
                note("note", event.text, "yellow")
            case ev.Proposed():
                note("keep?", f"{event.text}  (`memento memory review --accept {event.memory_id}`)", "magenta")
            case ev.Failed():
                complain(MementoError(event.message, event.hint))
            case ev.CaseWritten():
                self._end(event)
            case _:
                pass

    @staticmethod
    def _memory(event: ev.MemoryUsed) -> None:
        for item in event.items:
            if item.shown:
                why = reasons(item.why["terms"], item.why["rank_text"], item.why["rank_vector"], item.why["similarity"])
                note("read", f"{item.kind} {item.id}: {item.title}  ({why})", "magenta")
            elif item.why.get("left_out") == TRIAL:
                note("tried", f"without {item.kind} {item.id}: {item.title}  ({TRIAL}; --deterministic leaves nothing to chance)", "dim")
        if event.note:
            note("", event.note, "dim")

    def _end(self, event: ev.CaseWritten) -> None:
        if event.outcome == "cancelled":
            self.code = STOPPED
        kept = f"case {event.case_id} · " if event.case_id else ""
        note("", f"{kept}{event.outcome} · {event.seconds:.1f} s · {event.prompt_tokens + event.completion_tokens} tokens", "dim")
        if not event.case_id:
            note("", "nothing of this task was kept, so no feedback can be given on it", "dim")
        if event.case_id and event.outcome == "done":
            note("", 'was it right? memento feedback --good | --bad | --correct "…"', "dim")


@contextlib.contextmanager
def _spinner(shown: bool) -> Generator[Status | None]:
    if not shown:
        yield None
        return
    with err.status("loading the model · Ctrl-C stops", spinner="dots") as status:
        yield status


def run(
    task: str, folders: list[Path], model: Path | None, memory: bool, as_json: bool, deterministic: bool = False, session: int | None = None
) -> int:  # fmt: skip
    """Runs one task. Returns the exit code.

    Raises:
        MementoError: one of the folders is none, or nothing can be added to that conversation.
    """
    for folder in folders:
        if not folder.is_dir():
            raise MementoError(f"There is no folder {folder}.", "Name one that is there with --folder.")
    return asyncio.run(_run(task, folders, model, memory, as_json, None if deterministic else Random(), session))


async def _run(
    task: str, folders: list[Path], model: Path | None, memory: bool, as_json: bool, random: Random | None, session: int | None
) -> int:  # fmt: skip
    paths = Paths.of_this_user()
    stop = asyncio.Event()
    _stop_on_interrupt(stop)
    async with Assistant(
        Settings.load(paths.settings), paths, folders=folders, model=model, memory=memory, approver=AskOwner(), random=random
    ) as assistant:
        for case in assistant.recovered:
            note("found", f"an interrupted task: {case.task} (case {case.id})", "yellow")
        with _spinner(err.is_terminal and not as_json) as waiting:
            printer = Printer(waiting)
            async with contextlib.aclosing(assistant.ask(task, stop, session)) as events:
                async for event in events:
                    if as_json:  # in ASCII, so that nothing in it can move a terminal's cursor
                        print(json.dumps(event.model_dump(mode="json")), flush=True)
                        printer.code = _code(event, printer.code)
                    else:
                        printer.show(event)
        if memory and not stop.is_set() and printer.worked:
            await _catch_up(assistant)
        return printer.code


async def _catch_up(assistant: Assistant) -> None:
    """Embeds and learns what waits, if the embedder is there by now; the answer is out, so this neither holds it up nor fails it."""
    try:
        await asyncio.wait_for(assistant.index(), INDEX_SECONDS)
    except TimeoutError:
        log.info("not all memories were embedded; the rest stays in the queue")
    except MementoError as error:
        log.warning("memories were not embedded: %s", error)
    await asyncio.to_thread(assistant.daily_copy)


def _code(event: ev.Event, code: int) -> int:
    if isinstance(event, ev.Answer | ev.Remembered):
        return 0
    return STOPPED if isinstance(event, ev.CaseWritten) and event.outcome == "cancelled" else code


def _stop_on_interrupt(stop: asyncio.Event) -> None:
    """The first Ctrl-C stops the task and keeps what was done; a second one ends the program."""
    loop = asyncio.get_running_loop()

    def first() -> None:
        stop.set()
        loop.remove_signal_handler(signal.SIGINT)

    with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C raises KeyboardInterrupt, which cancels the task as well
        loop.add_signal_handler(signal.SIGINT, first)
