"""What a node gave is checked before anything is made of it."""

import json

import pytest
from tfx.types import standard_artifacts

from pipelines.seal import FILES_DIGEST, DamagedFiles, check_seal, seal, unseal


@pytest.fixture
def sealed(tmp_path):
    """An artifact of three files, one of them in a folder."""
    folder = tmp_path / "Maker/features/12"
    (folder / "Split-train").mkdir(parents=True)
    for number in range(2):
        (folder / f"Split-train/data-{number}").write_bytes(b"%d" % number * 100)
    (folder / "clips.json").write_text("[]")
    artifact = standard_artifacts.Examples()
    artifact.uri = str(folder)
    artifact.producer_component = "Maker"
    artifact.set_string_custom_property(FILES_DIGEST, seal(artifact.uri))
    return artifact, folder


def test_untouched_files_pass(sealed):
    artifact, folder = sealed
    check_seal(artifact)
    assert sorted(path.name for path in folder.iterdir()) == ["Split-train", "clips.json"]


def test_equal_files_have_equal_seals(sealed, tmp_path):
    artifact, folder = sealed
    copy = tmp_path / "elsewhere/13"
    copy.parent.mkdir()
    folder.rename(copy)
    assert seal(str(copy)) == artifact.get_string_custom_property(FILES_DIGEST)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: (f / "Split-train/data-1").unlink(), "Split-train/data-1 is missing"),
        (
            lambda f: (f / "Split-train/data-1").write_bytes(b"1" * 99),
            "Split-train/data-1 has 99 bytes, not 100",
        ),
        (
            lambda f: (f / "Split-train/data-0").write_bytes(b"0" * 99 + b"1"),
            "Split-train/data-0 has other content",
        ),
        (lambda f: (f / "Split-train/more").touch(), "Split-train/more was not there"),
        (
            lambda f: [(f / f"Split-train/{n}").touch() for n in range(7)],
            "Split-train/2 was not there; and 4 more",
        ),
    ],
)
def test_what_changed_is_named_with_what_would_do(sealed, change, said):
    artifact, folder = sealed
    change(folder)
    with pytest.raises(DamagedFiles) as failed:
        check_seal(artifact)
    assert f"{folder} is not as Maker gave it: " in str(failed.value)
    assert said in str(failed.value)
    assert "Start another run, of the rebuild first if Maker is of one" in str(failed.value)


def test_a_list_that_was_changed_with_the_files_convinces_nobody(sealed):
    artifact, folder = sealed
    listing = folder.parent / ".12.files.json"
    (folder / "clips.json").write_text("{}")
    seal(artifact.uri)
    assert json.loads(listing.read_text())["clips.json"]["bytes"] == 2
    with pytest.raises(DamagedFiles, match="its files have other content"):
        check_seal(artifact)


def test_a_lost_list_matters_only_where_files_differ(sealed):
    artifact, folder = sealed
    (folder.parent / ".12.files.json").unlink()
    check_seal(artifact)
    (folder / "clips.json").unlink()
    with pytest.raises(DamagedFiles, match="its files have other content"):
        check_seal(artifact)


def test_what_an_earlier_version_made_passes(sealed):
    artifact, folder = sealed
    artifact.set_string_custom_property(FILES_DIGEST, "")
    (folder / "clips.json").unlink()
    check_seal(artifact)


def test_an_artifact_may_be_one_file(tmp_path):
    artifact = standard_artifacts.String()
    artifact.uri = str(tmp_path / "value")
    (tmp_path / "value").write_text("word")
    artifact.set_string_custom_property(FILES_DIGEST, seal(artifact.uri))
    check_seal(artifact)
    (tmp_path / "value").write_text("sword")
    with pytest.raises(DamagedFiles, match="value has 5 bytes, not 4"):
        check_seal(artifact)


def test_what_is_given_up_leaves_no_list(sealed):
    artifact, folder = sealed
    assert [path.name for path in folder.parent.iterdir() if path.is_file()] == [".12.files.json"]
    for _ in range(2):
        unseal(artifact.uri)
        assert [path for path in folder.parent.iterdir() if path.is_file()] == []
