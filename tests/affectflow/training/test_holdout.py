from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affectflow.corpora.adapter import CorpusSettings, adapter_names
from affectflow.corpora.listing import list_clips
from affectflow.corpora.mirrored import person_of
from affectflow.corpora.splits import assign_splits
from affectflow.training.holdout import hold_out

names = st.sets(st.text(min_size=1, max_size=8), min_size=2, max_size=30)
fractions = st.floats(0.05, 0.9)
seeds = st.integers(0, 5)


def plain(subjects) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(subjects, ())


def share(people: int, fraction: float) -> int:
    """How many of some people are held out where no class asks for more."""
    return min(max(2 if people >= 10 else 1, round(fraction * people)), people - 1)


@given(names, fractions, seeds)
def test_everybody_is_on_one_side_and_the_share_is_exact(subjects, fraction, seed):
    people = {name.replace("~", "-") for name in subjects}
    if len(people) < 2:
        return
    parted = hold_out(plain(people), fraction, seed)
    assert set(parted.fit) | set(parted.tune) == people
    assert not set(parted.fit) & set(parted.tune)
    assert parted.fit
    assert len(parted.tune) == share(len(people), fraction)


@given(names, seeds)
def test_the_order_of_names_changes_nothing(subjects, seed):
    once = hold_out(plain(sorted(subjects)), 0.3, seed)
    assert hold_out(plain(sorted(subjects, reverse=True)), 0.3, seed) == once


@given(names, fractions, fractions, seeds)
def test_a_smaller_share_is_part_of_a_larger_one(subjects, one, other, seed):
    few, many = sorted((one, other))
    assert set(hold_out(plain(subjects), few, seed).tune) <= set(
        hold_out(plain(subjects), many, seed).tune
    )


@given(names, st.sets(st.integers(0, 29)), fractions, seeds)
def test_somebody_and_his_mirror_image_are_on_one_side(people, mirrored, fraction, seed):
    names = {name.replace("~", "-") for name in people}
    copies = {f"{name}~mirrored" for n, name in enumerate(sorted(names)) if n in mirrored}
    alone, both = (hold_out(plain(who), fraction, seed) for who in (names, names | copies))
    assert set(both.fit) | set(both.tune) == names | copies
    assert set(both.tune) & names == set(alone.tune)
    for copy in copies:
        assert (copy in both.tune) == (copy.removesuffix("~mirrored") in both.tune)


def test_a_single_person_and_his_mirror_image_hold_nobody_out():
    assert not hold_out(plain(["a", "a~mirrored"]), 0.5, seed=0).tune


@pytest.mark.parametrize(("subjects", "fraction"), [(["a", "b", "c"], 0.0), (["a"], 0.5)])
def test_nobody_is_held_out(subjects, fraction):
    parted = hold_out(plain(subjects), fraction, seed=0)
    assert set(parted.fit) == set(subjects)
    assert not parted.tune


def test_another_seed_is_another_choice():
    people = plain(f"s{n}" for n in range(50))
    assert len({frozenset(hold_out(people, 0.1, seed).tune) for seed in range(10)}) == 10


shown = st.dictionaries(
    st.text("abcdefghij", min_size=1, max_size=3), st.sets(st.sampled_from("uvwxyz")), min_size=2,
    max_size=25,
)  # fmt: skip


def sides(subjects: Mapping, parted) -> tuple[Counter, Counter, Counter]:
    """Class -> people who show it: of all, of those who are trained on, of those who judge."""
    return tuple(
        Counter(name for person in group for name in subjects[person])
        for group in (subjects, parted.fit, parted.tune)
    )  # type: ignore[return-value]


@given(shown, st.floats(0.05, 0.5), seeds)
def test_a_class_stands_on_both_sides_or_is_told(subjects, fraction, seed):
    parted = hold_out(subjects, fraction, seed)
    have, fit, tune = sides(subjects, parted)
    assert parted.one_sided == {n: have[n] for n in have if not fit[n] or not tune[n]}
    # What nobody shows in training cannot be learnt: two people are enough for that never to be.
    if len(parted.tune) > 1:
        assert all(fit[name] for name in have if have[name] > 1)


@given(st.integers(2, 40), st.integers(0, 99))
def test_classes_that_three_or_more_show_stand_on_both_sides(people, seed):
    # As in CK+: everybody is neutral, and each emotion is shown by some.
    subjects = {
        f"s{n}": {"neutral", *(f"e{e}" for e in range(7) if (n * (e + 3)) % (e + 2) == 0)}
        for n in range(people)
    }
    parted = hold_out(subjects, 0.1, seed)
    have, fit, tune = sides(subjects, parted)
    assert all(fit[name] and tune[name] for name in have if have[name] >= 3)


def test_a_class_that_nobody_held_out_shows_brings_somebody_else_and_not_one_more():
    # Contempt is rare: 3 of 40. For any seed one of the three is among the four, and two are not.
    subjects = {f"s{n}": ["neutral", *(["contempt"] if n < 3 else [])] for n in range(40)}
    for seed in range(30):
        parted = hold_out(subjects, 0.1, seed)
        assert len(parted.tune) == 4
        assert sides(subjects, parted)[2]["contempt"] >= 1
        assert sides(subjects, parted)[1]["contempt"] >= 1


def test_more_are_held_out_where_the_share_has_no_room_for_every_class():
    # Of ten people two have each class and no other: five must judge five classes.
    subjects = {f"s{n}": [f"c{n // 2}"] for n in range(10)}
    parted = hold_out(subjects, 0.1, seed=0)
    assert len(parted.tune) == 5
    assert not parted.one_sided


