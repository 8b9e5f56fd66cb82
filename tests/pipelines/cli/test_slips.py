"""What a person is told who mistypes."""

import pytest


@pytest.fixture
def refused(affectflow, corpus, tmp_path):
    def run(*options, command="rebuild"):
        data = ["--data", corpus] if command == "rebuild" else []
        done = affectflow(command, *data, "-w", tmp_path / "ws", "-r", "demo", *options)
        assert done.code == 1
        assert "Traceback" not in done.err
        assert done.err.startswith("Error: ")
        # Nothing may have started.
        assert not (tmp_path / "ws/artifacts").exists()
        return done.err

    return run


@pytest.mark.parametrize("command", ["rebuild", "release"])
def test_a_beam_option_that_is_misspelt(refused, command):
    assert "did you mean --runner" in refused("--runer=FlinkRunner", command=command)
    # typer hands on what it does not know, so our own options must be looked at, too.
    assert "did you mean --recipe" in refused("--recpie=demo", command=command)


def test_a_setting_that_is_misspelt(refused):
    assert "did you mean ingest.shard_frames" in refused("--set", "ingest.shard_frame=3")


@pytest.mark.parametrize(
    ("setting", "would_do"),
    [
        ("ingest.shard_frames=0", "ingest.shard_frames is 0; a whole number from 1 to 1000000"),
        ("image_size=1000000", "image_size is 1000000; a whole number from 32 to 512"),
        ("image_size=100", "image_size is 100; a multiple of 8 would do, such as 96 or 104"),
    ],
)
def test_a_number_out_of_bounds(refused, setting, would_do):
    assert would_do in " ".join(refused("--set", setting).split())


def test_a_recipe_or_corpus_that_is_not_there(refused):
    assert "recipe 'dmo' is not one of adfes, afew, affwild2," in refused("-r", "dmo")
    assert "corpus is 'afe'; it must be one of adfes, afew," in refused("--corpus", "afe")


def test_folders_that_hold_nothing(refused, tmp_path):
    (tmp_path / "empty").mkdir()
    folder = ["--corpus", "folder"]
    assert "holds no video" in refused("-d", str(tmp_path / "empty"), *folder)
    assert "has no annotations of Aff-Wild2" in refused("-d", str(tmp_path / "empty"))
    absent = refused("-d", str(tmp_path / "absent"), *folder)
    assert "does not exist; give the folder that holds the corpus" in absent
    (tmp_path / "file").touch()
    assert "is not a folder" in refused("-d", str(tmp_path / "file"), *folder)


def test_a_table_without_the_columns(refused, tmp_path, corpus):
    video = next((corpus / "videos").rglob("001-1-*.mp4"))
    (tmp_path / "c").mkdir()
    (tmp_path / "c/a.mp4").symlink_to(video)
    (tmp_path / "c/labels.csv").write_text("video,frame,valence\na,0,0.1\n")
    said = refused("-d", str(tmp_path / "c"), "--corpus", "folder")
    assert "lacks arousal (columns found: video, frame, valence)" in said


def test_the_message_says_where_the_log_is(refused, tmp_path):
    said = refused("-r", "dmo")
    (log,) = (tmp_path / "ws/logs").iterdir()
    assert said.splitlines()[-1] == f"The full story is in {log}"
    assert "Traceback" in log.read_text()


@pytest.mark.parametrize("place", ["file/ws", "/proc/affectflow-ws"])
def test_a_workspace_that_cannot_be_written(affectflow, corpus, tmp_path, place):
    # Neither place lets anybody make a folder, not even root.
    (tmp_path / "file").write_text("kept")
    done = affectflow("rebuild", "-r", "demo", "-d", corpus, "-w", tmp_path / place)
    assert done.code == 1
    assert f"workspace {tmp_path / place} cannot be written" in done.err
    assert "choose another with --workspace" in done.err
    assert (tmp_path / "file").read_text() == "kept"
