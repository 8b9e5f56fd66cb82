from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from affectflow.synth import RenderedCorpus, SynthSettings, corpus, render_corpus
from affectflow.synth.clip import Take
from affectflow.synth.photograph import Photograph, load_photograph

Render = Callable[..., RenderedCorpus]


@pytest.fixture(scope="session")
def photograph() -> Photograph:
    return load_photograph()


@pytest.fixture
def render(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, photograph: Photograph) -> Render:
    """Renders a tiny corpus of a layout, into tmp_path / ``into``."""
    # Cutting the photograph out takes seconds; it is the same every time.
    monkeypatch.setattr(corpus, "load_photograph", lambda: photograph)

    def render(layout: str, into: str = "corpus", **settings: Any) -> RenderedCorpus:
        tiny = {"subjects": 1, "clips": 1, "seconds": 1.0, "size": 160, "workers": 1}
        return render_corpus(tmp_path / into, SynthSettings(layout=layout, **{**tiny, **settings}))

    return render


@pytest.fixture
def unfilmed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Videos are written empty: for tests of what there is and how it is called."""
    monkeypatch.setattr(Take, "film", lambda self, path, *_, **__: path.touch())


def files(root: Path) -> dict[str, str]:
    """Path below root -> digest of what is in it."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }
