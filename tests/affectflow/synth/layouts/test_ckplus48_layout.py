from __future__ import annotations

from collections import Counter

import cv2

from affectflow.corpora.adapter import CorpusSettings, get_adapter
from affectflow.synth import SynthSettings
from affectflow.synth.cohn_kanade import sequences
from tests.affectflow.synth.rendered_files import files


def test_the_tree_is_the_last_three_images_of_labelled_sequences_and_reads_back(  # type: ignore[no-untyped-def]
    render,
) -> None:
    root = render("ckplus48", subjects=2).root
    expected = {"README.txt", "synth.json"}
    for subject in (0, 1):
        for one in sequences(SynthSettings(layout="ckplus48", subjects=2, clips=1), subject):
            if one.labelled:
                folder = "happy" if one.expression == "joy" else one.expression
                expected |= {
                    f"{folder}/S{5 + subject:03d}_{one.session:03d}_{number:08d}.png"
                    for number in range(one.frames - 2, one.frames + 1)
                }
    assert set(files(root)) == expected
    assert len(expected) == 2 + 2 * 7 * 3
    for path in root.glob("*/*.png"):
        assert cv2.imread(str(path), cv2.IMREAD_UNCHANGED).shape == (48, 48)
    clips = get_adapter("ckplus48").list_clips(root, CorpusSettings())
    counts = Counter(dict(clip.classes)["expression"] for clip in clips)
    assert counts == dict.fromkeys(
        ["anger", "contempt", "disgust", "fear", "joy", "sadness", "surprise"], 6
    )
    assert {clip.subject_id for clip in clips} == {"S005", "S006"}
