"""What this machine has for a model: memory from the system, memory bandwidth from a measurement of under two seconds that is kept."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import platform
import threading
import time
from pathlib import Path
from typing import Any

from memento_desktop.inference.machine import available_memory, default_threads
from memento_desktop.inference.models.fits import Machine

BLOCK = 64 * 2**20
"""Bytes that each thread copies at a time: more than any cache holds."""
SECONDS = 1.2
FILE = "machine.json"


def machine(cache: Path, threads: int | None = None, measure: bool = True) -> Machine:
    """This machine now. The bandwidth comes from `cache`, or is measured and kept there; 0.0 when `measure` is False and it is not there.

    `threads` is how many the model would use; None takes the engine's default.
    """
    import psutil

    count = threads or default_threads()
    memory = psutil.virtual_memory()
    free = min(int(memory.available), available_memory() or int(memory.available))
    return Machine(int(memory.total), free, _bandwidth(cache / FILE, count, measure), count)


def _bandwidth(file: Path, threads: int, measure: bool) -> float:
    key = f"{platform.machine()} {platform.processor()} {os.cpu_count()} cores, {threads} threads"
    known = _kept(file)
    if isinstance(value := known.get(key), int | float) and value > 0:
        return float(value)
    if not measure:
        return 0.0
    found = copying(threads, SECONDS)
    # A cache: where it cannot be written, the next call measures again.
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_name(f"{file.name}.{os.getpid()}")
        partial.write_text(json.dumps({**known, key: round(found)}), encoding="utf-8")
        partial.replace(file)
    return found


def _kept(file: Path) -> dict[str, Any]:
    try:
        found: Any = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return dict(found) if isinstance(found, dict) else {}  # pyright: ignore[reportUnknownArgumentType]  # its values are looked at one by one


def copying(threads: int, seconds: float, block: int = BLOCK) -> float:
    """Bytes a second that `threads` threads together read and write while they copy blocks of memory for `seconds`."""
    start = threading.Barrier(threads + 1)
    done = [0.0] * threads

    def run(number: int) -> None:
        source, target = ctypes.create_string_buffer(block), ctypes.create_string_buffer(block)
        # ctypes lets go of the interpreter while it copies, so that threads run side by side.
        ctypes.memmove(target, source, block)
        start.wait()
        began, copied = time.perf_counter(), 0
        while (spent := time.perf_counter() - began) < seconds or not copied:
            ctypes.memmove(target, source, block)
            copied += 2 * block
        done[number] = copied / max(spent, time.perf_counter() - began)

    workers = [threading.Thread(target=run, args=(n,), daemon=True) for n in range(threads)]
    for worker in workers:
        worker.start()
    start.wait()
    for worker in workers:
        worker.join()
    return sum(done)
