from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from affectflow.synth import RenderedCorpus, SynthSettings, corpus, filming, render_corpus
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

    class Unfilmed:
        def film(self, path: Path, silent: bool) -> None:
            path.touch()

    monkeypatch.setattr(filming, "take_of", lambda script, photograph: Unfilmed())
