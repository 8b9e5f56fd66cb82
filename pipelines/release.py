"""release: balanced crops and all frames → trained stages → evaluation → gate → release."""

from __future__ import annotations

from tfx.dsl.components.common.importer import Importer
from tfx.orchestration.pipeline import Pipeline
from tfx.types import artifact_utils, standard_artifacts

from affectflow.corpora.clip import SPLITS
from components.baseline_predictor.component import BaselinePredictor
from components.evaluator.component import Evaluator
from components.exporter.component import Exporter
from components.feature_extractor.component import FeatureExtractor
from components.predictor.component import Predictor
from components.pusher.component import Pusher
from components.trainer.component import CnnTrainer, RnnTrainer
from pipelines import slots
from pipelines.code_version import code_version
from pipelines.recipe import Recipe
from pipelines.slots import slot

STAGES = {
    "data": ("Frames", "BalancedFrames", "TransformGraph"),
    "cnn": ("CnnTrainer", "FeatureExtractor"),
    "rnn": ("RnnTrainer", "Predictor"),
    "gate": ("BaselinePredictor", "Evaluator"),
    "release": ("Exporter", "Pusher"),
}
"""The nodes as docs/design.md draws them."""

NODE_SETTINGS = {
    "CnnTrainer": ("cnn",),
    "FeatureExtractor": ("features",),
    "RnnTrainer": ("rnn",),
    "Predictor": ("predict",),
    "BaselinePredictor": ("gate", "features"),
    "Evaluator": ("gate",),
}
"""Which groups of the recipe's settings a node's properties are."""


def create_pipeline(recipe: Recipe) -> Pipeline:
    """CnnTrainer → FeatureExtractor → RnnTrainer → Predictor → Evaluator → Pusher.

    The data are one finished rebuild's, whose artifacts are imported by URI: that keeps their
    identity in ML Metadata and so the lineage from release to videos. BaselinePredictor has the
    latest release predict the same frames, where its metrics are of others.

    Args:
        recipe: every setting.
    """
    frames = _imported(slots.FRAMES_URI, "Frames")
    balanced = _imported(slots.BALANCED_URI, "BalancedFrames")
    graph = Importer(
        source_uri=slot(slots.GRAPH_URI),
        artifact_type=standard_artifacts.TransformGraph,
    ).with_id("TransformGraph")

    models = _version("trainer", "training")
    cnn = CnnTrainer(
        examples=balanced.outputs["result"],
        training_root=slot(slots.TRAINING),
        code_version=models,
        settings=recipe.cnn,
        start_from=slot(slots.START_CNN),
        start_digest=slot(slots.START_CNN_DIGEST),
    )
    features = FeatureExtractor(
        frames=frames.outputs["result"],
        transform_graph=graph.outputs["result"],
        model=cnn.outputs["model"],
        code_version=_version("feature_extractor", "images", "corpora"),
        settings=recipe.features,
    )
    rnn = RnnTrainer(
        examples=features.outputs["features"],
        training_root=slot(slots.TRAINING),
        code_version=models,
        settings=recipe.rnn,
        start_from=slot(slots.START_RNN),
        start_digest=slot(slots.START_RNN_DIGEST),
    )
    predictor = Predictor(
        features=features.outputs["features"],
        cnn=cnn.outputs["model"],
        rnn=rnn.outputs["model"],
        code_version=_version("predictor", "metrics"),
        settings=recipe.predict,
    )
    exporter = Exporter(
        cnn=cnn.outputs["model"],
        rnn=rnn.outputs["model"],
        transform_graph=graph.outputs["result"],
        crop_size=slot(slots.CROP_SIZE, int),
        image=slot(slots.IMAGE),
        code_version=_version("exporter", "images"),
    )
    baseline = BaselinePredictor(
        frames=frames.outputs["result"],
        releases=slot(slots.RELEASES),
        code_version=code_version(
            "components/baseline_predictor",
            "components/feature_extractor",
            *(f"affectflow/{room}" for room in ("gate", "metrics", "models", "records")),
        ),
        gate=recipe.gate,
        feature_batch=recipe.features.feature_batch,
    )
    evaluator = Evaluator(
        predictions=predictor.outputs["predictions"],
        baseline_predictions=baseline.outputs["predictions"],
        settings=recipe.gate,
        releases=slot(slots.RELEASES),
        code_version=_version("evaluator", "gate", "metrics"),
    )
    pusher = Pusher(
        serving=exporter.outputs["model"],
        tflite=exporter.outputs["tflite"],
        cnn=cnn.outputs["model"],
        rnn=rnn.outputs["model"],
        evaluation=evaluator.outputs["evaluation"],
        blessing=evaluator.outputs["blessing"],
        releases=slot(slots.RELEASES),
        recipe=slot(slots.RECIPE),
        lineage=slot(slots.LINEAGE),
        fail_on_refusal=slot(slots.FAIL_ON_REFUSAL, int),
    )
    return Pipeline(
        pipeline_name=recipe.pipeline("release"),
        components=[
            frames,
            balanced,
            graph,
            cnn,
            features,
            rnn,
            predictor,
            exporter,
            baseline,
            evaluator,
            pusher,
        ],
        enable_cache=True,
    )


def _imported(uri: str, node_id: str) -> Importer:
    # Only with equal properties does the Importer take the artifact itself, not a copy of it.
    return Importer(
        source_uri=slot(uri),
        artifact_type=standard_artifacts.Examples,
        properties={"split_names": artifact_utils.encode_split_names(list(SPLITS))},
    ).with_id(node_id)


def _version(component: str, *rooms: str) -> str:
    """Version of a component's code and of the rooms of the library that it works with."""
    library = [f"affectflow/{room}" for room in ("models", "records", *rooms)]
    return code_version(f"components/{component}", *library)
