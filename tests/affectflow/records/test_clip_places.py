"""The plan of the shards loses no face, doubles none, and says where each clip stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affectflow.records.clips import (
    ClipPart,
    Piece,
    ShardPlan,
    StoredClip,
    clip_parts,
    load_clips,
    plan_shards,
    save_clips,
)

clips_of_a_split = st.lists(st.integers(0, 30), max_size=12).map(
    # Positions in the manifest have gaps: the other split's clips stand in between.
    lambda faces: [(3 * number, count) for number, count in enumerate(faces)]
)


def laid_out(plans: list[ShardPlan]) -> list[list[tuple[int, int]]]:
    """Each shard's records as (position, number of the face)."""
    return [
        [(piece.position, face) for piece in plan.pieces for face in range(piece.start, piece.stop)]
        for plan in plans
    ]


@given(clips_of_a_split, st.integers(1, 20))
def test_no_face_is_lost_or_doubled_and_the_order_stays(clips, size):
    plans = plan_shards("train", clips, size)
    faces = [record for shard in laid_out(plans) for record in shard]
    assert faces == [(position, face) for position, count in clips for face in range(count)]


@given(clips_of_a_split, st.integers(1, 20))
def test_every_shard_is_full_but_the_last(clips, size):
    plans = plan_shards("eval", clips, size)
    sizes = [len(shard) for shard in laid_out(plans)]
    assert all(full == size for full in sizes[:-1])
    assert all(0 < last <= size for last in sizes[-1:])
    assert [plan.number for plan in plans] == list(range(len(plans)))
    assert all(plan.total == len(plans) for plan in plans)
    assert all(plan.split == "eval" for plan in plans)


@given(clips_of_a_split, st.integers(1, 20))
def test_a_clip_is_found_where_its_parts_say(clips, size):
    plans = plan_shards("train", clips, size)
    records = laid_out(plans)
    found = {
        position: [
            record for part in parts for record in records[part.shard][part.start : part.stop]
        ]
        for position, parts in clip_parts(plans).items()
    }
    assert found == {
        position: [(position, face) for face in range(count)] for position, count in clips if count
    }


def test_an_example():
    plans = plan_shards("train", [(0, 3), (4, 0), (5, 4)], 5)
    assert plans == [
        ShardPlan("train", 0, 2, (Piece(0, 0, 3), Piece(5, 0, 2))),
        ShardPlan("train", 1, 2, (Piece(5, 2, 4),)),
    ]
    assert clip_parts(plans) == {
        0: (ClipPart(0, 0, 3),),
        5: (ClipPart(0, 3, 5), ClipPart(1, 0, 2)),
    }


@given(
    st.lists(
        st.builds(
            StoredClip,
            *[st.text(st.characters(exclude_categories=["Cs"]), max_size=8)] * 3,
            st.sampled_from(["train", "eval"]),
            st.lists(st.builds(ClipPart, *[st.integers(0, 9)] * 3), max_size=3).map(tuple),
        ),
        max_size=4,
    )
)
def test_what_is_saved_is_loaded(tmp_path_factory, clips):
    folder = tmp_path_factory.mktemp("clips")
    save_clips(folder, clips)
    assert load_clips(folder) == clips


def test_without_a_plan_there_is_nothing_to_load(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"clips\.json"):
        load_clips(tmp_path)
