"""The cache key sees what the corpus holds."""

from __future__ import annotations

import os

import pytest
from tfx.orchestration.portable import data_types

from affectflow.corpora.adapter import CorpusSettings
from affectflow.errors import AffectflowError, RejectedClip
from affectflow.faces.settings import FaceSettings
from affectflow.faces.store import FaceStore
from components.parameters import exec_properties
from components.video_example_gen.driver import Driver
from components.video_example_gen.executor import Executor
from components.video_example_gen.manifest import manifest_of
from components.video_example_gen.retries import try_again


@pytest.fixture
def properties(tmp_path):
    # Neither the driver nor the manifest opens a video: any bytes will do.
    for name, subject in (("a", "anna"), ("b", "ben")):
        path = tmp_path / "corpus" / subject / f"{name}.mp4"
        path.parent.mkdir(parents=True)
        path.write_bytes(name.encode())
    return {
        "corpus": "folder",
        "corpus_root": str(tmp_path / "corpus"),
        "store": str(tmp_path / "store"),
        "retry_rejects": 0,
        **exec_properties(CorpusSettings(), FaceSettings()),
    }


def digest(properties) -> str:
    info = data_types.ExecutionInfo(exec_properties=properties)
    output = Driver(None).run(info)
    return output.exec_properties["manifest_digest"].string_value


def test_the_digest_follows_contents_labels_and_nothing_else(properties, tmp_path):
    first = digest(properties)
    assert first == digest(properties) == manifest_of(properties).digest()
    video = tmp_path / "corpus/anna/a.mp4"
    os.utime(video, (1, 1))
    assert digest(properties) == first
    video.write_bytes(b"another")
    changed = digest(properties)
    assert changed != first
    (tmp_path / "corpus/labels.csv").write_text(
        "video,frame,valence,arousal\nanna/a.mp4,0,0.1,0.2\n"
    )
    labelled = digest(properties)
    assert labelled not in (first, changed)


def test_a_corpus_that_moved_keeps_its_digest(properties, tmp_path):
    before = digest(properties)
    (tmp_path / "corpus").rename(tmp_path / "elsewhere")
    assert digest({**properties, "corpus_root": str(tmp_path / "elsewhere")}) == before


def test_unchanged_files_are_not_read_again(properties, monkeypatch):
    from affectflow.video import digest as digests

    digest(properties)
    read = []
    monkeypatch.setattr(digests, "content_digest", lambda path: read.append(path) or "0")
    digest(properties)
    assert read == []


def numbers(properties) -> tuple[int, int]:
    """What the driver says of ``retries`` and ``retry_rejects``."""
    told = Driver(None).run(data_types.ExecutionInfo(exec_properties=properties)).exec_properties
    return told["retries"].int_value, told["retry_rejects"].int_value


def test_trying_again_is_asked_once(properties):
    store, manifest = FaceStore(properties["store"]), manifest_of(properties)
    key = store.key(manifest.entries[0].source_digest, FaceSettings().digest(), "")
    store.reject(key, RejectedClip("corrupt", ""))
    assert numbers(properties) == (0, 0)
    assert store.rejection(key) is not None
    # The build that is asked to and the one after it are the same to the cache.
    assert numbers({**properties, "retry_rejects": 1}) == (1, 0)
    assert store.rejection(key) is None
    assert numbers(properties) == (1, 0)
    assert try_again(properties["store"], manifest) == 2
    assert numbers(properties) == (2, 0)


def test_a_corpus_that_changes_between_driver_and_executor_is_refused(properties):
    from components.video_example_gen.settings import IngestSettings

    with pytest.raises(AffectflowError, match="changed while the build started; run it again"):
        Executor(None).Do(
            {},
            {},
            {
                **properties,
                **exec_properties(IngestSettings()),
                "manifest_digest": "of another corpus",
            },
        )
