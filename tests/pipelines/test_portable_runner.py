"""The protocol that Flink and Spark use: a job service and workers that are other processes."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.untrained import write_release

pytestmark = pytest.mark.slow
PROJECT = Path(__file__).resolve().parents[2]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, process, log):
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"nobody listens on {port}: {log.read_text()}")


@pytest.fixture
def service(tmp_path):
    """A job service and a worker pool on the loopback; gives their addresses."""
    job, pool = free_port(), free_port()
    modules = {
        "job": ["apache_beam.runners.portability.local_job_service_main", f"--port={job}",
                f"--staging_dir={tmp_path / 'staging'}"],
        "pool": ["apache_beam.runners.worker.worker_pool_main", f"--service_port={pool}"],
    }  # fmt: skip
    # The pool starts its workers as "python": whatever PATH says that is.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "PATH": path}
    started = {}
    for name, argv in modules.items():
        with open(tmp_path / f"{name}.log", "wb") as log:
            started[name] = subprocess.Popen(
                [sys.executable, "-m", *argv], cwd=tmp_path, env=environment,
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
    try:
        wait_for(job, started["job"], tmp_path / "job.log")
        wait_for(pool, started["pool"], tmp_path / "pool.log")
        yield f"localhost:{job}", f"localhost:{pool}"
    finally:
        for process in started.values():
            # The pool's workers are its children.
            os.killpg(process.pid, 9)
            process.wait()


def test_external_workers_predict_the_same(service, corpus, affectflow, tmp_path):
    job, pool = service
    release = write_release(tmp_path / "releases", tmp_path / "serving")
    videos = corpus / "videos/batch1"
    here = affectflow("predict", videos, "--release", release, "-o", tmp_path / "here")
    there = affectflow(
        "predict", videos, "--release", release, "-o", tmp_path / "there",
        "--runner=PortableRunner", f"--job_endpoint={job}",
        "--environment_type=EXTERNAL", f"--environment_config={pool}",
    )  # fmt: skip
    assert here.code == there.code == 0, there.out + there.err
    names = sorted(path.name for path in (tmp_path / "here").iterdir())
    assert names == sorted(f"{path.stem}.csv" for path in videos.iterdir())
    assert sorted(path.name for path in (tmp_path / "there").iterdir()) == names
    for name in names:
        assert (tmp_path / "there" / name).read_bytes() == (tmp_path / "here" / name).read_bytes()
    assert "Starting worker with command" in (tmp_path / "pool.log").read_text()


def test_external_workers_give_the_same_shards(service, corpus, rebuild, rebuilt, tmp_path):
    job, pool = service
    done = rebuild(
        corpus, tmp_path / "ws", "--runner=PortableRunner", f"--job_endpoint={job}",
        "--environment_type=EXTERNAL", f"--environment_config={pool}",
    )  # fmt: skip
    assert done.outcome.code == 0, done.outcome.err
    assert "6 of 6 clips used" in done.outcome.out
    assert done.shards() == rebuilt.shards()
    assert done.counts() == rebuilt.counts()
    assert done.entries().keys() == rebuilt.entries().keys()
    # It was the pool's workers who did it: the jobs of four components.
    assert (tmp_path / "pool.log").read_text().count("Starting worker with command") >= 4
