"""What this machine has: physical cores and free memory, from the operating system alone."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from pathlib import Path


def default_threads() -> int:
    """Threads for the model: one less than the physical cores that this process may use, 1 in CI.

    A thread too many is catastrophic beside any busy process (the workers spin), one too few costs little.
    """
    return 1 if os.environ.get("CI") else max(1, physical_cores() - 1)


def physical_cores() -> int:
    """Physical cores that this process may use; half the logical ones where the system does not say (at least 1)."""
    logical = os.cpu_count() or 1
    if sys.platform == "linux":
        return _linux_cores() or max(1, logical // 2)
    if sys.platform == "darwin":
        count, size = ctypes.c_int(0), ctypes.c_size_t(ctypes.sizeof(ctypes.c_int))
        if ctypes.CDLL(None).sysctlbyname(b"hw.physicalcpu", ctypes.byref(count), ctypes.byref(size), None, 0) == 0:
            return max(1, count.value)
        return logical
    # Windows tells only through a variable-length structure; half the logical count is the safe side.
    return max(1, logical // 2)


def _linux_cores() -> int:
    cores: set[str] = set()
    for cpu in os.sched_getaffinity(0):
        try:
            cores.add(Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list").read_text())
        except OSError:
            return 0
    return len(cores)


def available_memory() -> int | None:
    """Bytes that can be taken without swapping; None when the system does not say. macOS: what is installed, an upper bound."""
    if sys.platform == "linux":
        return _linux_memory()
    if sys.platform == "win32":
        return _windows_memory()
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return None


def _linux_memory() -> int | None:
    free: list[int] = []
    with contextlib.suppress(OSError, ValueError, IndexError):
        lines = Path("/proc/meminfo").read_text().splitlines()
        free += [int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")]
    with contextlib.suppress(OSError, ValueError):
        # In a container the limit is below what the machine has. "max" (no limit) is the ValueError.
        group = Path("/sys/fs/cgroup")
        limit = int((group / "memory.max").read_text())
        free.append(max(0, limit - int((group / "memory.current").read_text())))
    return min(free, default=None)


def _windows_memory() -> int | None:
    class Status(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((name, ctypes.c_ulonglong) for name in ("total", "free", "page_total", "page_free", "own_total", "own_free", "extended")),
        )

    status = Status(length=ctypes.sizeof(Status))
    windll = getattr(ctypes, "windll", None)
    if windll is None or not windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
        return None
    return int(status.free)
