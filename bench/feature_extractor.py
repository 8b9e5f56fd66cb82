"""FeatureExtractor, images/s, over bare predict of the same network on batches of 128.

In the measured side are reading the records, the transform graph from encoded crop to image, and
writing the runs, as a Beam job; in the other are images that are decoded and in memory.
"""

from __future__ import annotations

import shutil
from itertools import count
from pathlib import Path

import numpy as np

from affectflow.models.settings import CnnSettings
from bench.cost import seconds
from bench.interleave import interleaved
from bench.result import Result
from bench.workbench import Workbench, worker_options
from pipelines.node_names import TRANSFORM, VIDEO_EXAMPLE_GEN

BATCH, ROUNDS = 128, 2


def measure(bench: Workbench) -> list[Result]:
    """The ratio."""
    from tfx.types import standard_artifacts

    from affectflow.models.cnn import build_cnn, feature_model
    from affectflow.models.files import save_stage
    from affectflow.records.clips import load_clips
    from components.feature_extractor.executor import Executor
    from components.feature_extractor.settings import FeatureSettings
    from components.parameters import exec_properties

    root = bench.root / "feature_extractor"
    settings = CnnSettings()
    cnn = build_cnn(settings, image_mean=0.5, image_variance=0.05)
    save_stage(root / "model", cnn, settings)
    uris = {
        "frames": bench.rebuilt.uris[VIDEO_EXAMPLE_GEN, "examples"],
        "transform_graph": bench.rebuilt.uris[TRANSFORM, "transform_graph"],
        "model": str(root / "model"),
    }
    kinds = {
        "frames": standard_artifacts.Examples,
        "transform_graph": standard_artifacts.TransformGraph,
        "model": standard_artifacts.Model,
    }
    inputs = {}
    for name, uri in uris.items():
        artifact = kinds[name]()
        artifact.uri = uri
        inputs[name] = [artifact]
    images = sum(
        part.stop - part.start for clip in load_clips(uris["frames"]) for part in clip.parts
    )
    outs = (root / f"features{n}" for n in count())

    def extract() -> float:
        features = standard_artifacts.Examples()
        features.uri = str(next(outs))
        properties = exec_properties(FeatureSettings())
        scratch = root / "scratch"
        context = Executor.Context(
            beam_pipeline_args=worker_options(bench.cores), tmp_dir=str(scratch), unique_id="1"
        )
        executor = Executor(context)
        took = seconds(lambda: executor.Do(inputs, {"features": [features]}, properties))
        shutil.rmtree(Path(features.uri))
        shutil.rmtree(scratch)
        return images / took

    network = feature_model(cnn)
    rng = np.random.Generator(np.random.PCG64(0))
    shape = (images // BATCH * BATCH, settings.image_size, settings.image_size, 1)
    pictures = rng.random(shape, np.float32)

    def predict() -> float:
        return shape[0] / seconds(lambda: network.predict(pictures, batch_size=BATCH, verbose=0))

    extract()
    network.predict(pictures[:BATCH], verbose=0)
    measured, bare = interleaved(extract, predict, ROUNDS)
    return [
        Result(
            "feature_extractor",
            measured / bare,
            0.85,
            detail=f"{measured:.0f} images/s, {bare:.0f} by predict",
        )
    ]
