"""A rendered corpus, and what came of rebuilding it: made once, looked at by many tests."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from affectflow.corpora.manifest import Manifest
from affectflow.faces.settings import FaceSettings
from affectflow.faces.store import FaceStore
from affectflow.video.ffmpeg import find_ffmpeg

PROJECT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-c", "from pipelines.cli import main; main()"]


@dataclass(frozen=True)
class Outcome:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def last_line(self) -> str:
        return self.out.strip().splitlines()[-1]

    @property
    def states(self) -> dict[str, str]:
        """Node -> done, reused, imported or skipped, as the command's lines say."""
        rows = [line.split() for line in self.out.splitlines()]
        said = ("done", "reused", "imported", "skipped")
        return {row[1]: row[0] for row in rows if len(row) == 4 and row[0] in said}


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(PROJECT), "COLUMNS": "100"}


@pytest.fixture(scope="session")
def affectflow() -> Callable[..., Outcome]:
    """affectflow("rebuild", "--data", path): the command in this process, 100 columns wide."""

    def run(*arguments: str | Path) -> Outcome:
        from pipelines.cli import app

        done = CliRunner().invoke(app, [str(a) for a in arguments], env={"COLUMNS": "100"})
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Outcome(done.exit_code, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def process() -> Callable[..., Outcome]:
    """The same as a process of its own, from another folder than the project's."""

    def run(*arguments: str | Path, cwd: Path) -> Outcome:
        done = subprocess.run(
            [*COMMAND, *map(str, arguments)],
            cwd=cwd, env=_environment(), capture_output=True, text=True, timeout=250,
        )  # fmt: skip
        return Outcome(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def start() -> Callable[..., subprocess.Popen]:
    """start("rebuild", ..., cwd=folder): a process of its own, still running."""

    def run(*arguments: str | Path, cwd: Path) -> subprocess.Popen:
        return subprocess.Popen(
            [*COMMAND, *map(str, arguments)], cwd=cwd, env=_environment(),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip

    return run


@pytest.fixture(scope="session")
def ffmpeg() -> Callable[..., None]:
    """ffmpeg("-i", source, ..., target)"""

    def run(*arguments: str | Path) -> None:
        argv = [find_ffmpeg(), "-v", "error", "-nostdin", "-y", *map(str, arguments)]
        subprocess.run(argv, check=True, timeout=120)

    return run


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four people, a video of 30 frames each and one of two of them: 5 videos, 6 clips."""
    from affectflow.synth import render_corpus
    from affectflow.synth.settings import SynthSettings

    folder = tmp_path_factory.mktemp("corpus") / "rendered"
    settings = SynthSettings(subjects=4, clips=1, seconds=3.0, fps=10, size=200, workers=1)
    render_corpus(folder, settings)
    return folder


@pytest.fixture(scope="session")
def annotated_rows(corpus: Path) -> dict[str, dict[str, list[list[float]]]]:
    """split -> clip -> rows, read from the annotation files with nothing of the project."""
    return {
        split: {
            path.stem: [
                [float(value) for value in line.split(",")]
                for line in path.read_text().splitlines()[1:]
            ]
            for path in sorted((corpus / "annotations/VA_Set" / folder).glob("*.txt"))
        }
        for split, folder in (("train", "Train_Set"), ("eval", "Validation_Set"))
    }


@dataclass(frozen=True)
class Built:
    """A workspace in which recipe demo was rebuilt, and what the command said."""

    workspace: Path
    outcome: Outcome | None = None

    def newest(self, node: str, output: str) -> Path:
        """The folder of the newest execution of a node of the rebuild."""
        # Beside them lie the hidden lists of their files (see pipelines.seal).
        folders = (self.workspace / "artifacts/demo_rebuild" / node / output).glob("[0-9]*")
        return max(folders, key=lambda folder: int(folder.name))

    def shards(self) -> dict[str, bytes]:
        """split/file -> bytes, of the frames that the newest ingest wrote."""
        examples = self.newest("VideoExampleGen", "examples")
        return {
            path.relative_to(examples).as_posix(): path.read_bytes()
            for path in sorted(examples.glob("Split-*/*"))
        }

    def counts(self, node: str = "DensitySampler", output: str = "balanced_counts") -> dict:
        """What the newest ``counts.json`` says."""
        return json.loads((self.newest(node, output) / "counts.json").read_text())

    def rejects(self) -> dict[str, dict]:
        """Video -> its line of ``rejects.jsonl``."""
        path = self.newest("VideoExampleGen", "rejects") / "rejects.jsonl"
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return {row["video_id"]: row for row in rows}

    def entries(self) -> dict[str, int]:
        """The store's entries with the time at which each was written, in ns."""
        return {p.name: p.stat().st_mtime_ns for p in (self.workspace / "faces").glob("*/*.zip")}

    def decoded(self) -> dict[str, int]:
        """Video -> frames decoded, as the store says, of every clip that has faces."""
        examples = self.newest("VideoExampleGen", "examples")
        store, settings = FaceStore(self.workspace / "faces"), FaceSettings().digest()
        found = {}
        for entry in Manifest.from_json((examples / "manifest.json").read_text()).entries:
            faces = store.get(store.key(entry.source_digest, settings, entry.clip.person))
            if faces is not None:
                found[entry.clip.video_id] = faces.frames_decoded
        return found


@pytest.fixture(scope="session")
def built() -> type[Built]:
    """Looks into a workspace."""
    return Built


@pytest.fixture(scope="session")
def rebuild(affectflow) -> Callable[..., Built]:
    """rebuild(corpus, workspace, *options): runs the command with recipe demo, small shards."""

    def run(corpus: Path, workspace: Path, *options: str) -> Built:
        outcome = affectflow(
            "rebuild", "-r", "demo", "-d", corpus, "-w", workspace,
            "--set", "ingest.shard_frames=40", *options,
        )  # fmt: skip
        return Built(workspace, outcome)

    return run


@pytest.fixture(scope="session")
def rebuilt(corpus, rebuild, tmp_path_factory) -> Built:
    """The first rebuild of the corpus. Tests may add to its workspace but not change it."""
    done = rebuild(corpus, tmp_path_factory.mktemp("rebuilt") / "ws")
    assert done.outcome.code == 0, done.outcome.err
    return done


@pytest.fixture
def own_corpus(corpus, tmp_path) -> Path:
    """A copy of the corpus that a test may change."""
    return Path(shutil.copytree(corpus, tmp_path / "corpus"))


@pytest.fixture
def own_workspace(rebuilt, tmp_path) -> Path:
    """A workspace that has the corpus's faces and nothing else."""
    shutil.copytree(rebuilt.workspace / "faces", tmp_path / "ws/faces")
    return tmp_path / "ws"


@pytest.fixture(scope="session")
def compiled() -> Callable:
    """compiled(pipeline, run_id): a TFX pipeline as IR of one run."""
    from tfx.orchestration.portable import runtime_parameter_utils

    from pipelines.compile import to_ir

    def compile_one(pipeline, run_id: str):
        ir = to_ir(pipeline)
        runtime_parameter_utils.substitute_runtime_parameter(ir, {"pipeline-run-id": run_id})
        return ir

    return compile_one
