"""Workspaces whose runs were recorded, not run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from bench.recorded import Recorder, Run
from bench.recorded_runs import rebuild, release
from pipelines.review.runs import read_runs
from pipelines.review.store import open_store


@pytest.fixture
def recorder(tmp_path) -> Recorder:
    return Recorder(tmp_path / "ws")


@pytest.fixture
def rebuilt(recorder) -> Run:
    return rebuild(recorder, "demo_rebuild.r1")


@dataclass(frozen=True)
class Told:
    """Three runs: a rebuild, the release that it led to, and a refusal compared with that."""

    recorder: Recorder
    rebuilt: Run
    released: Run
    refused: Run


@pytest.fixture
def told(recorder, rebuilt) -> Told:
    released = release(recorder, "demo_release.r2", rebuilt, number=1, ccc=0.5)
    refused = release(
        recorder, "demo_release.r3", rebuilt, ccc=0.2, compared_with=1,
        settings={"rnn": {"cell": "gru1"}},
    )  # fmt: skip
    return Told(recorder, rebuilt, released, refused)


@pytest.fixture
def listed(recorder) -> Callable:
    """listed(...): read_runs of the recorder's workspace."""

    def read(*args, **options):
        place = recorder.workspace
        return read_runs(place, open_store(place, environment={}), *args, **options)

    return read
