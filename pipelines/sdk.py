"""Imports TFX's launcher in a fraction of the time that ``tfx.v1`` takes (see bench/node_start.py).

The launcher itself needs neither TensorFlow nor TFX's standard components; it runs in TFX's own
small distribution, ml-pipelines-sdk, which has neither. But where they are installed it imports
them, for decorators of the documentation and for two constants. So they are hidden while it is
imported, and every node pays only for what its executor imports.

Whatever else of TFX is imported comes after this module, or it brings TensorFlow along.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import TYPE_CHECKING

from pipelines.lean_imports import hidden

_HIDDEN = ("tensorflow", "tfx.components")


def _import_launcher() -> ModuleType:
    """``tfx.orchestration.portable.launcher``.

    What is hidden is chosen so that nothing is missing later: TFX's file access falls back to
    local files, which is what a workspace is, and the constants have the same values.
    """
    with hidden(_HIDDEN):
        launcher = importlib.import_module("tfx.orchestration.portable.launcher")
    if "tfx.components" not in sys.modules:
        _put_off("tfx.components")
    return launcher


def _put_off(name: str) -> None:
    """Makes a package whose ``__init__`` runs when something of it is asked for by name.

    ``tfx.components`` imports every standard component; an executor, named by its own module, is
    found without that.
    """
    spec = importlib.util.find_spec(name)
    if spec is None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    package = importlib.util.module_from_spec(spec)
    package.__class__ = _PutOff
    sys.modules[name] = package
    parent, _, child = name.rpartition(".")
    setattr(sys.modules[parent], child, package)


class _PutOff(ModuleType):
    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        _run(self)
        return getattr(self, name)


def _run(package: ModuleType) -> None:
    package.__class__ = ModuleType
    spec = package.__spec__
    assert spec is not None, "_put_off() made the package from one"
    assert spec.loader is not None
    spec.loader.exec_module(package)


if TYPE_CHECKING:
    from tfx.orchestration.portable import launcher as launcher
else:
    launcher = _import_launcher()
    """``tfx.orchestration.portable.launcher``"""
