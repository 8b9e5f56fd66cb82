"""The node runner as a scheduler starts it: a process, its exit status, its result file."""

import dataclasses
import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from affectflow.release.store import _writing
from pipelines.compiled import FOLDER, load_compiled
from pipelines.run_node import main
from pipelines.workspace import Workspace, node_lock, workspace_lock

PROJECT = Path(__file__).resolve().parents[2]


def version_of(pipeline: str) -> str:
    """What a scheduler's compiled form is of; "" where there is no such pipeline."""
    known = (FOLDER / f"{pipeline}.json").is_file()
    return load_compiled(pipeline).code_version if known else ""


@dataclasses.dataclass(frozen=True)
class Ended:
    status: int
    output: str
    result: dict


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, rebuilt):
    """Has the corpus's faces, and a run r1 whose first node is done."""
    root = tmp_path_factory.mktemp("run-node") / "ws"
    root.mkdir()
    import shutil

    shutil.copytree(rebuilt.workspace / "faces", root / "faces")
    return root


@pytest.fixture(scope="module")
def argv(workspace, corpus, tmp_path_factory):
    """argv(node, ...): arguments of the runner, for recipe demo's rebuild."""

    def make(node, run="r1", pipeline="demo_rebuild", parameters=None, **options):
        given = {"data": str(corpus), "ingest.shard_frames": 40} if parameters is None else (
            parameters
        )  # fmt: skip
        named = {
            "pipeline": pipeline, "node": node, "run-id": f"{pipeline}.{run}",
            "workspace": str(workspace), "code-version": version_of(pipeline),
            "parameters": given if isinstance(given, str) else json.dumps(given),
        } | {key.replace("_", "-"): value for key, value in options.items()}  # fmt: skip
        return [text for name, value in named.items() for text in (f"--{name}", str(value))]

    return make


@pytest.fixture
def run(argv, tmp_path, caplog):
    """run(node, ...): in this process, where TFX is imported already."""
    caplog.set_level("INFO")

    def go(node, *beam, **options):
        path = tmp_path / "result.json"
        arguments = [*argv(node, result=path, **options), *(["--", *beam] if beam else [])]
        caplog.clear()
        status = main(arguments)
        return Ended(status, caplog.text, json.loads(path.read_text()))

    return go


def executions(workspace):
    from tfx.orchestration import metadata

    from pipelines.metadata_store import metadata_connection

    with metadata.Metadata(metadata_connection(Workspace(workspace), {})) as handle:
        return handle.store.get_executions()


