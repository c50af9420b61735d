"""Starts a child process: takes the protocol's pipe first, imports the worker's libraries second.

Run as `python -m memento_desktop.inference.launch WORKER`: whatever a library prints while it is imported lands in the log.
"""

from __future__ import annotations

import importlib
import sys

from memento_desktop.inference.child import begin

WORKERS = ("llama_worker", "embed_worker")


def main() -> None:
    """Serves requests until the parent leaves."""
    pipe = begin()
    name = sys.argv[1]
    if name not in WORKERS:
        sys.exit(f"unknown worker {name!r}")
    importlib.import_module(f"memento_desktop.inference.{name}").main(pipe)


if __name__ == "__main__":
    main()
