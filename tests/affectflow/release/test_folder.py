import errno
import hashlib
import json
import multiprocessing
import os
import shutil
import signal
from pathlib import Path

import pytest

from affectflow.errors import InputError
from affectflow.release import folder, latest, latest_whole, load, publish
from affectflow.release.folder import published
from tests.damage import nicked
from tests.torture import cases, rng

# A fork inherits what was patched, and functions that cannot be pickled.
FORK = multiprocessing.get_context("fork")
METRICS = {"ccc": 0.5, "none": None}


def release(releases, model, run_id, **documents):
    given = {"metrics": METRICS, "lineage": {"a": 1}, "recipe": {"name": "demo"}, **documents}
    return publish(releases, {"serving": model}, run_id=run_id, **given)


def listing(path):
    return sorted(entry.name for entry in path.iterdir())


def test_a_release_holds_everything_and_reads_back(tmp_path, model):
    models = {"serving": model("one"), "cnn": model("two", b"cnn")}
    path = publish(tmp_path / "r", models, METRICS, {"a": 1}, {"name": "demo"}, "run-1")
    assert path == tmp_path / "r" / "0001"
    assert listing(path) == ["lineage.json", "metrics.json", "model", "recipe.json", "release.json"]
    found = load(path, full=True)
    assert (found.number, found.run_id, found.origin) == (1, "run-1", "trained")
    assert (found.metrics, found.lineage, found.recipe) == (METRICS, {"a": 1}, {"name": "demo"})
    assert found.models == {"cnn": path / "model/cnn", "serving": path / "model/serving"}
    assert (path / "model/cnn/saved_model.pb").read_bytes() == b"cnn"
    entry = found.files["model/serving/variables/variables.index"]
    assert entry.sha256 == hashlib.sha256(b"weights of graph").hexdigest()
    assert entry.bytes == 16
    assert "release.json" not in found.files
    assert found.created.endswith("+00:00")


def test_numbers_rise_and_a_retry_gets_the_release_that_it_made(tmp_path, model):
    releases, saved = tmp_path / "r", model()
    assert latest(releases) is None
    first = release(releases, saved, "run-1")
    second = release(releases, saved, "run-2", metrics={"ccc": 0.6})
    assert (first.name, second.name) == ("0001", "0002")
    before = (first / "release.json").read_bytes()
    assert release(releases, saved, "run-1", metrics={"ccc": 0.9}) == first
    assert (first / "release.json").read_bytes() == before
    newest = latest(releases)
    assert newest is not None
    assert newest.number == 2
    assert newest.metrics == {"ccc": 0.6}
    # Equal models have one digest whatever stands beside them; releases differ.
    assert newest.models_digest == load(first).models_digest
    assert newest.digest != load(first).digest


def test_where_a_model_is_from(tmp_path, model):
    documents = {"metrics": {}, "lineage": {}, "recipe": {}}
    models = {"serving": model()}
    path = publish(tmp_path / "r", models, **documents, run_id="import-1", origin="imported")
    assert load(path).origin == "imported"
    with pytest.raises(InputError, match="origin is 'found'; trained or imported would do"):
        publish(tmp_path / "r", models, **documents, run_id="run", origin="found")
    assert listing(tmp_path / "r") == [".last", ".lock", "0001", "serving"]


def test_the_release_of_a_run_is_found(tmp_path, model):
    releases, saved = tmp_path / "r", model()
    assert published(releases, "run-1") is None
    release(releases, saved, "run-1")
    second = release(releases, saved, "run-2")
    assert published(releases, "run-2") == second
    assert published(releases, "run-3") is None


def test_every_release_is_a_version_for_tensorflow_serving(tmp_path, model):
    releases = tmp_path / "r"
    release(releases, model("one", b"1"), "run-1")
    release(releases, model("two", b"2"), "run-2")
    # The links stay right when the whole folder is moved, or mounted elsewhere.
    releases.rename(tmp_path / "moved")
    base = tmp_path / "moved/serving"
    assert listing(base) == ["1", "2"]
    for version in ("1", "2"):
        assert (base / version / "saved_model.pb").read_bytes() == version.encode()
        assert (base / version / "variables/variables.index").is_file()
        assert os.readlink(base / version) == f"../000{version}/model/serving"
    assert latest(tmp_path / "moved").number == 2


