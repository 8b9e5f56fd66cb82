import json
from pathlib import Path

import pytest

from bench.recorded import REBUILD
from bench.recorded_runs import rebuild, release
from pipelines.review.compare import SECTIONS, compare_runs
from pipelines.review.detail import read_run
from pipelines.review.store import open_store


@pytest.fixture
def compared(recorder):
    """compared(a, b): two runs of the recorder's workspace."""

    def compare(a, b):
        store = open_store(recorder.workspace, environment={})
        return compare_runs(*(read_run(recorder.workspace, store, name) for name in (a, b)))

    return compare


def differing(found):
    return {row.name: (row.a, row.b) for row in found.rows if row.differs}


def test_what_differs_is_marked_and_what_does_not_is_there(told, compared):
    found = compared("demo_release.r2", "demo_release.r3")
    assert [row.section for row in found.rows] == sorted(
        (row.section for row in found.rows), key=SECTIONS.index
    )
    differs = differing(found)
    assert differs["rnn.cell"] == ("gru3", "gru1")
    assert differs["verdict"] == ("blessed", "refused")
    assert differs["release"] == (1, None)
    assert differs["rnn.ccc_mean"] == (0.5, 0.2)
    row = next(row for row in found.rows if row.name == "rnn.ccc_mean")
    assert row.change == pytest.approx(-0.3)
    same = {row.name: row.a for row in found.rows if not row.differs}
    assert same["train kept"] == same["train decoded"] - 34 == 110
    assert same["code"] == "7d79d02c5a52dca6"
    assert same["tfx"] == "1.16.0"
    assert same["cnn.epochs"] == 6
    assert found.notes == ()
    assert json.dumps(found.as_json(), allow_nan=False)


def test_a_run_differs_from_itself_in_nothing(told, compared):
    assert differing(compared("demo_release.r2", "demo_release.r2")) == {}


def test_other_data_are_marked(recorder, compared):
    for name, digest, videos in (("r1", "a" * 64, 3), ("r2", "b" * 64, 4)):
        rebuild(recorder, f"demo_rebuild.{name}", digest=digest, videos=videos)
    differs = differing(compared("demo_rebuild.r1", "demo_rebuild.r2"))
    assert differs == {
        "corpus digest": ("a" * 64, "b" * 64), "clips listed": (3, 4), "clips used": (3, 4),
    }  # fmt: skip


def test_metrics_of_other_frames_are_not_to_be_compared(told, compared):
    path = Path(told.refused.uri("Evaluator/evaluation"), "summary.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"digest": "f" * 64}))
    found = compared("demo_release.r2", "demo_release.r3")
    assert any("different frames" in note for note in found.notes)


def test_runs_of_two_kinds_and_half_a_run(recorder, rebuilt, compared):
    rebuild(recorder, "demo_rebuild.r0", nodes=REBUILD[:1])
    half = compared("demo_rebuild.r0", "demo_rebuild.r1")
    assert differing(half)["train kept"] == (None, 110)
    release(recorder, "demo_release.r2", rebuilt, number=1)
    found = compared("demo_rebuild.r1", "demo_release.r2")
    assert any("a rebuild and a release" in note for note in found.notes)
    # What only one kind has is no difference of settings.
    assert not any(row.differs for row in found.rows if row.section == "settings")


def test_problems_are_told(told, compared, recorder):
    (recorder.workspace.run("demo_release.r2") / "run.json").write_text("{")
    notes = compared("demo_release.r2", "demo_release.r3").notes
    assert any(note.startswith("demo_release.r2: ") and "damaged" in note for note in notes)
