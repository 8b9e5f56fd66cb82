"""rebuild as a process of its own: quiet, killed in the middle, and beside another one."""

import os
import signal
import time

import pytest

pytestmark = pytest.mark.slow
SHARDS = ["--set", "ingest.shard_frames=40"]


def test_a_killed_rebuild_goes_on_where_it_was(
    corpus, rebuilt, rebuild, built, start, affectflow, tmp_path
):
    workspace = tmp_path / "ws"
    store = built(workspace)
    running = start(
        "rebuild", "-r", "demo", "-d", corpus, "-w", workspace, *SHARDS,
        "--direct_num_workers=1", cwd=tmp_path,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 200
        while not store.entries():
            assert running.poll() is None, running.stdout.read().decode()
            assert time.monotonic() < deadline
            time.sleep(0.002)
        # Held still, so that it is not done before the other one has had its answer.
        os.killpg(running.pid, signal.SIGSTOP)
        second = affectflow("rebuild", "-r", "demo", "-d", corpus, "-w", workspace)
    finally:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        running.stdout.close()
    assert second.code == 1
    assert f"another run (process {running.pid}) is using workspace {workspace}" in second.err

    kept = store.entries()
    assert 0 < len(kept) < len(rebuilt.entries())
    again = rebuild(corpus, workspace)
    assert again.outcome.code == 0, again.outcome.err
    assert {name: again.entries()[name] for name in kept} == kept
    assert again.entries().keys() == rebuilt.entries().keys()
    assert again.shards() == rebuilt.shards()
    assert again.counts() == rebuilt.counts()


def test_a_process_is_quiet(process, own_corpus, own_workspace, tmp_path):
    done = process(
        "rebuild", "-r", "demo", "-d", own_corpus, "-w", own_workspace, cwd=tmp_path
    )  # fmt: skip
    assert done.code == 0, done.err
    assert done.err == ""
    assert "6 of 6 clips used" in done.out
    (log,) = (own_workspace / "logs").iterdir()
    assert "apache_beam" in log.read_text()

    # All is reused now, so little is left to log: but what there is, is shown.
    shown = process(
        "rebuild", "-r", "demo", "-d", own_corpus, "-w", own_workspace, "-v", cwd=tmp_path
    )  # fmt: skip
    assert shown.code == 0
    assert "INFO:" in shown.err
    assert "6 of 6 clips used" in shown.out


def test_a_limit_on_writing_stops_a_process_clearly(corpus, start, tmp_path):
    # A full disk wants a file system of its own, and so root; what any process may set itself is
    # the size of its largest file. ML Metadata's database meets it first.
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, limits[1]))
    try:
        running = start("rebuild", "-r", "demo", "-d", corpus, "-w", tmp_path / "ws", cwd=tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    out = running.communicate(timeout=200)[0].decode()
    assert running.returncode == 1
    message = next(line for line in out.splitlines() if line.startswith("Error: "))
    assert "ML Metadata cannot be written" in message
    assert "choose another folder with --workspace" in message
    assert "Traceback" not in out
    left = {path.name for path in (tmp_path / "ws").iterdir()}
    assert left == {".lock", ".root", "logs", "metadata.sqlite", "runs"}
