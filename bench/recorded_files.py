"""The files that recorded runs leave, as far as whoever reviews runs reads them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from affectflow.corpora.manifest import MANIFEST_FILE
from affectflow.records.counts import COUNTS_FILE
from affectflow.records.rejects import REJECTS_FILE
from affectflow.release.folder import LINEAGE_FILE, MANIFEST, METRICS_FILE
from bench.recorded import Run, write
from pipelines.node_names import DENSITY_SAMPLER, VIDEO_EXAMPLE_GEN

EVALUATED = "e0" * 32
CODE = "7d79d02c5a52dca6"
FRAMES = {"train": (144, 110), "eval": (30, 30)}
"""Split -> frames decoded, frames kept."""


def summary_of(ccc: float, blessed: bool, videos: int = 3) -> dict[str, Any]:
    """``summary.json`` of an evaluation (see affectflow.gate.summary)."""
    score = {"ccc": ccc, "pearson": ccc, "rmse": 0.3, "count": 30, "ccc_low": None}
    score["ccc_high"] = None
    outputs = {"valence": score, "arousal": score}
    stage = {"ccc_mean_low": ccc - 0.1, "ccc_mean_high": ccc + 0.1, "outputs": outputs}
    stages = {
        "cnn": {**stage, "ccc_mean": ccc - 0.05},
        "rnn": {**stage, "ccc_mean": ccc},
    }
    said = f"rnn mean CCC {ccc:.4f} {'reaches' if blessed else 'is below'} min_ccc_mean 0.4000"
    return {
        "format": 1,
        "digest": EVALUATED,
        "frames": 30,
        "stages": stages,
        "corpora": [],
        "subjects": [],
        "videos": [
            {
                "corpus": "affwild2",
                "name": f"video{index}",
                "frames": 30,
                "scores": {"cnn": outputs, "rnn": outputs},
            }
            for index in range(videos)
        ],
        "verdict": {
            "blessed": blessed,
            "stage": "rnn",
            "reasons": [said, "rnn mean CCC is compared with no release: there is none yet"],
            "failures": [] if blessed else [said],
        },
    }


def leave(run: Run, node: str, videos: int, labels: bool) -> None:
    """The files of a rebuild's node."""
    if node == VIDEO_EXAMPLE_GEN:
        write(Path(run.uri("VideoExampleGen/examples"), MANIFEST_FILE), _manifest(videos, labels))
        Path(run.uri("VideoExampleGen/rejects"), REJECTS_FILE).write_text("")
        _counts(run.uri("VideoExampleGen/counts"), videos)
    if node == DENSITY_SAMPLER:
        _counts(run.uri("DensitySampler/balanced_counts"), videos)


def _counts(folder: str, videos: int) -> None:
    frames = {
        split: {
            "decoded": decoded,
            "no_face": 0,
            "no_label": decoded - kept,
            "removed_zero": 0,
            "removed_balancing": 0,
            "kept": kept,
        }
        for split, (decoded, kept) in FRAMES.items()
    }
    clips = {"listed": videos, "used": videos, "rejected": {}}
    write(Path(folder, COUNTS_FILE), {"frames": frames, "clips": clips})


def _manifest(videos: int, labels: bool) -> dict[str, Any]:
    clips: list[dict[str, Any]] = [
        {
            "corpus": "affwild2",
            "video_id": f"video{index}",
            "subject_id": f"S{index:03d}",
            "split": "eval" if index == 0 else "train",
            "source": f"/data/corpus/video{index}.mp4",
            "labels": f"/data/corpus/video{index}.txt" if labels else None,
            "person": "",
            "classes": {},
            "item": "",
            "source_digest": f"{index:064x}",
            "labels_digest": f"{index + 1000:064x}" if labels else "",
        }
        for index in range(videos)
    ]
    return {"format": 1, "clips": clips}


def publish(
    run: Run,
    data: Mapping[str, Any],
    folder: Path,
    pushed: Mapping[str, Any],
    summary: Mapping[str, Any],
    start: Mapping[str, Any] | None,
) -> None:
    """A release's documents, or the record of a refusal."""
    if not pushed["pushed"]:
        write(Path(pushed["refusal"]), {"format": 1, "run_id": run.run_id, "metrics": summary})
        return
    names = {
        "serving": "Exporter/model",
        "tflite": "Exporter/tflite",
        "cnn": "CnnTrainer/model",
        "rnn": "RnnTrainer/model",
        "evaluation": "Evaluator/evaluation",
    }
    artifacts = {
        name: [{"uri": run.uri(output), "id": run.artifacts[output].id, "digest": f"{name:0<64}"}]
        for name, output in names.items()
        if output in run.artifacts
    }
    lineage = {
        "rebuild_run": data["run_id"],
        "manifest_digest": data["corpus_digest"],
        "frames": data["frames"],
        "artifacts": artifacts,
        "started_from": start,
        "code_version": CODE,
    }
    write(folder / METRICS_FILE, summary)
    write(folder / LINEAGE_FILE, lineage)
    write(
        folder / MANIFEST,
        {
            "format": 1,
            "number": int(folder.name),
            "created": "2026-11-25T15:13:40+00:00",
            "run_id": run.run_id,
            "origin": "trained",
            "files": {"model/serving/saved_model.pb": {"sha256": run.run_id, "bytes": 1}},
        },
    )
