"""Runs a script where two logical CPUs stand for two GPUs, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]

_DEVICES = """
import json, sys
import numpy as np
import tensorflow as tf

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
listed = tf.config.list_logical_devices
tf.config.list_logical_devices = lambda kind=None: listed("CPU")
"""


def run_on_two_devices(script: str, *arguments: Path) -> Any:
    """Runs ``script``, which finds json, sys, np and tf imported and the devices set; gives what
    its last line says in JSON."""
    done = subprocess.run(
        [sys.executable, "-c", _DEVICES + script, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])