def test_a_retry_makes_the_version_that_is_absent(tmp_path, model):
    releases, saved = tmp_path / "r", model()
    release(releases, saved, "run-1")
    shutil.rmtree(releases / "serving")
    release(releases, saved, "run-1")
    assert (releases / "serving/1/saved_model.pb").is_file()
    # What somebody has put there is left alone.
    (releases / "serving/1").unlink()
    shutil.copytree(saved, releases / "serving/1")
    release(releases, saved, "run-1")
    assert not (releases / "serving/1").is_symlink()


@pytest.mark.parametrize("cause", ["no links", "a file in its place"])
def test_a_release_is_complete_without_a_link(tmp_path, model, monkeypatch, caplog, cause):
    releases, saved = tmp_path / "r", model()

    def refuse(*args, **kwargs):
        raise OSError(errno.EPERM, "Operation not permitted")

    if cause == "no links":
        monkeypatch.setattr(Path, "symlink_to", refuse)
    else:
        releases.mkdir()
        (releases / "serving").write_text("mine")
    path = release(releases, saved, "run-1")
    assert load(path, full=True).number == 1
    assert not (releases / "serving").is_dir()
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert "copy the folder" in record.message
    assert str(path / "model/serving") in record.message
    assert release(releases, saved, "run-2").name == "0002"


def test_a_number_beyond_four_digits_is_the_latest(tmp_path, model):
    releases = tmp_path / "r"
    release(releases, model(), "a").rename(releases / "9999")
    assert release(releases, model("b"), "b").name == "10000"
    assert latest(releases).number == 10000


@pytest.mark.parametrize("step", ["copytree", "write_json", "rename"])
def test_a_stop_midway_leaves_nothing(tmp_path, model, monkeypatch, step):
    releases, saved = tmp_path / "r", model()
    release(releases, saved, "run-1")

    def stop(*args, **kwargs):
        raise KeyboardInterrupt

    owner = {"copytree": shutil, "write_json": folder, "rename": os}[step]
    with monkeypatch.context() as patch:
        patch.setattr(owner, step, stop)
        with pytest.raises(KeyboardInterrupt):
            release(releases, saved, "run-2")
    assert listing(releases) == [".last", ".lock", "0001", "serving"]
    assert release(releases, saved, "run-2").name == "0002"


def test_what_a_killed_writer_left_is_no_release_and_is_cleared(tmp_path, model, monkeypatch):
    releases, saved = tmp_path / "r", model()

    def kill_this_process(*args):
        os.kill(os.getpid(), signal.SIGKILL)

    with monkeypatch.context() as patch:
        patch.setattr(folder, "write_json", kill_this_process)
        writer = FORK.Process(target=release, args=(releases, saved, "run-1"))
        writer.start()
        writer.join(60)
    assert writer.exitcode == -signal.SIGKILL
    assert listing(releases) == [".lock", ".partial-run-1"]
    assert latest(releases) is None
    # The kernel released the lock with the process, so the next writer does not wait.
    assert release(releases, saved, "run-2").name == "0001"
    assert listing(releases) == [".last", ".lock", "0001", "serving"]


