"""A run's page as a whole: it stands alone, answers, and survives what is gone."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from bench.recorded import REBUILD, RELEASE, Execution
from bench.recorded_runs import rebuild, release
from pipelines.review.page import page as pages
from tests.pipelines.review.page.conftest import EVIL, text_of
from tests.pipelines.review.page.furnish import furnish

PICTURE = "data:image/jpeg;base64,"


def test_a_newcomer_finds_what_became_of_it(furnished, page):
    released = page("demo_release.r2")
    assert "Released as number 1." in released.text
    assert "mean CCC 0.5000 reaches min_ccc_mean 0.4000" in released.text
    assert "Mean CCC 0.500 , 95 % interval 0.400 to 0.600" in released.text
    assert "no earlier run of demo_release came to its end" in released.text
    refused = page("demo_release.r3")
    assert "Refused: no release was made." in refused.text
    assert "not met: rnn mean CCC 0.2000 is below min_ccc_mean 0.4000" in refused.text
    assert "Last time it was 0.500: -0.300." in refused.text
    # What has changed: one setting, and what came of it.
    assert "settings: rnn.cell gru3 gru1" in refused.text
    assert "The same: data, versions." in refused.text
    assert "demo_release.r2.html" in refused.addresses
    assert "demo_rebuild.r1.html" in refused.addresses


def test_it_shows_the_data_and_where_they_came_from(furnished, page):
    found = page("demo_release.r2")
    figures = {"funnel", "classes-expression", "density", "lineage-graph"}
    assert figures <= set(found.ids)
    assert "3 of 3 videos used" in found.text
    assert "VideoExampleGen" in found.text
    assert "release 1" in found.text
    assert "python 3.10.13" in found.text
    assert "Intended use" in found.text
    # A rebuild is no model.
    rebuilt = page("demo_rebuild.r1")
    assert "card" not in rebuilt.ids
    assert "first rebuild" in rebuilt.text


def test_names_from_file_systems_are_told_and_not_obeyed(furnished, recorder, page):
    rejects = Path(furnished.rebuilt.uri("VideoExampleGen/rejects"), "rejects.jsonl")
    detail = 'the "file" is <b>gone</b> & \ud800'
    reject = {"video_id": EVIL, "split": "train", "cause": "corrupt", "detail": detail}
    rejects.write_text(json.dumps(reject))
    counts = Path(furnished.rebuilt.uri("DensitySampler/balanced_counts"), "counts.json")
    values = json.loads(counts.read_text())
    values["clips"]["rejected"] = {"corrupt": 1, "<i>new</i>": 2}
    counts.write_text(json.dumps(values))
    found = page("demo_rebuild.r1")
    assert EVIL in found.text
    assert "<b>gone</b>" in found.text
    assert "<i>new</i>" in found.text
    assert not {"script", "b", "i"} & set(found.tags)
    assert "<script" not in text_of(recorder, "demo_rebuild.r1")


def equal_clips(dropped: int = 0) -> dict:
    return {
        "clips": {"train": 28709, "eval": 7178},
        "repeated": {"train": 1236, "eval": 0},
        "shared": {"train": 703, "eval": 617},
        "relabelled": 57,
        "dropped": dropped,
        "examples": {"shared": [[EVIL, "c"]], "repeated": [], "relabelled": []},
    }


def change_clips(run, **clips) -> None:
    counts = Path(run.uri("DensitySampler/balanced_counts"), "counts.json")
    values = json.loads(counts.read_text())
    values["clips"] |= clips
    counts.write_text(json.dumps(values))


def test_equal_clips_stand_with_the_data_and_beside_every_score(furnished, recorder, page):
    assert "Not known: they were not counted." in page("demo_rebuild.r1").text
    change_clips(furnished.rebuilt, duplicates=equal_clips())
    rebuilt, released = page("demo_rebuild.r1"), page("demo_release.r2")
    assert (
        "703 of 28,709 training clips show what 617 of 7,178 clips for evaluation" in rebuilt.text
    )
    assert "57 that stand several times are labelled differently" in rebuilt.text
    assert EVIL in rebuilt.text
    assert "script" not in rebuilt.tags
    said = "617 of the 7,178 clips for evaluation are equal to training clips"
    # In short, among the scores, and on the card.
    assert released.text.count(said) == 3
    assert said not in rebuilt.text
    change_clips(furnished.rebuilt, duplicates=equal_clips(dropped=703))
    assert "the 703 are left out" in page("demo_rebuild.r1").text
    assert said not in page("demo_release.r2").text


def test_what_was_noticed_when_the_corpus_was_listed(furnished, page):
    remark = f"labels.csv names 2 videos that /data does not hold ('{EVIL}')"
    change_clips(furnished.rebuilt, remarks=[remark])
    found = page("demo_rebuild.r1")
    assert remark in found.text
    assert "script" not in found.tags


def test_rejects_are_grouped_by_cause_with_an_example(furnished, page):
    rejects = Path(furnished.rebuilt.uri("VideoExampleGen/rejects"), "rejects.jsonl")
    rows = [
        {"video_id": f"v{n}", "split": "train", "cause": "unreadable", "detail": f"/v{n}: empty"}
        for n in range(7441)
    ]
    rejects.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    change_clips(furnished.rebuilt, rejected={"unreadable": 7441})
    found = page("demo_rebuild.r1")
    assert "the file is not a video that can be read 7,441 v0: /v0: empty" in found.text


def test_a_split_without_a_clip_has_no_statistics_to_miss(told, page):
    # As of a folder of one person's unlabelled videos.
    furnish(told.rebuilt, {"a": ("S1", "train")})
    shutil.rmtree(Path(told.rebuilt.uri("StatisticsGen/statistics"), "Split-eval"))
    assert "files deleted" not in page("demo_rebuild.r1").text


def test_faces_are_there_or_left_out(furnished, page, recorder):
    with_faces = text_of(recorder, "demo_rebuild.r1")
    assert with_faces.count(PICTURE) == 3
    assert "full, pictures" in with_faces[:400]
    assert "valence 0.50, arousal -0.25, joy" in page("demo_rebuild.r1").text
    without = text_of(recorder, "demo_rebuild.r1", pictures=False)
    assert PICTURE not in without
    assert "full, no pictures" in without[:400]
    assert "Pictures are left out" in page("demo_rebuild.r1", pictures=False).text


def test_a_run_that_has_only_begun(recorder, page):
    rebuild(recorder, "demo_rebuild.r1", nodes=())
    found = page("demo_rebuild.r1")
    assert "Interrupted." in found.text
    assert "Not begun: " in found.text
    assert "FramesSchema" in found.text


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("many", range(1, len(REBUILD)))
def test_a_rebuild_that_failed_halfway(recorder, page, many, full):
    rebuild(recorder, "demo_rebuild.r1", nodes=REBUILD[:many], last_state=Execution.FAILED)
    found = page("demo_rebuild.r1", full=full)
    assert "Failed." in found.text
    assert f"{REBUILD[many - 1]} failed: no reason is recorded" in found.text
    assert "Not begun: " in found.text


def test_a_release_run_that_was_killed(recorder, page):
    rebuilt = rebuild(recorder, "demo_rebuild.r1")
    release(recorder, "demo_release.r2", rebuilt, nodes=RELEASE[:5], last_state=Execution.RUNNING)
    found = page("demo_release.r2")
    assert "It stopped before its end and nothing works on it. It was at CnnTrainer." in found.text
    assert "The gate has not spoken" in found.text
    assert "Nothing was measured" in found.text


def test_a_run_whose_files_were_deleted(furnished, page):
    shutil.rmtree(furnished.recorder.workspace.artifacts)
    shutil.rmtree(furnished.recorder.workspace.releases)
    for run in ("demo_release.r2", "demo_rebuild.r1"):
        found = page(run)
        assert "files deleted" in found.text
        assert "could not be made" not in found.text
    # And its record, too.
    shutil.rmtree(furnished.recorder.workspace.root / "runs")
    for run in ("demo_release.r2", "demo_rebuild.r1"):
        assert "could not be made" not in page(run).text


def test_it_says_what_density_was_reckoned_by(furnished, page):
    path = Path(furnished.rebuilt.uri("DensitySampler/grids"), "grids.npz")
    with np.load(path) as grids:
        before, after = grids["before"], grids["after"]
    told = "reckoned from 5 frames more, as rule cap does: those labelled exactly (0, 0)"
    for more, said in ((5, True), (0, False)):
        counted = before.copy()
        counted[0, 0] += more
        np.savez_compressed(path, before=before, after=after, counted=counted)
        assert (told in page("demo_rebuild.r1").text) == said


def test_damaged_files_are_named(furnished, page):
    rebuilt = furnished.rebuilt
    for output, name in (
        ("VideoExampleGen/examples", "clips.json"),
        ("VideoExampleGen/examples", "Split-train/data-00000-of-00001.tfrecord"),
        ("StatisticsGen/statistics", "Split-train/FeatureStats.pb"),
        ("ExampleValidator/anomalies", "Split-train/SchemaDiff.pb"),
        ("DensitySampler/grids", "grids.npz"),
        ("DensitySampler/balanced_counts", "counts.json"),
    ):
        path = Path(rebuilt.uri(output), name)
        kept = path.read_bytes()
        path.write_bytes(b"\xff<damaged>" * 20)
        found = page("demo_rebuild.r1")
        assert "damaged" in found.text or "cannot be shown" in found.text, name
        assert "could not be made" not in found.text, name
        path.write_bytes(kept)


def test_a_section_that_fails_loses_no_other(furnished, page, monkeypatch):
    def fails(run, profile):
        raise RuntimeError("<b>no</b>")

    from pipelines.review.page import data

    monkeypatch.setattr(data, "section", fails)
    found = page("demo_release.r2")
    assert "This section could not be made: RuntimeError: <b>no</b>" in found.text
    assert "lineage" in found.ids


def test_results_that_are_not_there_have_no_section(furnished, page, monkeypatch):
    monkeypatch.setattr(pages, "RESULTS", "pipelines.review.page.no_such_module")
    assert "could not be made" not in page("demo_release.r2").text


def test_the_headings_are_in_order(furnished, page):
    levels = [int(tag[1]) for tag in page("demo_release.r2").tags if tag in ("h1", "h2", "h3")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_the_page_of_a_run_under_way_is_soon_there(furnished, recorder):
    code = (
        "import sys, pipelines.review.pages, pipelines.review.page.page\n"
        "heavy = {'matplotlib', 'tensorflow', 'cv2', 'tfx'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    text_of(recorder, "demo_release.r3", full=False)
    start = time.monotonic()
    text_of(recorder, "demo_release.r3", full=False)
    assert time.monotonic() - start < 1


def test_a_second_rebuild_tells_how_the_data_have_moved(furnished, recorder, page):
    second = rebuild(recorder, "demo_rebuild.r9", videos=5, digest="c1" * 32)
    furnish(second, {"a": ("S1", "train"), "d": ("S4", "eval")}, mean=0.3, cell=6)
    schema = Path(second.uri("FramesSchema/schema"), "schema.pbtxt")
    schema.write_text('feature { name: "other" }\n')
    found = page("demo_rebuild.r9")
    assert "Videos or annotations differ: digest c0c0c0c0c0c0 then, c1c1c1c1c1c1 now" in found.text
    assert "distance of the two grids of valence and arousal is 1.000" in found.text
    for row in ("train: videos 2 1", "train: mean of valence 0.100 0.300", "videos listed 3 5"):
        assert row in found.text
    assert '-feature { name: "face" }' in found.text
    assert '+feature { name: "other" }' in found.text
    assert "no anomaly in the frames of this rebuild" in found.text
