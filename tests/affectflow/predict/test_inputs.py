from __future__ import annotations

import pytest

from affectflow.corpora.remarks import collected
from affectflow.errors import InputError
from affectflow.predict.inputs import find_sources


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """videos/a.mp4, videos/day 1/b.MOV, and what is no video, or a result of ours."""
    (tmp_path / "videos/day 1").mkdir(parents=True)
    for name in ("a.mp4", "day 1/b.MOV", "labels.csv", "a.annotated.mp4", ".hidden.mp4"):
        (tmp_path / "videos" / name).write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(*arguments: str) -> dict[str, str]:
    return {source.name: source.path for source in find_sources(arguments)}


def test_a_folder_keeps_its_structure(folder):
    assert names("videos") == {"a": "videos/a.mp4", "day 1/b": "videos/day 1/b.MOV"}


def test_a_file_is_called_by_its_name_and_need_not_be_there(folder):
    assert names("videos/a.mp4", "gone.mkv") == {"a": "videos/a.mp4", "gone": "gone.mkv"}


def test_a_pattern_is_matched_at_any_depth(folder):
    assert names("videos/**/*.MOV") == {"b": "videos/day 1/b.MOV"}
    with pytest.raises(InputError, match=r"'videos/\*\.avi' matches no file"):
        names("videos/*.avi")


def test_brackets_in_a_file_s_own_name_are_no_pattern(folder):
    (folder / "clip[1].mp4").write_bytes(b"x")
    assert names("clip[1].mp4") == {"clip[1]": "clip[1].mp4"}


def test_the_pipe(folder):
    assert names("-") == {"stdin": "-"}
    # A file of that name is another matter.
    assert names("./-") == {"-": "./-"}


def test_each_once(folder):
    assert names("videos/a.mp4", "./videos/a.mp4") == {"a": "videos/a.mp4"}
    assert names("videos/a.mp4", "videos") == {"a": "videos/a.mp4", "day 1/b": "videos/day 1/b.MOV"}


def test_results_are_not_predicted_in_turn_and_nothing_is_no_name(folder):
    assert names("videos/*.mp4") == {"a": "videos/a.mp4"}
    with pytest.raises(InputError, match="a video's name is empty"):
        names("")


def test_equal_names_keep_their_endings(folder):
    (folder / "videos/a.mov").write_bytes(b"x")
    found = names("videos")
    assert set(found) == {"a.mov", "a.mp4", "day 1/b"}


def test_equal_names_from_two_folders_are_refused(folder):
    (folder / "other").mkdir()
    (folder / "other/a.mp4").write_bytes(b"x")
    with pytest.raises(InputError, match=r"would both be a\.mp4\.csv; give the folder"):
        names("videos/a.mp4", "other/a.mp4")


def test_a_folder_without_videos(folder):
    (folder / "empty").mkdir()
    with pytest.raises(InputError, match=r"'empty' holds no video; a folder with videos would do$"):
        names("empty")
    (folder / "empty/a.webp").write_bytes(b"x")
    with pytest.raises(InputError, match=r"would do; found 1 \.webp \(such as a\.webp\)"):
        names("empty")


def test_what_is_passed_over_is_said_and_what_we_wrote_is_not(folder):
    for name in ("day 1/song.MP3", "b.heic", "a.plot.png", "a.csv", "tape.dat"):
        (folder / "videos" / name).write_bytes(b"x")
    with collected() as remarks:
        names("videos")
    assert remarks == [
        "videos: passed over, as they are no videos: "
        "1 .dat (such as tape.dat), 1 .heic (such as b.heic), 1 .mp3 (such as day 1/song.MP3)"
    ]
