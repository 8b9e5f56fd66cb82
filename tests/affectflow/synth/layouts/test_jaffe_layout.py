from __future__ import annotations

from collections import Counter

import cv2
import numpy as np
import pytest

from affectflow.corpora.adapter import CorpusSettings, get_adapter
from affectflow.errors import InputError
from affectflow.faces.detectors import create_detector
from affectflow.faces.settings import FaceSettings
from affectflow.synth import SynthSettings
from affectflow.synth.layouts import jaffe
from tests.affectflow.synth.rendered_files import files


def test_the_tree_is_that_of_the_owners_and_equal_settings_give_equal_files(  # type: ignore[no-untyped-def]
    render,
) -> None:
    corpus = render("jaffe", subjects=2, clips=2)
    names = []
    for person in ("KA", "KL"):
        for emotion in ("AN", "DI", "FE", "HA", "NE", "SA", "SU"):
            names += [f"{person}.{emotion}{pose}.{len(names) + pose}.tiff" for pose in (1, 2)]
    assert set(files(corpus.root)) == {*names, "README.txt", "synth.json"}
    assert corpus.frames == 28
    again = render("jaffe", into="again", subjects=2, clips=2)
    assert files(again.root) == files(corpus.root)
    clips = get_adapter("jaffe").list_clips(corpus.root, CorpusSettings())
    assert set(Counter(dict(clip.classes)["expression"] for clip in clips).values()) == {4}

    haar = create_detector(FaceSettings(detector="haar"))
    faces = {}
    for clip in clips:
        image = cv2.imread(str(clip.source), cv2.IMREAD_UNCHANGED)
        assert image.shape == (256, 256)
        assert len(haar.detect(np.repeat(image[..., None], 3, -1))) == 1
        faces[clip.video_id] = cv2.GaussianBlur(image.astype(float), (0, 0), 1.0)[80:215, 65:190]
    # Of the same person and light: expressions differ by more than a head that sways.
    neutral = faces["KA.NE1.9"]
    for other in ("KA.AN1.1", "KA.DI1.3", "KA.FE1.5", "KA.HA1.7", "KA.SA1.11", "KA.SU1.13"):
        assert np.abs(faces[other] - neutral).mean() > 3, other


def test_a_subject_is_the_same_in_a_larger_corpus() -> None:
    few = jaffe.plan(SynthSettings(layout="jaffe", subjects=1))
    many = jaffe.plan(SynthSettings(layout="jaffe", subjects=40))
    assert many[:1] == few
    assert len({script.name for script in many}) == 40
    assert "KA" not in {script.name for script in many[1:]}


def test_two_letters_name_so_many() -> None:
    with pytest.raises(InputError, match="at most 676 subjects"):
        jaffe.plan(SynthSettings(layout="jaffe", subjects=677))
