import hashlib
import json
import shutil
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from affectflow.errors import InputError
from bench.recorded import REBUILD, RELEASE, Execution
from bench.recorded_files import CODE
from bench.recorded_runs import CORPUS, rebuild, release
from pipelines.review.begun import begun_runs, find_run
from pipelines.review.store import open_store

PROJECT = Path(__file__).resolve().parents[3]


def test_a_row_says_what_when_on_what_and_how_good(told, listed):
    refused, released, rebuilt = listed()
    assert [run.run_id for run in (rebuilt, released, refused)] == [
        "demo_rebuild.r1", "demo_release.r2", "demo_release.r3",
    ]  # fmt: skip
    assert {run.recipe for run in (rebuilt, released, refused)} == {"demo"}
    assert [run.kind for run in (rebuilt, released)] == ["rebuild", "release"]
    assert {run.state for run in (rebuilt, released, refused)} == {"complete"}
    assert {run.corpus_digest for run in (rebuilt, released, refused)} == {CORPUS}
    assert {run.frames_kept for run in (rebuilt, released, refused)} == {140}
    assert list(released.frames) == ["train", "eval"]
    assert released.code_version == CODE
    assert (rebuilt.verdict, rebuilt.headline, rebuilt.release) == ("", None, None)
    assert (released.verdict, released.release, released.failures) == ("blessed", 1, ())
    assert (refused.verdict, refused.release, refused.compared_with) == ("refused", None, 1)
    assert refused.failures == refused.reasons[:1]
    line = released.headline
    assert (line.stage, line.metric, line.value, line.frames) == ("rnn", "ccc_mean", 0.5, 30)
    assert (line.low, line.high) == (0.4, 0.6)
    assert released.rebuild_run == rebuilt.run_id
    assert not any(run.problems for run in (rebuilt, released, refused))


def test_times_are_those_of_the_record(told, listed, recorder):
    began = int(datetime(2026, 11, 25, 15, 0, tzinfo=UTC).timestamp() * 1000)
    with sqlite3.connect(recorder.workspace.metadata) as database:
        context = told.released.context.id
        database.execute(
            "UPDATE Context SET create_time_since_epoch = ? WHERE id = ?", (began, context)
        )
        database.execute(
            "UPDATE Execution SET last_update_time_since_epoch = ? WHERE id IN"
            " (SELECT execution_id FROM Association WHERE context_id = ?)",
            (began + 90_500, context),
        )
    run = next(run for run in listed() if run.release == 1)
    assert run.duration_s == 90.5
    assert run.as_json()["started"] == "2026-11-25T15:00:00.000+00:00"
    assert run.as_json()["ended"] == "2026-11-25T15:01:30.500+00:00"
    assert json.dumps(run.as_json(), allow_nan=False)


def test_filters(told, listed, recorder):
    rebuild(recorder, "other_rebuild.r4", recipe="other", nodes=REBUILD[:2])
    assert [run.run_id for run in listed(2)] == ["other_rebuild.r4", "demo_release.r3"]
    assert [run.run_id for run in listed(recipe="other")] == ["other_rebuild.r4"]
    assert [run.run_id for run in listed(1, recipe="demo")] == ["demo_release.r3"]
    assert [run.run_id for run in listed(1, state="complete")] == ["demo_release.r3"]
    assert listed(recipe="none") == []


@pytest.mark.parametrize(
    ("nodes", "last", "state"),
    [
        (REBUILD[:3], Execution.COMPLETE, "interrupted"),
        (REBUILD[:3], Execution.RUNNING, "interrupted"),
        (REBUILD[:3], Execution.FAILED, "failed"),
        (REBUILD[:3], Execution.CANCELED, "failed"),
        # The corpus has labels: there is more to do.
        (REBUILD[:4], Execution.COMPLETE, "interrupted"),
        (REBUILD, Execution.COMPLETE, "complete"),
        (REBUILD, Execution.CACHED, "complete"),
        ((), Execution.COMPLETE, "interrupted"),
    ],
)
def test_a_run_that_has_not_come_to_its_end(recorder, listed, nodes, last, state):
    rebuild(recorder, "demo_rebuild.r1", nodes=nodes, last_state=last)
    (run,) = listed()
    assert run.state == state
    assert run.ended is not None or not nodes