def test_a_full_disk_is_an_error_that_names_the_folder(tmp_path, model, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copytree", full)
    with pytest.raises(InputError, match=r"releases folder .*r' cannot be written: No space left"):
        release(tmp_path / "r", model(), "run-1")
    assert listing(tmp_path / "r") == [".lock"]


def test_a_file_in_the_place_of_the_folder(tmp_path, model):
    (tmp_path / "r").write_text("")
    with pytest.raises(InputError, match="cannot be written: File exists"):
        release(tmp_path / "r", model(), "run-1")


def publish_three(releases, saved, writer, names):
    names.put([release(releases, saved, f"{writer}-{i}").name for i in range(3)])


def test_two_writers_never_share_a_number(tmp_path, model):
    saved, results = model(), FORK.SimpleQueue()
    writers = [
        FORK.Process(target=publish_three, args=(tmp_path / "r", saved, name, results))
        for name in ("a", "b")
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    names = results.get() + results.get()
    assert sorted(names) == [f"{number:04d}" for number in range(1, 7)]
    for name in names:
        load(tmp_path / "r" / name, full=True)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda path: (path / "release.json").unlink(), "is not a release: release.json is miss"),
        (lambda path: (path / "recipe.json").unlink(), "incomplete: recipe.json is missing"),
        (lambda path: shutil.rmtree(path / "model"), "incomplete: model/serving/saved_model.pb"),
        (lambda path: (path / "metrics.json").write_text("{}"), "metrics.json has 2 bytes, not"),
        (
            lambda path: (path / "model/serving/saved_model.pb").write_bytes(b"GRAPH"),
            "model/serving/saved_model.pb has other content",
        ),
        (lambda path: (path / "release.json").write_text("{"), "is not JSON"),
        (lambda path: (path / "release.json").write_text('{"format": 2}'), "format 2; this ver"),
        (lambda path: (path / "release.json").write_text('{"format": 1}'), "lacks 'files'"),
        (lambda path: (path / "release.json").write_text("[]"), "of format None"),
        (lambda path: rewrite(path, run_id="run-9"), "release.json is not as it was published"),
        (lambda path: rewrite(path, number=7), "release.json is not as it was published"),
        (lambda path: (path / "model/serving/more").touch(), "model/serving/more is not of it"),
        (lambda path: (path / "notes.txt").touch(), "notes.txt is not of it; remove that file"),
    ],
)
def test_a_damaged_release_is_named(tmp_path, model, damage, message):
    path = release(tmp_path / "r", model(), "run-1")
    damage(path)
    with pytest.raises(InputError, match=message):
        load(path)
    with pytest.raises(InputError):
        latest(tmp_path / "r")
    # It keeps its number, and does not block what comes after.
    assert latest_whole(tmp_path / "r") is None
    assert release(tmp_path / "r", model("next"), "run-2").name == "0002"


def rewrite(path, **values):
    manifest = json.loads((path / "release.json").read_text())
    (path / "release.json").write_text(json.dumps({**manifest, **values}))


def test_candidates_are_compared_with_the_newest_that_is_whole(tmp_path, model, caplog):
    first = release(tmp_path / "r", model(), "run-1")
    second = release(tmp_path / "r", model("next"), "run-2")
    assert latest_whole(tmp_path / "r").path == second
    (second / "recipe.json").unlink()
    assert latest_whole(tmp_path / "r").path == first
    assert "0002' is incomplete: recipe.json is missing; the release before it" in caplog.text


def test_numbers_never_come_again(tmp_path, model):
    release(tmp_path / "r", model(), "run-1")
    shutil.rmtree(release(tmp_path / "r", model("next"), "run-2"))
    third = release(tmp_path / "r", model("more"), "run-2")
    assert third.name == "0003"
    # Whoever removes the record as well is left with what is there.
    (tmp_path / "r/.last").unlink()
    assert release(tmp_path / "r", model("most"), "run-4").name == "0004"


def test_a_release_of_before_its_manifest_had_a_digest_is_read(tmp_path, model):
    path = release(tmp_path / "r", model(), "run-1")
    manifest = json.loads((path / "release.json").read_text())
    del manifest["digest"]
    (path / "release.json").write_text(json.dumps(manifest))
    assert load(path, full=True).number == 1


def test_a_release_is_on_the_disk_before_it_has_its_name(tmp_path, model, monkeypatch):
    synced, renamed = [], []
    fsync, rename = os.fsync, os.rename

    def noted_sync(number):
        synced.append(os.readlink(f"/proc/self/fd/{number}"))
        fsync(number)

    def noted_rename(source, target):
        renamed.append(list(synced))
        rename(source, target)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(os, "rename", noted_rename)
    path = release(tmp_path / "r", model(), "run-1")
    (before,) = renamed
    partial = before[-1]
    assert {os.path.relpath(name, partial) for name in before} == {
        ".",
        *(name.relative_to(path).as_posix() for name in path.rglob("*")),
    }
    assert synced[len(before) :] == [str(tmp_path / "r")]


