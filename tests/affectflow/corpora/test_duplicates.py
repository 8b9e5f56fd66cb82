from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from affectflow.corpora.duplicates import ClipContent, Duplicates, find_duplicates


def clips(*rows):
    """(id, split, content, labels)"""
    return [ClipContent(*row) for row in rows]


THREE_KINDS = clips(
    ("0", "train", "A", "joy"),
    ("1", "train", "A", "joy"),  # stands twice in training
    ("2", "train", "B", "fear"),
    ("3", "train", "C", "anger"),
    ("4", "train", "D", "joy"),
    ("5", "eval", "B", "sadness"),  # in both splits, and labelled otherwise
    ("6", "eval", "C", "anger"),
    ("7", "eval", "C", "anger"),
    ("8", "eval", "E", ""),
)


def test_the_three_kinds_are_counted():
    found, in_eval = find_duplicates(THREE_KINDS)
    assert found.clips == {"train": 5, "eval": 4}
    assert found.repeated == {"train": 1, "eval": 1}
    assert found.shared == {"train": 2, "eval": 3}
    assert found.relabelled == 1
    assert in_eval == {"2": "5", "3": "6"}
    assert found.told() == [
        "2 of 5 training clips show what 3 of 4 clips for evaluation show; they are kept (such as "
        "2 and 5)",
        "1 training clips and 1 clips for evaluation repeat another of their split (such as 0 and "
        "1)",
        "1 that stand several times are labelled differently (such as 2 and 5)",
    ]
    assert found.beside_score() == "3 of the 4 clips for evaluation are equal to training clips"
    assert Duplicates.from_json(found.as_json()) == found


def test_nothing_is_beside_the_score_where_there_is_nothing_or_it_was_left_out():
    found, _ = find_duplicates(clips(("a", "train", "A", ""), ("b", "eval", "B", "")))
    assert (found.any, found.beside_score()) == (False, "")
    assert found.told() == ["no two clips show the same"]
    shared, _ = find_duplicates(clips(("a", "train", "A", "x"), ("b", "eval", "A", "x")))
    assert shared.beside_score()
    dropped = Duplicates(shared.clips, shared.repeated, shared.shared, 0, dropped=1)
    assert dropped.beside_score() == ""
    assert "the 1 are left out" in dropped.told()[0]


def test_a_clip_that_is_not_annotated_is_not_labelled_differently():
    found, _ = find_duplicates(clips(("a", "train", "A", ""), ("b", "train", "A", "x")))
    assert (found.repeated["train"], found.relabelled) == (1, 0)


def test_counts_of_something_else_are_none():
    for values in (None, {}, {"clips": 3}, {"clips": {"train": 1}}, "many"):
        assert Duplicates.from_json(values) is None


@given(
    st.lists(st.tuples(st.sampled_from(["train", "eval"]), st.integers(0, 5), st.integers(0, 2)))
)
def test_the_counts_are_those_of_a_table(rows):
    listed = [
        ClipContent(str(n), split, f"c{content}", f"l{label}")
        for n, (split, content, label) in enumerate(rows)
    ]
    found, in_eval = find_duplicates(listed)
    by_split = {s: [c for c in listed if c.split == s] for s in ("train", "eval")}
    for split, other in (("train", "eval"), ("eval", "train")):
        mine = Counter(clip.content for clip in by_split[split])
        theirs = {clip.content for clip in by_split[other]}
        assert found.repeated[split] == sum(mine.values()) - len(mine)
        assert found.shared[split] == sum(mine[content] for content in theirs)
    # What is left when they are dropped shares nothing, and nothing else is dropped.
    left, _ = find_duplicates(clip for clip in listed if clip.video_id not in in_eval)
    assert left.shared == {"train": 0, "eval": 0}
    assert len(in_eval) == found.shared["train"]
    labels: dict[str, set[str]] = {}
    for clip in listed:
        labels.setdefault(clip.content, set()).add(clip.labels)
    assert found.relabelled == sum(len(some) > 1 for some in labels.values())
