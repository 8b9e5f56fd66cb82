"""Damaged tables and files of labels: a rejection or an error with a name, and nothing else."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from affectflow.corpora.adapter import CorpusSettings, get_adapter
from affectflow.corpora.pixel_table import open_table
from affectflow.errors import InputError, RejectedClip
from tests.damage import damaged
from tests.torture import cases, rng

ROWS = "".join(f"{n / 100},{-n / 100}\n" for n in range(30))
_FRAMES = "".join(f"{v},{n},0.{n:02d},-0.5,{v},train\n" for v in "ab" for n in range(20))
_SECONDS = "".join(f"{v}.mp4,{n / 25:.3f},0.1,0.2\n" for v in "ab" for n in range(20))
_PIXELS = "".join(f"{n % 7},{' '.join(['7', '99', '255'] * 3)},Training\n" for n in range(20))
_ACTORS = "".join(f'{n},{n % 90},"Male","Asian","Not Hispanic"\n' for n in range(1001, 1021))
_IMAGES = {f"Image/aligned/train_{n:05d}_aligned.jpg": "" for n in range(20)}
_SEQUENCE = {f"cohn-kanade-images/S005/001/S005_001_{n:08d}.png": "" for n in range(1, 12)}

# Corpus, the file that is damaged, what it holds when it is well, and the other files.
CORPORA = [
    ("folder", "labels.csv", f"video,frame,valence,arousal,subject,split\n{_FRAMES}",
     {"a.mp4": "", "b.mp4": ""}),
    ("folder", "labels.csv", f"video,second,valence,arousal\n{_SECONDS}",
     {"a.mp4": "", "b.mp4": ""}),
    ("fer2013", "fer2013.csv", f"emotion,pixels,Usage\n{_PIXELS}", {}),
    ("affwild2", "annotations/VA_Set/Train_Set/a.txt", f"valence,arousal\n{ROWS}",
     {"videos/a.mp4": ""}),
    ("affwild2", "annotations/subjects.csv", "video,subject\na,anna\nb,ben\n",
     {"annotations/VA_Set/Train_Set/a.txt": f"valence,arousal\n{ROWS}", "videos/a.mp4": "",
      "annotations/VA_Set/Validation_Set/b.txt": f"valence,arousal\n{ROWS}", "videos/b.mp4": ""}),
    ("cremad", "VideoDemographics.csv", f'"ActorID","Age","Sex","Race","Ethnicity"\n{_ACTORS}',
     {f"VideoFlash/{n}_DFA_ANG_XX.flv": "" for n in range(1001, 1021)}),
    ("rafdb", "EmoLabel/list_patition_label.txt",
     "".join(f"train_{n:05d}.jpg {n % 7 + 1}\n" for n in range(20)), _IMAGES),
    ("rafdb", "Annotation/manual/train_00003_manu_attri.txt", "1.0\t2.0\n" * 5 + "0\n1\n2\n",
     {"EmoLabel/list_patition_label.txt": "train_00003.jpg 5\n", **_IMAGES}),
    ("ckplus", "Emotion/S005/001/S005_001_00000011_emotion.txt", "   3.0000000e+00\n", _SEQUENCE),
]  # fmt: skip
# What random damage seldom makes of a number or a cell.
_ODD = [b"\0", b"\xff", b"nan", b"inf", b"1e999", b"9223372036854775808", b"9" * 5000, b'"', b"\r"]


def asked(corpus: str, root: Path) -> str:
    """What becomes of a corpus: "" = all can be read, else the words for what cannot."""
    adapter, said = get_adapter(corpus), []
    for clip in adapter.list_clips(root, CorpusSettings()):
        try:
            labels = adapter.read_labels(clip)
            if labels is not None:
                aligned = labels.align(20, np.arange(20) / 25, slack=10)
                assert (np.isnan(aligned) | (np.abs(aligned) <= 1)).all()
            if clip.item:
                assert open_table(clip.source).image(int(clip.item)).ndim == 3
        except RejectedClip as rejection:
            said.append(rejection.detail)
    return "; ".join(said)


@pytest.mark.torture
@pytest.mark.parametrize(("corpus", "file", "text", "others"), CORPORA)
def test_damage_is_named(tree, corpus, file, text, others):
    root = tree({file: text, **others})
    assert asked(corpus, root) == ""
    draws, came = rng(f"{corpus} {file} {text[:40]}"), Counter[str]()
    for case in range(cases(small=12, large=600)):
        data = damaged(text.encode(), draws)
        if case % 2:
            at, odd = int(draws.integers(len(text))), _ODD[int(draws.integers(len(_ODD)))]
            data = text.encode()[:at] + odd + text.encode()[at + int(draws.integers(2)) :]
        (root / file).write_bytes(data)
        try:
            said = asked(corpus, root)
            came["rejected" if said else "read"] += 1
        except InputError as error:
            said = str(error)
            came["refused"] += 1
        assert not said or str(root) in said, data
        assert len(said) < 20_000, data
    print(corpus, file, dict(came))
