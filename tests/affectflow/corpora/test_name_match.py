from __future__ import annotations

import string
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affectflow.corpora.files import as_key
from affectflow.corpora.name_match import match_names
from affectflow.corpora.remarks import collected
from affectflow.errors import InputError

ROOT = Path("/data/set")
TABLE = Path("/data/set/labels.csv")


def matched(names, paths, root=ROOT):
    return match_names(TABLE, [as_key(name) for name in names], {p: p for p in paths}, root)


@pytest.mark.parametrize(
    ("name", "paths", "meant"),
    [
        ("a.mp4", ["a.mp4", "x/a.mp4"], "a.mp4"),  # the path itself before anything else
        ("a", ["a.mp4", "x/a.mp4"], "a.mp4"),
        ("a.mp4", ["a.mp4", "a.MP4"], "a.mp4"),
        ("a.MP4", ["a.mp4", "a.avi"], "a.mp4"),
        ("c.mp4", ["c.mp4", "c.mp4.mkv"], "c.mp4"),
        ("c.mp4", ["c.mp4.mkv"], "c.mp4.mkv"),
        ("A", ["a.mp4", "b.mp4"], "a.mp4"),
        ("v1.5", ["v1.5.mp4", "v1.6.mp4"], "v1.5.mp4"),
        ("b/1.mp4", ["x/a/1.mp4", "x/b/1.mp4"], "x/b/1.mp4"),
        ("set/b/1.mp4", ["a/1.mp4", "b/1.mp4"], "b/1.mp4"),
        ("/data/set/b/1.mp4", ["a/1.mp4", "b/1.mp4"], "b/1.mp4"),
        ("/old/b/1.mp4", ["a/1.mp4", "b/1.mp4"], "b/1.mp4"),
        (r"D:\old\b\1.mp4", ["a/1.mp4", "b/1.mp4"], "b/1.mp4"),
        # All lie in one folder, from which the table counts.
        ("b/1.mp4", ["videos/a/1.mp4", "videos/b/1.mp4"], "videos/b/1.mp4"),
        ("1", ["videos/1.mp4", "videos/b/1.mp4"], "videos/1.mp4"),
        ("/old/videos/b/1.mp4", ["videos/a/1.mp4", "videos/b/1.mp4"], "videos/b/1.mp4"),
        ("file:///old/b/1.mp4", ["a/1.mp4", "b/1.mp4"], "b/1.mp4"),
    ],
)
def test_what_means_one_file_alone(name, paths, meant):
    assert matched([name], paths) == {as_key(name): meant}


@pytest.mark.parametrize(
    ("names", "paths", "wrong"),
    [
        (["1"], ["a/1.mp4", "b/1.mp4"], "video '1' could be a/1.mp4 or b/1.mp4"),
        (["A"], ["a.mp4", "a.avi"], "video 'A' could be a.avi or a.mp4"),
        (["a.Mp4"], ["a.mp4", "a.MP4"], "video 'a.Mp4' could be a.MP4 or a.mp4"),
        # Two videos elsewhere, of which one is here: nobody knows which.
        (
            ["/x/1.mp4", "/y/1.mp4"],
            ["1.mp4"],
            "'/x/1.mp4' and video '/y/1.mp4' could each be 1.mp4",
        ),
        (["a.avi", "a.mkv"], ["a.mp4"], "'a.avi' and video 'a.mkv' could each be a.mp4"),
        (["z", "/q/y.mp4"], ["a.mp4"], "names 2 videos, of which /data/set holds none"),
    ],
)
def test_what_may_mean_several_or_means_nothing(names, paths, wrong):
    with pytest.raises(InputError, match=wrong):
        matched(names, paths)


ANNAS = ["anna/001.mp4", "anna/002.mp4"]


@pytest.mark.parametrize("before", ["", "/old/", "C:\\set\\", "set/"])
def test_a_folder_of_another_name_is_another_folder(before):
    # Nothing here is Carl's, though his 002 would be the only one of that number.
    with collected() as remarks:
        found = matched([f"{before}anna/001.mp4", f"{before}carl/002.mp4"], ANNAS)
    assert list(found.values()) == ["anna/001.mp4"]
    assert remarks[-1] == (
        "/data/set/labels.csv names 1 videos that /data/set does not hold "
        f"({as_key(before + 'carl/002.mp4')!r}); 1 of its 2 videos are not named ('anna/002.mp4')"
    )


@pytest.mark.parametrize(
    ("names", "paths"),
    [
        (["carl/001.mp4", "carl/002.mp4"], ANNAS),
        (["/old/carl/001.mp4", "/old/carl/002"], ANNAS),
        (["carl/s1/001.mp4"], ["anna/s1/001.mp4"]),
        (["anna/s2/001.mp4"], ["anna/s1/001.mp4"]),
        # Whether "old" is what is called "videos" here, nobody can say.
        (["/old/b/1.mp4"], ["videos/a/1.mp4", "videos/b/1.mp4"]),
    ],
)
def test_a_table_of_other_folders_names_nothing(names, paths):
    with pytest.raises(InputError, match="of which /data/set holds none") as error:
        matched(names, paths)
    assert repr(as_key(names[0])) in str(error.value)
    assert repr(paths[0]) in str(error.value)


def test_a_file_goes_to_the_name_that_means_it_most_surely():
    # Of /data/set, which holds the videos of "set" alone, in a table of all.
    with collected() as remarks:
        assert matched(["/old/set/1.mp4", "/old/other/1.mp4"], ["1.mp4"]) == {
            "/old/set/1.mp4": "1.mp4"
        }
    assert "names 1 videos that /data/set does not hold ('/old/other/1.mp4')" in remarks[1]
    assert matched(["1.mp4", "/x/1.mp4"], ["1.mp4"]) == {"1.mp4": "1.mp4"}


def test_with_and_without_an_ending_is_one_video():
    names = ["x/a", "x/a.mp4", "X/B", "X/B.MP4"]
    assert matched(names, ["x/a.mp4", "x/b.mp4"]) == {
        "x/a": "x/a.mp4", "x/a.mp4": "x/a.mp4", "X/B": "x/b.mp4", "X/B.MP4": "x/b.mp4"
    }  # fmt: skip


def test_what_is_taken_for_something_and_what_is_left_is_remarked():
    with collected() as remarks:
        matched(["a", "/old/B.mp4", "gone"], ["a.mp4", "b.mp4", "c.mp4"])
    assert remarks == [
        "/data/set/labels.csv writes 1 of 3 videos otherwise than /data/set does ('/old/B.mp4' is "
        "taken for 'b.mp4')",
        "/data/set/labels.csv names 1 videos that /data/set does not hold ('gone'); 1 of its 3 "
        "videos are not named ('c.mp4')",
    ]
    with collected() as remarks:
        matched(["a", "b.mp4"], ["a.mp4", "b.mp4", "c.mp4"])
    assert remarks == []


PART = st.text(string.ascii_letters + string.digits, min_size=1, max_size=4)
PATH = st.lists(PART, min_size=1, max_size=3).map(lambda parts: "/".join(parts) + ".mp4")


@given(
    paths=st.lists(PATH, min_size=1, max_size=8, unique_by=str.casefold),
    prefix=st.sampled_from(["/elsewhere/videos/", "C:\\clips\\", "./", ""]),
    case=st.sampled_from([str, str.upper, str.lower]),
    bare=st.booleans(),
)
def test_a_whole_corpus_written_elsewhere_is_never_mixed_up(paths, prefix, case, bare):
    names = {path: as_key(prefix + case(path[:-4] if bare else path)) for path in paths}
    found = {}
    # "x/1" beside "1": with a folder before it each may be either, which is refused.
    with suppress(InputError):
        found = matched(names.values(), paths)
    assert all(names[path] == name for name, path in found.items())
