"""``make bench``: measures every ratio, prints a table, ends with a line of JSON.

    python bench/run.py [--only NAME ...]

Exits 1 when a bound is missed.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TextIO

# Run as a script, Python would look for modules in this folder, whose names are those of topics.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from rich.console import Console  # noqa: E402

from bench.result import Result, as_json, show  # noqa: E402
from bench.workbench import Workbench  # noqa: E402

NAMES = (
    "ingest",
    "memory",
    "rebuild",
    "cnn_training",
    "feature_extractor",
    "rnn_training",
    "node_start",
    "predict",
    "real_clips",
    "review",
)
CORES = 2  # the ratios are stated for a machine of two

Measure = Callable[[Workbench], list[Result]]


def find_measure(name: str) -> Measure:
    """The measurement of that name: the function ``measure`` of a module here."""
    found: Measure = importlib.import_module(f"bench.{name}").measure
    return found


def main(argv: Sequence[str], find: Callable[[str], Measure] = find_measure) -> int:
    """Measures and prints; the exit status.

    Args:
        argv: without the program's name.
        find: what gives a measurement by its name.
    """
    parser = argparse.ArgumentParser(prog="bench/run.py", description=__doc__.split("\n")[0])
    parser.add_argument(
        "--only", action="append", choices=NAMES, help="measure this alone; may be repeated"
    )
    parser.add_argument("--verbose", action="store_true", help="show what the libraries log, too")
    options = parser.parse_args(argv)
    console = Console(highlight=False, soft_wrap=True)
    results = []
    with tempfile.TemporaryDirectory(prefix="affectflow-bench-") as scratch:
        bench = Workbench(Path(scratch), _pin(CORES), lambda text: console.print(f"  {text}"))
        with _quiet(Path(scratch, "log"), options.verbose):
            for name in options.only or NAMES:
                console.print(f"[bold]{name}[/]")
                began = time.monotonic()
                found = find(name)(bench)
                results += found
                for result in found:
                    bench.say(f"{result.name} {result.value:.3f}: {result.detail}")
                bench.say(f"took {time.monotonic() - began:.0f} s")
    show(results, console)
    print(as_json(results), flush=True)
    return 0 if all(result.ok for result in results) else 1


def _quiet(log: Path, verbose: bool) -> AbstractContextManager[TextIO]:
    from pipelines.quiet import quiet_libraries

    return quiet_libraries(log, verbose)


def _pin(cores: int) -> int:
    """Keeps this process, and those it starts, on so many processors; gives how many they are."""
    chosen = sorted(os.sched_getaffinity(0))[:cores]
    os.sched_setaffinity(0, chosen)
    return len(chosen)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
