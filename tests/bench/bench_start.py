"""How long a command takes from the shell, as a whole process: `memento --version`, and a first task on the built-in model.

    python -m tests.bench.bench_start

Ratios against a bare interpreter in the same run, since machines differ.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from statistics import median

RUNS = 5
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "memento --version": ["-m", "memento_desktop", "--version"],
    "memento memory list": ["-m", "memento_desktop", "memory", "list"],
    "memento ask (17 % of 2340)": ["-m", "memento_desktop", "ask", "What is 17% of 2340?"],
}


def seconds(words: list[str], home: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, *words], env=os.environ | {"MEMENTO_HOME": home}, capture_output=True, check=True)
    return time.perf_counter() - began


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        times = {name: median(seconds(words, home) for _ in range(RUNS)) for name, words in COMMANDS.items()}
    bare = times["python -c pass"]
    for name, took in times.items():
        print(f"{name:<28} {took:6.3f} s  {took / bare:5.1f} x a bare interpreter")


if __name__ == "__main__":
    main()