def test_a_node_as_a_process(argv, workspace, tmp_path):
    result = tmp_path / "result.json"
    done = subprocess.run(
        [sys.executable, "-m", "pipelines.run_node", *argv("VideoExampleGen", result=result)],
        cwd=PROJECT, capture_output=True, text=True, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(result.read_text())
    assert told["state"] == "complete"
    assert set(told["outputs"]) == {"examples", "rejects", "counts"}
    (uri,) = told["outputs"]["examples"]
    assert Path(uri, "clips.json").is_file()
    assert f"VideoExampleGen: execution {told['execution_id']}, complete" in done.stdout
    assert f"VideoExampleGen: examples {uri}" in done.stdout
    # Nothing of what libraries write: that is in a file of its own.
    said = ("INFO affectflow: ", "INFO affectflow.progress: ")  # a line a minute, on a busy machine
    assert all(line.startswith(said) for line in done.stdout.splitlines()), done.stdout
    assert done.stderr == ""
    assert (workspace / "logs/demo_rebuild.r1.VideoExampleGen.log").stat().st_size > 0
    assert (workspace / "reports/demo_rebuild.r1.html").is_file()


def test_the_same_node_again_is_a_no_op(run, workspace):
    first = run("FramesSchema", run="r2")
    before = len(executions(workspace))
    again = run("FramesSchema", run="r2")
    assert (first.status, again.status) == (0, 0)
    assert again.result["execution_id"] == first.result["execution_id"]
    assert len(executions(workspace)) == before


def test_missing_inputs_fail_loudly(run, workspace):
    # TFX publishes FAILED and returns; a scheduler would go on.
    ended = run("StatisticsGen", run="r3")
    assert ended.status == 1
    assert ended.result["state"] == "failed"
    assert "StatisticsGen: execution" in ended.result["reason"]
    assert "ended FAILED" in ended.result["reason"]
    assert ended.result["retry"] is True
    page = (workspace / "reports/demo_rebuild.r3.html").read_text()
    assert page.count("<td>failed</td>") == 1
    assert page.count("<td>not begun</td>") == 5


@pytest.mark.parametrize(("number", "retry"), [(errno.ENOSPC, True), (errno.EACCES, False)])
def test_a_full_disk_may_be_cleared_by_the_next_try(run, monkeypatch, number, retry):
    def fails(*_, **__):
        # As the releases folder makes of it what would come again.
        with _writing(Path("/dev/shm")):
            raise OSError(number, os.strerror(number), "/dev/shm/x")

    monkeypatch.setattr("pipelines.node.run_node", fails)
    ended = run("FramesSchema", run="r20")
    assert ended.status == 1
    full = "no room in /dev/shm (No space left on device): "
    assert ended.result["reason"].startswith(full) == retry
    assert ended.result["retry"] is retry
    assert "Traceback" not in ended.output


def test_a_result_that_cannot_be_written_fails_the_node(argv, caplog):
    # A scheduler knows by it alone what came of the node. The next try finds it done.
    status = main(argv("FramesSchema", run="r21", result="/dev/full/result.json"))
    assert status == 1
    assert "Not a directory: '/dev/full/" in caplog.text


def test_a_node_left_running_by_a_killed_process_is_taken_up(argv, run, workspace, tmp_path):
    """One execution a node, however often its process was killed."""
    late = tmp_path / "late"
    annotations = late / "annotations/VA_Set/Train_Set"
    annotations.mkdir(parents=True)
    (annotations / "a.txt").write_text("valence,arousal\n0.1,0.1\n")
    (late / "videos").mkdir()
    # A pipe that nobody writes to: whoever digests the corpus waits for ever, mid-run.
    os.mkfifo(late / "videos/a.mp4")
    told = {"run": "r4", "parameters": {"data": str(late)}}
    process = subprocess.Popen(
        [sys.executable, "-m", "pipelines.run_node", *argv("VideoExampleGen", **told)],
        cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while not (started := [e for e in executions(workspace) if str(late) in str(e)]):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.5)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    (late / "videos/a.mp4").unlink()
    (late / "videos/a.mp4").write_bytes(b"no video")
    # The clip is rejected and with it the whole build; the execution is the first one's.
    assert run("VideoExampleGen", **told).status == 1
    (taken_up,) = [e for e in executions(workspace) if str(late) in str(e)]
    assert taken_up.id == started[0].id
    assert taken_up.last_known_state != started[0].last_known_state


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"node": "Nobody"}, "demo_rebuild has no node 'Nobody'; it has FramesSchema"),
        ({"pipeline": "no_rebuild"}, "pipeline 'no_rebuild' is not compiled; there is adfes_"),
        ({"run": "a b;c"}, "run id 'demo_rebuild.a b;c' cannot be used"),
        ({"code_version": "0123"}, "the scheduler's compiled form is of code version 0123"),
        ({"parameters": "{"}, "--parameters is not JSON"),
        ({"parameters": "[]"}, "--parameters is '[]'; a JSON object would do"),
        ({"parameters": {"dat": "/x"}}, "'dat' is not a parameter; did you mean data"),
        ({"parameters": {"data": "/x", "subset": "most"}}, "parameter subset is 'most'; all, max"),
        ({"parameters": {}}, "parameter data is not given"),
    ],
)
def test_bad_input_is_told_and_not_tried_again(run, workspace, changes, message):
    before = len(executions(workspace))
    ended = run(**{"node": "FramesSchema", "run": "bad", **changes})
    assert ended.status == 1
    assert message in ended.result["reason"]
    assert message in ended.output
    assert ended.result["retry"] is False
    assert "Traceback" not in ended.output
    assert len(executions(workspace)) == before


def test_an_unknown_beam_option(run):
    ended = run("FramesSchema", "--runer=x", run="beam")
    assert ended.status == 1
    assert "'--runer=x' is an option neither of this command nor of Beam" in ended.result["reason"]


def test_arguments_that_are_missing(capfd):
    with pytest.raises(SystemExit) as ended:
        main(["--pipeline", "demo_rebuild"])
    # argparse's own 2 is no status that a scheduler knows.
    assert ended.value.code == 1
    assert "--node" in capfd.readouterr().err


def test_parameters_may_not_change_within_a_run(run, corpus):
    assert run("FramesSchema", run="r5").status == 0
    ended = run("FramesSchema", run="r5", parameters={"data": str(corpus), "seed": 9})
    assert ended.status == 1
    assert "began with other parameters" in ended.result["reason"]
    assert ended.result["retry"] is False


