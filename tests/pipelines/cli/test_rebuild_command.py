"""What ``affectflow rebuild`` says of a corpus before it begins, and of the data at its end."""

from __future__ import annotations

import pytest

from affectflow.corpora.clip import SPLITS
from affectflow.records.counts import FrameCounts
from pipelines.cli.rebuild import show
from pipelines.summary import RebuildSummary

HEADER = "video,frame,valence,arousal"


@pytest.fixture
def refused(affectflow, tmp_path):
    """refused({name: text}) -> what is said of such a folder, which cannot be rebuilt."""

    def run(files: dict[str, str], *options: str) -> str:
        root = tmp_path / "corpus"
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        done = affectflow(
            "rebuild", "--corpus", "folder", "-d", root, "-w", tmp_path / "ws", *options
        )
        assert done.code == 1
        assert not (tmp_path / "ws/artifacts").exists(), "it is said before anything is decoded"
        return done.out + done.err

    return run


def test_a_table_of_which_nothing_matches(refused):
    said = refused({"a.mp4": "", "labels.csv": f"{HEADER}\n/old/b.mp4,0,0,0\n"})
    assert "names 1 videos, of which" in said
    assert "the table names '/old/b.mp4', the folder holds 'a.mp4'" in said


def test_a_labelled_corpus_of_one_person(refused):
    table = f"{HEADER},subject\n0.mp4,0,0,0,anna\n1.mp4,0,0,0,anna\n"
    said = refused({"0.mp4": "", "1.mp4": "", "x.jpg": "", "labels.csv": table})
    assert "note  " in said
    assert "passed over, as they are no videos: 1 .jpg (such as x.jpg)" in said
    assert "no clip to evaluate on: its 2 clips are all in split train, of 1 subjects" in said
    assert "(anna)" in said


@pytest.mark.parametrize("first", ["2", "-1", "one"])
def test_a_first_frame_that_is_none(refused, first):
    assert "first_frame" in refused({"a.mp4": ""}, "--set", f"listing.first_frame={first}")


def test_what_became_of_the_clips(capsys):
    duplicates = {
        "clips": {"train": 9, "eval": 4}, "repeated": {"train": 0, "eval": 0},
        "shared": {"train": 2, "eval": 1}, "relabelled": 0, "dropped": 2,
        "examples": {"shared": [["a", "b"]]},
    }  # fmt: skip
    rejects = [
        {"video_id": f"v{n}", "split": "train", "cause": "no_face", "detail": f"/v{n}.mp4: none"}
        for n in range(12)
    ]
    show(
        RebuildSummary(
            clips={"used": 11, "listed": 25, "rejected": {}, "duplicates": duplicates},
            frames=dict.fromkeys(SPLITS, FrameCounts()),
            balanced=True,
            rejects=rejects,
            examples="/ws/examples",
            reused=[],
        )
    )
    lines = capsys.readouterr().out.splitlines()
    assert "11 of 25 clips used" in lines
    assert "  rejected 12 clips: no face was found in any frame, such as v0: /v0.mp4: none" in lines
    (equal,) = (line for line in lines if line.startswith("  equal clips: "))
    assert "2 of 9 training clips show what 1 of 4 clips for evaluation show;" in equal
    assert equal.endswith("; the 2 are left out (such as a and b)")