def test_large_files_are_digested_only_when_asked(tmp_path, model):
    path = release(tmp_path / "r", model(content=b"x" * (2 << 20)), "run-1")
    (path / "model/serving/saved_model.pb").write_bytes(b"y" * (2 << 20))
    assert load(path).number == 1
    with pytest.raises(InputError, match="other content"):
        load(path, full=True)


def test_models_that_cannot_be_released(tmp_path, model):
    empty = tmp_path / "empty"
    empty.mkdir()
    documents = {"metrics": {}, "lineage": {}, "recipe": {}, "run_id": "run"}
    with pytest.raises(InputError, match="models are none; 'serving', the served one, is needed"):
        publish(tmp_path / "r", {}, **documents)
    with pytest.raises(InputError, match="models are cnn; 'serving'"):
        publish(tmp_path / "r", {"cnn": model("cnn")}, **documents)
    with pytest.raises(InputError, match=r"holds no saved_model\.pb"):
        publish(tmp_path / "r", {"serving": empty}, **documents)
    with pytest.raises(InputError, match=r"model name '\.\./x'"):
        publish(tmp_path / "r", {"serving": model(), "../x": model("x")}, **documents)
    with pytest.raises(InputError, match=r"model 'rnn': .* holds no file"):
        publish(tmp_path / "r", {"serving": model("y"), "rnn": empty}, **documents)
    assert not (tmp_path / "r").exists()


def test_metrics_that_json_cannot_hold(tmp_path, model):
    with pytest.raises(InputError, match=r"metrics\.json cannot be written"):
        release(tmp_path / "r", model(), "run-1", metrics={"ccc": float("nan")})
    assert listing(tmp_path / "r") == [".lock"]


ODD = [
    "manual__2026-11-20T11:10:14+00:00",
    "..",
    "../../etc/x",
    "a/b c'\"",
    "Ünïcode 名前",
    "x" * 400,
]


@pytest.mark.parametrize("run_id", ODD)
def test_run_ids_of_any_characters(tmp_path, model, run_id):
    path = release(tmp_path / "r", model(), run_id)
    assert json.loads((path / "release.json").read_text())["run_id"] == run_id
    assert release(tmp_path / "r", model("again"), run_id) == path
    assert listing(tmp_path / "r") == [".last", ".lock", "0001", "serving"]
    assert listing(tmp_path) == ["models", "r"]


def test_two_releases_that_were_exchanged(tmp_path, model):
    releases = tmp_path / "r"
    first = release(releases, model("one", b"1"), "run-1")
    second = release(releases, model("two", b"2"), "run-2")
    first.rename(releases / "aside")
    second.rename(first)
    (releases / "aside").rename(second)
    for path, number in ((first, 2), (second, 1)):
        with pytest.raises(InputError, match=rf"{path}.* is damaged: it holds release {number}"):
            load(path)
    # Elsewhere, under a name that is no number, it is what it says.
    assert load(first.rename(tmp_path / "copy")).number == 2


@pytest.mark.torture
def test_a_mutated_release_is_refused_by_name(tmp_path, model):
    """A byte changed, a stretch changed or cut, in any of its files."""
    draw = rng("releases")
    path = release(tmp_path / "r", model(), "run-1")
    files = sorted(file for file in path.rglob("*") if file.is_file())
    for at in range(cases(small=60, large=5000)):
        file = files[at % len(files)]
        whole = file.read_bytes()
        data = nicked(whole, draw)
        file.write_bytes(data)
        if data != whole:
            with pytest.raises(InputError, match=str(path)) as caught:
                load(path, full=True)
            assert file.name in str(caught.value)
        file.write_bytes(whole)
    assert load(path, full=True).number == 1
