"""A Beam job gives what the loop gives."""

from __future__ import annotations

import itertools

import pytest

import affectflow
from affectflow.predict.inputs import find_sources
from affectflow.predict.job import PredictOptions, try_video
from bench.untrained import write_release
from pipelines.beam import beam_args
from pipelines.scoring import score
from tests.lost_elements import losses_unnoticed
from tests.portraits import blank, paste, write_video


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    root = tmp_path_factory.mktemp("release")
    return write_release(root / "releases", root / "serving")


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    """Three videos, one of them in a folder below, and a file that is none."""
    root = tmp_path_factory.mktemp("videos")
    (root / "day 2").mkdir()
    write_video(root / "a.mp4", [paste(2 * n, 20) for n in range(40)])
    write_video(root / "b.mp4", [blank() for _ in range(6)])
    write_video(root / "day 2/ä'c.mp4", [paste(0, 40, 170 + n) for n in range(20)])
    (root / "broken.mp4").write_bytes(b"no video at all")
    return root


def test_the_same_files_and_reports(release, videos, tmp_path):
    sources = find_sources([str(videos)])
    options = PredictOptions(interpolate=True)
    predictor = affectflow.load_release(release)
    here = [try_video(predictor, source, tmp_path / "here", options) for source in sources]
    args = beam_args(["--runner=FnApiRunner", "--direct_num_workers=2",
                      "--direct_running_mode=multi_threading"])  # fmt: skip
    there = score(release, sources, tmp_path / "there", options, args)
    for report in here, there:
        assert [(r.path, r.frames, r.frames_with_face, r.people) for r in report] == [
            (str(videos / "a.mp4"), 40, 40, 1),
            (str(videos / "b.mp4"), 6, 0, 0),
            (str(videos / "broken.mp4"), 0, 0, 0),
            (str(videos / "day 2/ä'c.mp4"), 20, 20, 1),
        ]
        assert "moov atom not found" in report[2].problem or "unreadable" in report[2].problem
    written = {
        folder: {
            path.relative_to(tmp_path / folder): path.read_bytes()
            for path in sorted((tmp_path / folder).rglob("*"))
            if path.is_file()
        }
        for folder in ("here", "there")
    }
    assert [str(name) for name in written["here"]] == ["a.csv", "b.csv", "day 2/ä'c.csv"]
    assert written["there"] == written["here"]


def test_no_element_is_lost_unnoticed(release, videos, tmp_path):
    sources = find_sources([str(videos)])
    rounds = itertools.count()

    def node():
        folder = tmp_path / f"lost {next(rounds)}"
        args = beam_args(["--runner=FnApiRunner"])
        return [r.frames for r in score(release, sources, folder, PredictOptions(), args)]

    assert losses_unnoticed(node) == []
