"""Starts processes faster: libraries are imported as if what they only look for were not installed.

TensorFlow, Keras and Beam import whatever they find of plotting, notebooks, scikit-learn, pandas
and Google's clients, to offer functions for it that nothing here calls: a third of the start of a
trainer (``docs/measured.md``). They are told that it is not there, and take the way that each of
them has for that; whoever else imports it gets it.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

LOOKED_FOR = ("tensorflow", "keras", "apache_beam")
"""Libraries that look for others."""

HIDDEN = (
    "google.cloud", "googleapiclient", "pymongo", "IPython", "ipywidgets", "matplotlib", "pandas",
    "sklearn",
)  # fmt: skip
"""What they find, and nothing here has them use."""


def lean_imports() -> None:
    """Has the libraries that this process is yet to import do without what they only look for."""
    if not any(isinstance(finder, _Lean) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Lean())


@contextmanager
def hidden(names: Sequence[str]) -> Iterator[None]:
    """Packages that are not imported yet are as if not installed, until the end of the block.

    Only for this thread: another may need one at any time.
    """
    # A folder that packages share, as google.cloud is, stands there from the start.
    finder = _Absent(
        tuple(name for name in names if not getattr(sys.modules.get(name), "__file__", None))
    )
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Absent(MetaPathFinder):
    """A finder for which some packages are not installed, where the thread asks that made it."""

    def __init__(self, names: tuple[str, ...]):
        self._names = names
        self._thread = threading.get_ident()

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if threading.get_ident() != self._thread:
            return
        if any(name == hidden or name.startswith(f"{hidden}.") for hidden in self._names):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


class _Lean(MetaPathFinder):
    """A finder of the libraries, whose modules run with the rest out of sight."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        found = PathFinder.find_spec(name, path, target) if name in LOOKED_FOR else None
        if found is not None and found.loader is not None:
            found.loader = _Without(found.loader)
        return found


class _Without(Loader):
    """A library's own loader, which runs the module with some packages hidden."""

    def __init__(self, loader: Loader):
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        # What asks a module for its loader (its source, its data) is to find the library's own.
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        with hidden(HIDDEN):
            self._loader.exec_module(module)