def test_a_command_has_the_workspace_to_itself(run, workspace):
    with workspace_lock(Workspace(workspace)):
        ended = run("FramesSchema", run="r6")
    assert ended.status == 1
    assert "another run (process" in ended.result["reason"]
    # It will be free later.
    assert ended.result["retry"] is True
    with workspace_lock(Workspace(workspace), shared=True):
        assert run("FramesSchema", run="r6").status == 0


def test_a_second_process_for_a_node_waits_for_the_first(argv, workspace, tmp_path):
    with node_lock(Workspace(workspace), "demo_rebuild.r7", "FramesSchema"):
        process = subprocess.Popen(
            [sys.executable, "-m", "pipelines.run_node", *argv("FramesSchema", run="r7")],
            cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(12)
    out, _ = process.communicate(timeout=600)
    assert process.returncode == 0, out


def test_it_ends_with_its_parent(argv, workspace, tmp_path):
    """The parent starts the runner, which has to wait for a lock, and is killed."""
    script = (
        "import os, subprocess, sys, time\n"
        "argv = [sys.executable, '-m', 'pipelines.run_node', *sys.argv[1:],\n"
        "        '--parent-pid', str(os.getpid())]\n"
        "child = subprocess.Popen(argv)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(300)\n"
    )
    with node_lock(Workspace(workspace), "demo_rebuild.r8", "FramesSchema"):
        parent = subprocess.Popen(
            [sys.executable, "-c", script, *argv("FramesSchema", run="r8")],
            cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        child = int(parent.stdout.readline())
        time.sleep(3)
        assert Path(f"/proc/{child}").exists()
        parent.kill()
        parent.wait()
        # What it imports before it looks takes a minute on a busy machine.
        deadline = time.monotonic() + 120
        while _alive(child):
            assert time.monotonic() < deadline
            time.sleep(0.1)


def _alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_the_last_node_tells_what_was_made(run, workspace):
    for node in (
        "VideoExampleGen", "FramesSchema", "StatisticsGen", "ExampleValidator", "DensitySampler"
    ):  # fmt: skip
        ended = run(node, run="whole")
        assert ended.status == 0, ended.output
        assert ended.result["extra"] == {}
    ended = run("Transform", run="whole")
    assert ended.status == 0, ended.output
    extra = ended.result["extra"]
    assert extra["run_id"] == "demo_rebuild.whole"
    # Recipe demo's.
    assert (extra["subset"], extra["rule"]) == ("max_mean", "cap")
    assert extra["clips"]["used"] == 6
    train = extra["frames"]["train"]
    assert train["kept"] == train["decoded"] - sum(
        train[name] for name in ("no_face", "no_label", "removed_zero", "removed_balancing")
    )
    assert int(extra["digest"], 16) > 0
    assert int(extra["corpus_digest"], 16) > 0
    page = (workspace / "reports/demo_rebuild.whole.html").read_text()
    states = ("run", "cached", "imported")
    assert sum(page.count(f"<td>{state}</td>") for state in states) == 6
    assert '"full, pictures"' in page


def test_a_release_of_a_subset_that_there_is_not(run):
    given = {"parameters": {"subset": "mean"}, "pipeline": "demo_release"}
    ended = run("Frames", run="no", **given)
    assert ended.status == 1
    assert "no finished run of demo_rebuild with subset 'mean'" in ended.result["reason"]
    assert "'affectflow rebuild' with subset=mean makes one" in ended.result["reason"]


def test_a_release_that_is_to_start_from_one_that_there_is_not(run):
    given = {"parameters": {"start_from": "7"}, "pipeline": "demo_release"}
    ended = run("Frames", run="start", **given)
    assert ended.status == 1
    assert "start_from is '7'" in ended.result["reason"]
    assert "0007' is not a release" in ended.result["reason"]
    assert ended.result["retry"] is False


def test_a_release_takes_the_rebuild_that_there_was(run):
    options = {"parameters": {}, "pipeline": "demo_release", "run": "data"}
    assert run("VideoExampleGen", run="later").status == 0
    for node in ("Frames", "BalancedFrames", "TransformGraph"):
        ended = run(node, **options)
        assert ended.status == 0, ended.output
        assert ended.result["state"] == "imported"
        # Importing twice would make a second execution.
        assert run(node, **options).result["execution_id"] == ended.result["execution_id"]
