from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import pytest

from affectflow.corpora.clip import Clip
from affectflow.corpora.manifest import Manifest, build_manifest
from affectflow.corpora.mirrored import with_mirrored
from affectflow.errors import InputError
from affectflow.unforeseen import MachineFault


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def clips(tree) -> list[Clip]:
    root = tree({"a.mp4": "A", "b.mp4": "B", "labels.csv": "L"})
    return [
        Clip("folder", "b", "s2", "eval", root / "b.mp4", root / "labels.csv", "left"),
        Clip("folder", "a", "s1", "train", root / "a.mp4", root / "labels.csv"),
        Clip("folder", "gone", "s1", "train", root / "gone.mp4"),
    ]


def test_contents_are_digested_each_path_once(clips):
    asked = []
    manifest = build_manifest(clips, lambda path: asked.append(path.name) or digest(path))
    assert sorted(asked) == ["a.mp4", "b.mp4", "labels.csv"]
    assert [clip.video_id for clip in manifest.clips] == ["a", "b", "gone"]
    a, _, gone = manifest.entries
    assert a.source_digest == hashlib.sha256(b"A").hexdigest()
    assert a.labels_digest == hashlib.sha256(b"L").hexdigest()
    assert (gone.source_digest, gone.labels_digest) == ("", "")


def test_a_source_that_may_not_be_read_has_no_digest(clips):
    def refuse(path: Path) -> str:
        raise PermissionError(path)

    assert {e.source_digest for e in build_manifest(clips, refuse).entries} == {""}


def test_a_disk_that_fails_is_named_by_the_file(clips):
    def fail(path: Path) -> str:
        raise OSError(5, "Input/output error")

    with pytest.raises(MachineFault, match=r"a\.mp4 cannot be read: OSError: .*Input/output error"):
        build_manifest(clips, fail)


def test_json_gives_the_same_manifest(clips):
    manifest = build_manifest([*clips, *with_mirrored(clips)[1::2]], digest)
    assert sum(clip.mirrored for clip in manifest.clips) == 3
    again = Manifest.from_json(manifest.to_json())
    assert again == manifest
    assert again.digest() == manifest.digest()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}', '{"format": 1, "clips": [{}]}'])
def test_text_that_is_no_manifest(text):
    with pytest.raises(InputError, match="not a manifest"):
        Manifest.from_json(text)


def test_another_format_is_refused():
    with pytest.raises(InputError, match="format 99, wanted 1"):
        Manifest.from_json('{"format": 99, "clips": []}')


def test_the_digest_does_not_depend_on_order_or_place(clips):
    before = build_manifest(clips, digest).digest()
    assert build_manifest(clips[::-1], digest).digest() == before
    root = clips[0].source.parent
    moved = root.rename(root.parent / "moved")
    elsewhere = [
        dataclasses.replace(
            clip,
            source=moved / clip.source.name,
            labels=clip.labels and moved / clip.labels.name,
        )
        for clip in clips
    ]
    assert build_manifest(elsewhere, digest).digest() == before


@pytest.mark.parametrize(
    "change",
    [
        {"video_id": "other"},
        {"subject_id": "other"},
        {"split": "train"},
        {"person": "right"},
        {"corpus": "other"},
        {"labels": None},
        {"mirrored": True},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_digest_sees_every_change_that_decides_a_result(clips, change):
    before = build_manifest(clips, digest).digest()
    changed = [dataclasses.replace(clips[0], **change), *clips[1:]]
    assert build_manifest(changed, digest).digest() != before


@pytest.mark.parametrize("name", ["a.mp4", "labels.csv", "gone.mp4"])
def test_the_digest_sees_a_changed_or_new_file(clips, name):
    before = build_manifest(clips, digest).digest()
    (clips[0].source.parent / name).write_text("changed")
    assert build_manifest(clips, digest).digest() != before


def test_a_removed_clip_changes_the_digest(clips):
    assert build_manifest(clips[1:], digest).digest() != build_manifest(clips, digest).digest()
