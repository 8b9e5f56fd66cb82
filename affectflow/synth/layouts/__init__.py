"""The folders and annotation files of real corpora, one file a corpus.

A layout is a module of this package with three functions:

* ``plan(settings)``: every script (a video, or one person's pictures), in order;
* ``write(out, settings, script, photograph)``: one of them, whole or not there; the file that
  ``is_written(out, script)`` looks for comes last, so that it says whether all of it is there;
* ``finish(out, settings, scripts)``: what belongs to the corpus as a whole.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import Protocol, cast

from affectflow.errors import InputError
from affectflow.synth.photograph import Photograph
from affectflow.synth.script import Script
from affectflow.synth.settings import SynthSettings


class Layout(Protocol):
    """What a layout module offers."""

    def plan(self, settings: SynthSettings) -> list[Script]: ...

    def is_written(self, out: Path, script: Script) -> bool: ...

    def write(
        self, out: Path, settings: SynthSettings, script: Script, photograph: Photograph
    ) -> None: ...

    def finish(self, out: Path, settings: SynthSettings, scripts: list[Script]) -> None: ...


def layout_names() -> list[str]:
    """The layouts that there are."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def get_layout(name: str) -> Layout:
    """The layout of that name.

    Raises:
        InputError: there is none; the message lists those that there are.
    """
    if name not in layout_names():
        raise InputError(f"layout {name!r} is not one of {', '.join(layout_names())}")
    return cast(Layout, importlib.import_module(f"{__name__}.{name}"))