def test_a_corpus_without_labels_ends_with_the_validation(recorder, listed):
    rebuild(recorder, "demo_rebuild.r1", nodes=REBUILD[:4], labels=False)
    (run,) = listed()
    assert (run.state, run.frames_kept) == ("complete", 140)


def test_a_later_attempt_counts(recorder, listed):
    run = rebuild(recorder, "demo_rebuild.r1", nodes=REBUILD[:5], last_state=Execution.FAILED)
    assert listed()[0].state == "failed"
    recorder.node(run, "DensitySampler")
    assert listed()[0].state == "interrupted"
    recorder.node(run, "Transform")
    assert listed()[0].state == "complete"


def test_a_run_of_which_no_node_began(recorder, told, listed):
    folder = recorder.workspace.run("demo_release.r9")
    folder.mkdir()
    source = recorder.workspace.run("demo_release.r2") / "run.json"
    record = json.loads(source.read_text()) | {"run_id": "demo_release.r9"}
    (folder / "run.json").write_text(json.dumps(record))
    run = listed()[0]
    assert (run.run_id, run.state, run.recipe) == ("demo_release.r9", "interrupted", "demo")
    assert "none of its nodes has begun" in run.problems[0]
    assert run.corpus_digest == CORPUS


@pytest.mark.parametrize(
    "text",
    ["{", "[]", "{}", '{"format": 9}', "\x00", '{"format": 1, "run_id": 3}', "null", "\udcff"],
)
def test_a_damaged_record_is_said_and_hides_nothing_else(told, listed, recorder, text):
    path = recorder.workspace.run("demo_release.r2") / "run.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    rows = {run.run_id: run for run in listed()}
    assert len(rows) == 3
    run = rows["demo_release.r2"]
    assert f"{path} is damaged" in run.problems[0]
    assert "start a new run" not in run.problems[0]
    # What ML Metadata knows is still there.
    assert (run.state, run.recipe, run.kind, run.release) == ("complete", "demo", "release", 1)
    assert not rows["demo_release.r3"].problems


def test_a_field_of_another_type_is_damage(told, listed, recorder):
    path = recorder.workspace.run("demo_release.r2") / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"request": 7}))
    assert "another type" in next(run for run in listed() if run.release == 1).problems[0]


def test_deleted_files_are_said(told, listed, recorder):
    shutil.rmtree(recorder.workspace.artifacts)
    refused, released, rebuilt = listed()
    assert (released.state, released.release, released.frames) == ("complete", 1, {})
    # The release has a copy of its metrics, and the refusal has one.
    assert (released.headline.value, refused.headline.value) == (0.5, 0.2)
    for run, file in ((rebuilt, "counts.json"), (released, "summary.json")):
        assert any(file in text and text.endswith("files deleted") for text in run.problems)
    shutil.rmtree(recorder.workspace.releases)
    shutil.rmtree(recorder.workspace.root / "runs")
    refused, released, rebuilt = listed()
    assert (released.verdict, released.release, refused.verdict) == ("blessed", 1, "refused")
    assert released.headline is None
    assert any("releases/0001 is gone" in text for text in released.problems)
    assert rebuilt.recipe == "demo"


@pytest.mark.parametrize("name", ["summary.json", "counts.json"])
@pytest.mark.parametrize("text", ["", "[1]", '{"frames": 3, "stages": 3, "verdict": []}'])
def test_damaged_files_hide_no_row(told, listed, recorder, name, text):
    for path in recorder.workspace.artifacts.rglob(name):
        path.write_text(text)
    assert [run.state for run in listed()] == ["complete"] * 3


def test_without_ml_metadata_the_records_are_left(told, recorder, listed):
    recorder.workspace.metadata.unlink()
    assert {run.run_id for run in listed()} == {
        "demo_rebuild.r1", "demo_release.r2", "demo_release.r3",
    }  # fmt: skip


def test_a_store_that_cannot_be_read(tmp_path, recorder):
    recorder.workspace.metadata.write_bytes(b"no database" * 1000)
    with pytest.raises(InputError, match=r"metadata.sqlite is damaged .*Put a copy of earlier"):
        open_store(recorder.workspace, environment={})
    with pytest.raises(InputError, match="does not exist"):
        open_store(recorder.workspace, f"sqlite:///{tmp_path}/none.sqlite", {})
    address = "postgresql://u:SECRET@127.0.0.1:1/x"
    with pytest.raises(InputError, match=r"127\.0\.0\.1:1 cannot be read") as raised:
        open_store(recorder.workspace, address, {})
    assert "SECRET" not in str(raised.value)


