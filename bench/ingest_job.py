"""VideoExampleGen's executor on one folder of videos; a process of its own where run as a module.

python -m bench.ingest_job FOLDER SCRATCH WORKERS
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tfx.types import standard_artifacts

from affectflow.corpora.adapter import CorpusSettings
from affectflow.faces.settings import FaceSettings
from affectflow.records.counts import load_counts
from bench.workbench import worker_options
from components.artifacts import FrameCounts, Rejects
from components.parameters import exec_properties
from components.video_example_gen.executor import Executor
from components.video_example_gen.settings import IngestSettings


def ingest(folder: Path, scratch: Path, args: Sequence[str]) -> int:
    """Decodes and writes the whole folder, with an empty store.

    Args:
        folder: a corpus for the adapter ``folder``.
        scratch: an absent folder, for the store and what comes out.
        args: Beam's options.

    Returns:
        frames decoded.
    """
    outputs = {
        "examples": standard_artifacts.Examples(), "rejects": Rejects(), "counts": FrameCounts(),
    }  # fmt: skip
    for name, artifact in outputs.items():
        artifact.uri = str(scratch / name)
        Path(artifact.uri).mkdir(parents=True)
    store = scratch / "faces"
    store.mkdir()
    context = Executor.Context(
        beam_pipeline_args=list(args), tmp_dir=str(scratch / "tmp"), unique_id="1"
    )
    Executor(context).Do(
        {},
        {name: [artifact] for name, artifact in outputs.items()},
        {
            "corpus": "folder",
            "corpus_root": str(folder),
            "store": str(store),
            **exec_properties(CorpusSettings(), FaceSettings(), IngestSettings()),
        },
    )
    frames, _ = load_counts(outputs["counts"].uri)
    return sum(counts.decoded for counts in frames.values())


if __name__ == "__main__":
    ingest(Path(sys.argv[1]), Path(sys.argv[2]), worker_options(int(sys.argv[3])))
