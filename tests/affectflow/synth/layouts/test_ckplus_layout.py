from __future__ import annotations

import re
from collections import Counter

import cv2
import numpy as np

from affectflow.corpora.adapter import CorpusSettings, get_adapter
from affectflow.faces.detectors import create_detector
from affectflow.faces.settings import FaceSettings


def test_the_tree_is_that_of_the_owners(render) -> None:  # type: ignore[no-untyped-def]
    corpus = render("ckplus", subjects=1)
    root = corpus.root
    images: dict[str, list[int]] = {}
    for path in root.glob("cohn-kanade-images/*/*/*"):
        named = re.fullmatch(r"(S005)_(\d{3})_(\d{8})\.png", path.name)
        assert named
        assert path.parent.relative_to(root).as_posix() == f"cohn-kanade-images/S005/{named[2]}"
        images.setdefault(named[2], []).append(int(named[3]))
    # Seven emotions and a sequence without a label.
    assert sorted(images) == [f"{session:03d}" for session in range(1, 9)]
    for numbers in images.values():
        assert sorted(numbers) == list(range(1, len(numbers) + 1))
        assert 10 <= len(numbers) <= 14
    emotions = {}
    for path in root.glob("Emotion/*/*/*"):
        session = path.parent.name
        last = max(images[session])
        assert path.relative_to(root).as_posix() == (
            f"Emotion/S005/{session}/S005_{session}_{last:08d}_emotion.txt"
        )
        emotions[session] = path.read_text()
    assert sorted(emotions.values()) == [f"   {number}.0000000e+00\n" for number in range(1, 8)]
    others = {path.name for path in root.iterdir()}
    assert others == {"cohn-kanade-images", "Emotion", "README.txt", "synth.json"}
    assert corpus.videos == 0
    assert corpus.frames == sum(map(len, images.values()))


def test_the_adapter_reads_it_and_a_sequence_goes_from_neutral_to_the_peak(  # type: ignore[no-untyped-def]
    render,
) -> None:
    root = render("ckplus", subjects=1, size=240, seed=1).root
    clips = get_adapter("ckplus").list_clips(root, CorpusSettings())
    counts = Counter(dict(clip.classes)["expression"] for clip in clips)
    assert counts.pop("neutral") == 7
    assert set(counts.values()) == {3}
    assert len(counts) == 7
    haar = create_detector(FaceSettings(detector="haar"))
    found = 0
    for clip in clips:
        image = cv2.imread(str(clip.source), cv2.IMREAD_UNCHANGED)
        assert image.shape == (240, 314)
        found += bool(haar.detect(np.repeat(image[..., None], 3, -1)))
    # The cascade misses some of the strongest expressions, of one person more than of another.
    assert found >= 0.7 * len(clips)
    for folder in root.glob("cohn-kanade-images/S005/*"):
        if not list(root.glob(f"Emotion/S005/{folder.name}/*")):
            continue
        frames = [cv2.imread(str(path), 0).astype(float) for path in sorted(folder.iterdir())]
        faces = [cv2.GaussianBlur(frame, (0, 0), 1.0)[50:190, 90:224] for frame in frames]
        away = [np.abs(face - faces[0]).mean() for face in faces]
        assert away[-1] > 1.3 * away[2], folder