def test_accuracy_stands_for_classes(told, listed):
    path = Path(told.released.uri("Evaluator/evaluation"), "summary.json")
    summary = json.loads(path.read_text())
    score = {"accuracy": 0.75, "low": 0.7, "high": None, "count": 40}
    classes = {"classes": {"expression": score}, "outputs": {}}

    def headline(ccc, reasons):
        summary["stages"] = {"rnn": {"ccc_mean": ccc, **classes}}
        summary["verdict"]["reasons"] = reasons
        path.write_text(json.dumps(summary))
        line = next(run for run in listed() if run.release == 1).headline
        return line.metric, line.value, line.low, line.high

    accuracy = ("accuracy", 0.75, 0.7, None)
    assert headline(None, []) == accuracy
    # Valence and arousal have a CCC, but the gate asked how often the emotion was right.
    assert headline(0.3, ["rnn expression accuracy 0.75 reaches min_accuracy 0.3"]) == accuracy
    assert headline(0.3, ["rnn mean CCC 0.3 reaches min_ccc_mean 0.2"])[:2] == ("ccc_mean", 0.3)


def test_an_unchanged_model_is_the_release_there_was(told, listed, recorder):
    run = release(recorder, "demo_release.r5", told.rebuilt, number=1, nodes=RELEASE[:-1])
    pushed = {"pushed": 1, "pushed_version": "1", "unchanged": 1, "pushed_destination": "/gone"}
    recorder.node(run, "Pusher", outputs={"pushed_model": pushed})
    row = listed()[0]
    assert (row.release, row.unchanged, row.verdict) == (1, True, "blessed")


def test_a_release_whose_list_of_files_was_changed_is_said(told, listed, recorder):
    folder = recorder.workspace.releases / "0001"
    folder.mkdir(parents=True, exist_ok=True)
    manifest = folder / "release.json"
    manifest.write_text("{}")
    pushed = {
        "pushed": 1, "pushed_version": "1", "pushed_destination": str(folder),
        "manifest_digest": hashlib.sha256(b"{}").hexdigest(),
    }  # fmt: skip
    run = release(recorder, "demo_release.r5", told.rebuilt, number=1, nodes=RELEASE[:-1])
    recorder.node(run, "Pusher", outputs={"pushed_model": pushed})
    assert not any("release.json" in text for text in listed()[0].problems)
    manifest.write_text('{"number": 1}')
    assert f"{manifest} is not as it was published" in listed()[0].problems
    manifest.unlink()
    assert any("release.json cannot be read" in text for text in listed()[0].problems)


def test_a_run_is_found_by_its_beginning(told, recorder):
    runs = begun_runs(recorder.workspace, open_store(recorder.workspace, environment={}))
    assert find_run(runs, "latest").run_id == "demo_release.r3"
    assert find_run(runs, "demo_release.r3").run_id == "demo_release.r3"
    assert find_run(runs, "demo_reb").run_id == "demo_rebuild.r1"
    with pytest.raises(InputError, match=r"beginning of 2 runs: demo_release.r3, demo_release.r2"):
        find_run(runs, "demo_release")
    for near in ("demo_relase.r3", "R3"):
        with pytest.raises(InputError, match=rf"there is no run '{near}'; .*demo_release.r3"):
            find_run(runs, near)
    with pytest.raises(InputError, match="there is no run ''"):
        find_run(runs, "")
    with pytest.raises(InputError, match="no runs"):
        find_run([], "latest")


def test_whole_names_win_over_beginnings(recorder):
    for name in ("demo_rebuild.r1", "demo_rebuild.r10"):
        rebuild(recorder, name, nodes=())
    runs = begun_runs(recorder.workspace, open_store(recorder.workspace, environment={}))
    assert find_run(runs, "demo_rebuild.r1").run_id == "demo_rebuild.r1"


def test_reviewing_imports_neither_tfx_nor_numpy():
    code = (
        "import sys, pipelines.review.runs, pipelines.review.detail, pipelines.review.compare,"
        " pipelines.review.follow;"
        "print([m for m in ('tfx', 'numpy', 'tensorflow', 'apache_beam') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
