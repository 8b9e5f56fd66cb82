"""The machine that a run began on, as far as the operating system says it."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

_GPUS = Path("/proc/driver/nvidia/gpus")
_CPUS = Path("/proc/cpuinfo")


def hardware() -> dict[str, Any]:
    """``system``, ``cpu``, ``cpus`` (that this process may use), ``memory_gib``, ``gpus`` (models).

    What is not known is left out; no driver is started to find out. A scheduler may run later
    nodes on other machines.
    """
    found: dict[str, Any] = {"system": f"{platform.system()} {platform.machine()}"}
    if cpu := _field(_CPUS, "model name"):
        found["cpu"] = cpu
    found["cpus"] = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if memory > 0:
        found["memory_gib"] = round(memory / 2**30, 1)
    gpus = [_field(path, "Model") for path in sorted(_GPUS.glob("*/information"))]
    found["gpus"] = [gpu for gpu in gpus if gpu]
    return found


def _field(path: Path, name: str) -> str:
    """The first value of that name in a file of "name : value" lines; "" where there is none."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    pairs = (line.partition(":") for line in lines)
    return next((value.strip() for key, _, value in pairs if key.strip() == name), "")
