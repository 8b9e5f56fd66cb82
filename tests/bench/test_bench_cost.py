from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.cost import OthersMeter, cpu_seconds, peak_tree_bytes, seconds

MIB = 2**20


def test_seconds_are_on_the_clock() -> None:
    assert 0.05 <= seconds(lambda: time.sleep(0.05)) < 5


def test_cpu_seconds_count_work_and_not_waiting() -> None:
    before = cpu_seconds()
    time.sleep(0.3)
    assert cpu_seconds() - before < 0.2


def test_cpu_seconds_count_children_that_have_ended() -> None:
    before = cpu_seconds()
    work = "import time\nwhile time.process_time() < 0.5: pass"
    subprocess.run([sys.executable, "-c", work], check=True)
    assert cpu_seconds() - before >= 0.5


def test_what_a_child_works_is_not_the_work_of_others() -> None:
    # Alone or not on this machine, others cannot have used more than all of it.
    with OthersMeter() as meter:
        time.sleep(0.2)
    assert 0 <= meter.others <= 1.2 * (len(Path("/proc/stat").read_text().split("cpu")) - 2)


def test_peak_is_of_the_whole_tree_and_of_its_largest_moment(tmp_path: Path) -> None:
    # 60 MiB in the process and 80 MiB in a child of its child, at once, given back before the end.
    child = "x = bytearray(80 << 20); import time; time.sleep(0.5)"
    middle = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    parent = (
        "import subprocess, sys\nx = bytearray(60 << 20)\n"
        f"subprocess.run([sys.executable, '-c', {middle!r}])\ndel x\n"
    )
    peak = peak_tree_bytes([sys.executable, "-c", parent], tmp_path)
    # Three Python interpreters come on top, some 10 to 20 MiB each.
    assert 140 * MIB <= peak < 260 * MIB


def test_a_command_that_fails_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="ended with 3"):
        peak_tree_bytes([sys.executable, "-c", "raise SystemExit(3)"], tmp_path)
