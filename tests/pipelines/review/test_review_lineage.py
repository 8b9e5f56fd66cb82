import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from affectflow.errors import InputError
from bench.recorded import write
from bench.recorded_files import CODE
from bench.recorded_runs import CORPUS, rebuild, release
from pipelines.moved import settle
from pipelines.review.follow import release_lineage
from pipelines.review.lineage import COMPARED, SAME_DATA, STARTED
from pipelines.review.store import open_store
from pipelines.workspace import Workspace


@pytest.fixture
def followed(recorder):
    """followed(name): the lineage of a release of the recorder's workspace."""

    def follow(name):
        store = open_store(recorder.workspace, environment={})
        return release_lineage(recorder.workspace, store, name)

    return follow


def test_back_to_the_videos(told, followed, recorder):
    found = followed("1")
    assert (found.number, found.run_id, found.origin) == (1, "demo_release.r2", "trained")
    assert (found.code_version, found.headline.value) == (CODE, 0.5)
    assert found.evaluation.made_by_node == "Evaluator"
    assert {m.name: m.made_by_node for m in found.models} == {
        "serving": "Exporter", "cnn": "CnnTrainer", "rnn": "RnnTrainer", "tflite": "Exporter",
    }  # fmt: skip
    assert all(m.exists and m.digest and m.made_by == "demo_release.r2" for m in found.models)
    assert found.started_from is None
    assert found.rebuild_run == found.rebuild.run_id == "demo_rebuild.r1"
    assert (found.manifest.made_by, found.corpus_digest) == ("demo_rebuild.r1", CORPUS)
    assert [video.video_id for video in found.videos] == ["video0", "video1", "video2"]
    assert found.videos[1].source_digest == f"{1:064x}"
    assert found.problems == ()


@pytest.mark.parametrize(
    "settles", [[False], [True], [True, True], [True, False], [False, True]], ids=str
)
def test_who_made_what_is_known_after_moves(told, followed, recorder, tmp_path, settles):
    # The release's own documents go on naming the first place, ML Metadata that of the last run.
    before = followed("1")
    for move, runs in enumerate(settles):
        root = recorder.workspace.root.rename(tmp_path / f"place{move}")
        recorder.workspace = Workspace(root)
        if runs:
            assert settle(recorder.workspace) > 0
    after = followed("1")
    shown = [after.evaluation, after.manifest, *after.models]
    assert len(shown) == 6
    for old, new in zip([before.evaluation, before.manifest, *before.models], shown):
        assert new == replace(old, uri=new.uri)
        assert Path(new.uri).is_relative_to(root)
        assert new.exists
        assert all((new.made_by, new.made_by_node))


@pytest.mark.parametrize("name", ["0001", "01", "latest"])
def test_names_of_a_release(told, followed, recorder, name):
    assert followed(name).number == 1
    folder = recorder.workspace.releases / "0001"
    assert followed(str(folder)) == followed(name)


def test_forward_to_what_used_it(told, followed, recorder):
    folder = recorder.workspace.releases / "0001"
    start = {"release": str(folder), "number": 1, "origin": "trained", "digest": "d" * 64}
    release(recorder, "demo_release.r4", told.rebuilt, number=2, compared_with=1, start=start)
    other = rebuild(recorder, "demo_rebuild.r5")
    release(recorder, "demo_release.r6", other, number=3, compared_with=2)
    uses = {(use.how, use.run_id, use.release, use.verdict) for use in followed("1").used_by}
    assert uses == {
        (COMPARED, "demo_release.r3", None, "refused"),
        (SAME_DATA, "demo_release.r3", None, "refused"),
        (STARTED, "demo_release.r4", 2, "blessed"),
        (COMPARED, "demo_release.r4", 2, "blessed"),
        (SAME_DATA, "demo_release.r4", 2, "blessed"),
    }
    assert [use.run_id for use in followed("2").used_by if use.how == COMPARED] == [
        "demo_release.r6"
    ]
    assert followed("2").started_from["number"] == 1


def test_json_has_the_first_videos_and_their_number(told, followed):
    found = followed("1")
    values = found.as_json(2)
    assert (values["videos_total"], len(values["videos"])) == (3, 2)
    assert len(found.as_json()["videos"]) == 3
    assert values["rebuild"]["frames_kept"] == 140
    assert json.dumps(values, allow_nan=False)


def test_a_deleted_release_is_followed_by_its_run(told, followed, recorder):
    shutil.rmtree(recorder.workspace.releases)
    found = followed("1")
    assert any("release.json is gone: files deleted" in text for text in found.problems)
    assert (found.run_id, found.rebuild_run) == ("demo_release.r2", "demo_rebuild.r1")
    assert {m.name for m in found.models} == {"serving", "cnn", "rnn", "tflite"}
    assert len(found.videos) == 3


def test_deleted_artifacts_and_manifest(told, followed, recorder):
    shutil.rmtree(recorder.workspace.artifacts)
    found = followed("1")
    assert not any(model.exists for model in found.models)
    assert (found.videos, found.corpus_digest) == ((), CORPUS)
    assert any("manifest.json is gone: files deleted" in text for text in found.problems)


@pytest.mark.parametrize("text", ["{", '{"clips": 3}', '{"clips": [{}]}', '{"clips": [1]}'])
def test_a_damaged_manifest(told, followed, text):
    Path(told.rebuilt.uri("VideoExampleGen/examples"), "manifest.json").write_text(text)
    found = followed("1")
    assert found.videos == ()
    assert any("manifest.json is damaged" in text for text in found.problems)


def test_damaged_documents(told, followed, recorder):
    for name in ("lineage", "metrics"):
        (recorder.workspace.releases / "0001" / f"{name}.json").write_text("?")
    found = followed("1")
    assert sum("is damaged" in text for text in found.problems) == 2
    # The run that made it is known, and so are its nodes.
    assert (found.headline.value, found.rebuild_run) == (0.5, "demo_rebuild.r1")


def test_imported_weights_come_from_files(followed, recorder, told):
    folder = recorder.workspace.releases / "0002"
    write(folder / "release.json", {
        "format": 1, "number": 2, "created": "2026-11-25T15:13:40+00:00", "run_id": "import-1",
        "origin": "imported", "files": {},
    })  # fmt: skip
    write(folder / "lineage.json", {"imported": {"cnn": {"name": "a.h5", "sha256": "1" * 64}}})
    write(folder / "metrics.json", {"stages": {}})
    found = followed("2")
    assert (found.origin, found.rebuild_run, found.headline) == ("imported", "", None)
    assert found.imported["imported"]["cnn"]["name"] == "a.h5"
    assert (found.manifest, found.videos, found.used_by) == (None, (), ())


def test_no_such_release(recorder, told, followed, tmp_path):
    with pytest.raises(InputError, match=r"there is no release '7'; .*releases holds 0001"):
        followed("7")
    with pytest.raises(InputError, match=r"there is no release '.*nowhere'"):
        followed(str(tmp_path / "nowhere"))
    shutil.rmtree(recorder.workspace.releases / "0001")
    with pytest.raises(InputError, match="holds no release"):
        followed("latest")
