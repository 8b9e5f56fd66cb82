from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from affectflow.corpora.adapter import CorpusSettings, get_adapter
from affectflow.synth import SynthSettings, render_corpus
from affectflow.synth.layouts import fer2013
from tests.affectflow.synth.rendered_files import files


def rows(root: Path) -> list[dict[str, str]]:
    with open(root / "fer2013.csv", newline="") as file:
        assert file.readline() == "emotion,pixels,Usage\n"
        return list(csv.DictReader(file, ["emotion", "pixels", "Usage"]))


def test_the_table_is_that_of_the_owners_and_equal_settings_give_equal_files(  # type: ignore[no-untyped-def]
    render,
) -> None:
    corpus = render("fer2013", subjects=4, eval_fraction=0.5)
    assert set(files(corpus.root)) == {"fer2013.csv", "README.txt", "synth.json"}
    found = rows(corpus.root)
    assert len(found) == corpus.frames == 28
    usages = sorted((row["Usage"], int(row["emotion"])) for row in found)
    assert usages == sorted(
        (usage, emotion)
        for usage in ("PrivateTest", "PublicTest", "Training", "Training")
        for emotion in range(7)
    )
    for row in found:
        pixels = [int(level) for level in row["pixels"].split(" ")]
        assert len(pixels) == 48 * 48
        assert min(pixels) >= 0
        assert max(pixels) <= 255
        assert np.std(pixels) > 10
    assert [row["emotion"] for row in found] != sorted(row["emotion"] for row in found)
    again = render("fer2013", into="again", subjects=4, eval_fraction=0.5)
    assert files(again.root) == files(corpus.root)
    clips = get_adapter("fer2013").list_clips(corpus.root, CorpusSettings())
    assert sum(clip.split == "eval" for clip in clips) == 14


def test_a_killed_render_goes_on_and_leaves_no_parts(render, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    settings = SynthSettings(layout="fer2013", subjects=2, clips=1, size=160, workers=1)
    whole = render("fer2013", into="whole", subjects=2, seconds=settings.seconds)

    class Killed(Exception):
        pass

    def kill(done: int, total: int, what: str) -> None:
        if what:
            raise Killed

    root = tmp_path / "corpus"
    with pytest.raises(Killed):
        render_corpus(root, settings, kill)
    assert not (root / "fer2013.csv").exists()
    assert render_corpus(root, settings).rendered == 1
    assert files(root) == files(whole.root)
    assert render_corpus(root, settings).rendered == 0


def test_nobody_is_in_two_usages() -> None:
    settings = SynthSettings(layout="fer2013", subjects=12, eval_fraction=0.5)
    usages = [fer2013._usage(settings, subject) for subject in range(12)]
    assert usages[1::2] == ["PublicTest", "PrivateTest"] * 3 or usages[::2] == [
        "PublicTest", "PrivateTest"
    ] * 3  # fmt: skip
    assert usages.count("Training") == 6
