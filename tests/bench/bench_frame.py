"""Time from the start of the interpreter to the first frame, of the app and of a bare Textual app in turns; the ratio is what counts.

python -m tests.bench.bench_frame --rounds 9
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

BARE = """
from textual.app import App
class Bare(App):
    pass
kind = Bare
make = Bare
"""
OURS = """
from pathlib import Path
from memento_desktop.tui.app import MementoApp
from memento_desktop.tui.desk import Start
kind = MementoApp
make = lambda: MementoApp(Start((Path.cwd(),)))
"""
RUN = """
import sys, time
def first_frame(app):
    print(time.time(), file=sys.__stdout__, flush=True)
    import os
    os._exit(0)
class Timed(kind):
    def on_mount(self):
        if kind.__name__ == "MementoApp":
            super().on_mount()
        self.call_after_refresh(self.call_after_refresh, first_frame, self)
Timed.__name__ = "Timed"
app = make()
app.__class__ = Timed
app.run(headless=True, size=(120, 40))
"""


def once(code: str, home: str) -> float:
    """Seconds from starting the process to its first frame."""
    began = time.time()
    done = subprocess.run(
        [sys.executable, "-c", code + RUN], capture_output=True, text=True, check=True, env=os.environ | {"MEMENTO_HOME": home}
    )  # fmt: skip
    return float(done.stdout.strip()) - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        for code in (BARE, OURS):  # once for the caches
            once(code, home)
        pairs = [(once(BARE, home), once(OURS, home)) for _ in range(args.rounds)]
    bare, ours = (statistics.median(side) for side in zip(*pairs, strict=True))
    print(f"first frame: bare {bare:.3f} s, ours {ours:.3f} s, ratio {ours / bare:.2f} (bar 2.0), {args.rounds} rounds in turns, medians")


if __name__ == "__main__":
    main()
