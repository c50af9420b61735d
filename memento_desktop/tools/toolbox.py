"""The tools that are offered for one task: looks a call up, checks its arguments, and turns every failure into a result."""

from __future__ import annotations

import asyncio
import difflib
import logging
from collections.abc import Mapping, Sequence
from typing import Any, cast

from memento_desktop.errors import MementoError
from memento_desktop.tools.base import Result, Spec, Tool

log = logging.getLogger(__name__)

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list, tuple),
    "object": (dict,),
    "null": (type(None),),
}


class Toolbox:
    """Satisfies `agent.ports.Toolbox`. Raises ValueError when two tools share a name."""

    def __init__(self, tools: Sequence[Tool]) -> None:
        self._tools = {tool.spec.name: tool for tool in tools}
        if len(self._tools) != len(tools):
            raise ValueError("two tools share a name")

    def specs(self) -> Sequence[Spec]:
        return [tool.spec for tool in self._tools.values()]

    def preview(self, name: str, args: Mapping[str, Any]) -> str:
        """What exactly would happen, for the owner's consent. Raises MementoError when the call could not be made."""
        tool = self._tools.get(name)
        wrong = _wrong_arguments(tool.spec, args) if tool else self._no_tool(name)
        if tool is None or wrong:
            raise MementoError(wrong)
        return tool.preview(args)

    async def call(self, name: str, args: Mapping[str, Any], cancelled: asyncio.Event) -> Result:
        """Makes a call. Whatever goes wrong is a result with `ok` false; only `asyncio.CancelledError` passes.

        When `cancelled` is set the call is given up at once, however long the tool itself needs to notice.
        """
        tool = self._tools.get(name)
        wrong = _wrong_arguments(tool.spec, args) if tool else self._no_tool(name)
        if tool is None or wrong:
            return Result(wrong, ok=False)
        if cancelled.is_set():
            return _stopped(name)
        try:
            return await _race(name, tool, args, cancelled)
        except MementoError as error:
            return Result(str(error), ok=False)
        except Exception as error:
            log.exception("the tool %s failed", name)
            return Result(f"{name} failed: {type(error).__name__}: {error}", ok=False)

    def _no_tool(self, name: str) -> str:
        return f"There is no tool {name}. Tools: {', '.join(self._tools) or 'none'}."


async def _race(name: str, tool: Tool, args: Mapping[str, Any], cancelled: asyncio.Event) -> Result:
    work = asyncio.ensure_future(tool.call(args, cancelled))
    stop = asyncio.ensure_future(cancelled.wait())
    try:
        await asyncio.wait((work, stop), return_when=asyncio.FIRST_COMPLETED)
        return work.result() if work.done() else _stopped(name)
    finally:
        stop.cancel()
        if not work.done():
            work.cancel()
            work.add_done_callback(_note_late_failure)


def _note_late_failure(work: asyncio.Future[Result]) -> None:
    if not work.cancelled() and (error := work.exception()):
        log.info("a cancelled tool call ended in %r", error)


def _stopped(name: str) -> Result:
    return Result(f"{name} was cancelled.", ok=False)


def _wrong_arguments(spec: Spec, args: Mapping[str, Any]) -> str:
    """What is wrong with the arguments of a call, or an empty text."""
    known = ", ".join(spec.parameters) or "none"
    for given in args:
        if given not in spec.parameters:
            close = difflib.get_close_matches(given, spec.parameters, n=1)
            meant = f" Did you mean {close[0]}?" if close else ""
            return f"{spec.name} has no argument {given}.{meant} Arguments: {known}."
    for needed in spec.required:
        if needed not in args:
            return f"{spec.name} needs the argument {needed}. Arguments: {known}."
    for given, value in args.items():
        if wrong := _wrong_value(spec.parameters[given], value):
            return f"{spec.name}: {given} {wrong}."
    return ""


def _wrong_value(schema: Mapping[str, Any], value: object) -> str:
    allowed = schema.get("enum")
    if isinstance(allowed, (list, tuple)):
        choices = cast(Sequence[object], allowed)
        return "" if value in choices else f"must be one of {', '.join(map(str, choices))}, not {_short(value)}"
    kind = schema.get("type")
    if not isinstance(kind, str) or kind not in _TYPES:
        return ""
    is_bool_as_number = isinstance(value, bool) and kind in ("integer", "number")
    if isinstance(value, _TYPES[kind]) and not is_bool_as_number:
        return ""
    return f"must be a {kind}, not {_short(value)}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"
