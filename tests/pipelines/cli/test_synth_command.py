import pytest

SMALL = ["--subjects", "1", "--clips", "1", "--seconds", "1", "--fps", "5", "--size", "160"]


@pytest.mark.slow
def test_a_process_is_quiet_and_the_seed_decides(process, tmp_path):
    # MediaPipe brings TensorFlow along, which would have a wall of lines to say.
    done = process("synth", "--out", "a", *SMALL, cwd=tmp_path)
    assert done.code == 0
    assert done.err == ""
    assert done.out == "1 videos, 5 frames in a (rendered, no real person)\n"
    assert len(list((tmp_path / "a/videos").rglob("*.mp4"))) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--size", "161"], "size 161 is odd; H.264 wants an even height"),
        (["--fps", "1"], "fps 1 is not a whole number from 5 to 60"),
        (["--layout", "afe"], "layout"),
    ],
)
def test_what_cannot_be_rendered(affectflow, tmp_path, options, message):
    refused = affectflow("synth", "--out", tmp_path / "a", *options)
    assert refused.code == 1
    assert message in refused.err
    assert not (tmp_path / "a").exists()


def test_a_folder_that_holds_something_else(affectflow, tmp_path):
    (tmp_path / "mine.txt").touch()
    refused = affectflow("synth", "--out", tmp_path, *SMALL)
    assert refused.code == 1
    assert "is not empty and holds no rendered corpus; name another folder" in refused.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(("videos", "said"), [(3, "3 videos, 21 frames in"), (0, "21 pictures in")])
def test_it_says_what_there_is(affectflow, tmp_path, monkeypatch, videos, said):
    from affectflow.synth import RenderedCorpus

    asked = []

    def render(out, settings, progress):
        asked.append(settings)
        return RenderedCorpus(out, videos, 21, 0.0, 1)

    monkeypatch.setattr("affectflow.synth.render_corpus", render)
    done = affectflow("synth", "--out", tmp_path / "a", "--layout", "ravdess", "--clips", "3")
    assert done.code == 0
    assert said in done.out
    assert (asked[0].layout, asked[0].clips) == ("ravdess", 3)