def test_who_alone_shows_a_class_is_trained_on_and_that_is_told():
    subjects = {f"s{n}": ["neutral", *(["pride"] if n == 0 else [])] for n in range(30)}
    for seed in range(30):
        parted = hold_out(subjects, 0.2, seed)
        assert "s0" in parted.fit
        assert parted.one_sided == {"pride": 1}


@given(st.integers(2, 400), st.floats(0.05, 0.5), st.floats(0.02, 0.5), seeds)
def test_the_draw_has_nothing_to_do_with_the_split(people, eval_fraction, fraction, seed):
    # Whoever is left for training has a large hash in the split's own draw: by that same hash
    # nobody was below the share, and exactly one was held out of any number of people.
    splits = assign_splits((f"p{n}" for n in range(people)), eval_fraction, seed)
    train = [name for name, split in splits.items() if split == "train"]
    if len(train) > 1:
        assert len(hold_out(plain(train), fraction, seed).tune) == share(len(train), fraction)


PEOPLE = 40
EMOTIONS = ("Anger", "Joy", "Neutral")
_CK48 = [f"happy/S{n:03d}_006_0000001{i}.png" for n in range(PEOPLE) for i in range(3)]
_CK = [
    name
    for n in range(PEOPLE)
    for name in (
        *(f"images/S{n:03d}/001/S{n:03d}_001_{i:08d}.png" for i in range(1, 6)),
        f"Emotion/S{n:03d}/001/S{n:03d}_001_00000005_emotion.txt",
    )
]
_JAFFE = [
    f"{a}{b}.AN1.{n}.tiff" for n, (a, b) in enumerate((a, b) for a in "KLMNOPQ" for b in "ABCDEF")
]
_CREMAD = [f"VideoFlash/{1001 + n}_DFA_{e}_XX.flv" for n in range(PEOPLE) for e in ("ANG", "HAP")]
_RAVDESS = [f"01-01-0{e}-01-01-01-{n + 1:02d}.mp4" for n in range(PEOPLE) for e in (3, 5)]
_WILD = [f"annotations/VA_Set/{part}/v{n}.txt" for n in range(PEOPLE)
         for part in ("Validation_Set" if n % 5 == 0 else "Train_Set",)]  # fmt: skip

TREES: dict[str, list[str] | dict[str, str]] = {
    "adfes": [f"F{n:02d}-{e}-Face Forward.mpeg" for n in range(PEOPLE) for e in EMOTIONS],
    "afew": [f"{part}/Angry/{n:04d}.avi" for n in range(PEOPLE) for part in ("Train", "Val")],
    "affwild2": [*_WILD, *(f"batch1/v{n}.mp4" for n in range(PEOPLE))],
    "ckplus": _CK,
    "ckplus48": _CK48,
    "ckplus48_jaffe": [*(f"ckplus48/{n}" for n in _CK48), *(f"jaffe/{n}" for n in _JAFFE)],
    "ckplus_jaffe": [*(f"ckplus/{n}" for n in _CK), *(f"jaffe/{n}" for n in _JAFFE)],
    "cremad": _CREMAD,
    "cremad_ravdess": [*(f"cremad/{n}" for n in _CREMAD), *(f"ravdess/{n}" for n in _RAVDESS)],
    "fer2013": {
        "fer2013.csv": "emotion,pixels,Usage\n"
        + "".join(f"{n % 7},0 1 2 3,{'PublicTest' if n % 9 == 0 else 'Training'}\n"
                  for n in range(4 * PEOPLE))
    },
    "folder": [f"person{n}/{i}.mp4" for n in range(PEOPLE) for i in range(2)],
    "jaffe": _JAFFE,
    "rafdb": {
        "EmoLabel/list_patition_label.txt": "".join(
            f"{'test' if n % 5 == 0 else 'train'}_{n:05d}.jpg {n % 7 + 1}\n"
            for n in range(4 * PEOPLE)
        ),
        **{f"Image/aligned/{'test' if n % 5 == 0 else 'train'}_{n:05d}_aligned.jpg": ""
           for n in range(4 * PEOPLE)},
    },
    "ravdess": _RAVDESS,
}  # fmt: skip
TEXTS = {"_emotion.txt": "3.0\n", ".txt": "valence,arousal\n0,0\n"}


@pytest.mark.parametrize("fraction", [0.1, 0.2])
@pytest.mark.parametrize("split_by", ["subject", "image"])
@pytest.mark.parametrize("corpus", adapter_names())
def test_of_every_corpus_as_many_people_judge_as_are_asked_for(
    corpus, split_by, fraction, tmp_path
):
    found = TREES[corpus]
    files = found if isinstance(found, dict) else dict.fromkeys(found, "")
    for name, text in files.items():
        path = Path(tmp_path, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        ending = next((ending for ending in TEXTS if name.endswith(ending)), "")
        path.write_text(text or TEXTS.get(ending, ""))
    own_split = {"affwild2", "afew", "fer2013", "folder", "rafdb"}
    if split_by == "image" and corpus in own_split:
        pytest.skip("is split by its own files, or else by subject")
    for seed in range(3):
        settings = CorpusSettings(split_by=split_by, seed=seed, mirrored="copies")
        clips = [c for c in list_clips(corpus, tmp_path, settings) if c.split == "train"]
        subjects: dict[str, set[str]] = {}
        for clip in clips:
            subjects.setdefault(clip.subject_id, set()).update(map(" ".join, clip.classes))
        people = {person_of(subject) for subject in subjects}
        judges = {person_of(subject) for subject in hold_out(subjects, fraction, seed).tune}
        assert len(people) > 10
        assert len(judges) == share(len(people), fraction)
