"""release: balanced crops and all frames → trained stages → evaluation → gate → release.

Its nodes follow from the recipe: a frame model and a sequence model on its features, or one
classifier of images or of whole clips.
"""

from __future__ import annotations

from tfx.dsl.components.base.base_node import BaseNode
from tfx.dsl.components.common.importer import Importer
from tfx.orchestration.pipeline import Pipeline
from tfx.types import artifact_utils, standard_artifacts
from tfx.types.channel import BaseChannel

from affectflow.corpora.clip import SPLITS
from components.baseline_predictor.component import BaselinePredictor
from components.class_predictor.component import ClassPredictor
from components.evaluator.component import Evaluator
from components.exporter.component import ClassExporter, Exporter
from components.feature_extractor.component import FeatureExtractor
from components.predictor.component import Predictor
from components.pusher.component import Pusher
from components.trainer.component import ClassTrainer, CnnTrainer, RnnTrainer
from pipelines import slots
from pipelines.node_names import (
    AUDIO,
    BALANCED_FRAMES,
    BASELINE_PREDICTOR,
    CLASS_EXPORTER,
    CLASS_PREDICTOR,
    CLASS_TRAINER,
    CNN_TRAINER,
    EVALUATOR,
    EXPORTER,
    FEATURE_EXTRACTOR,
    FRAMES,
    PREDICTOR,
    PUSHER,
    RNN_TRAINER,
    TRANSFORM_GRAPH,
)
from pipelines.recipe import Recipe
from pipelines.slots import slot

STAGES = {
    "data": (FRAMES, BALANCED_FRAMES, TRANSFORM_GRAPH, AUDIO),
    "cnn": (CNN_TRAINER, FEATURE_EXTRACTOR),
    "rnn": (RNN_TRAINER, PREDICTOR),
    "classifier": (CLASS_TRAINER, CLASS_PREDICTOR),
    "gate": (BASELINE_PREDICTOR, EVALUATOR),
    "release": (EXPORTER, CLASS_EXPORTER, PUSHER),
}
"""The nodes as docs/design.md draws them; a pipeline has those of its recipe."""

NODE_SETTINGS = {
    CNN_TRAINER: ("cnn",),
    FEATURE_EXTRACTOR: ("features",),
    RNN_TRAINER: ("rnn", "predict"),
    PREDICTOR: ("predict",),
    EXPORTER: ("predict",),
    CLASS_TRAINER: ("classifier",),
    BASELINE_PREDICTOR: ("gate", "features"),
    EVALUATOR: ("gate",),
}
"""Which groups of the recipe's settings a node's properties are."""


def create_pipeline(recipe: Recipe) -> Pipeline:
    """The release pipeline of a recipe.

    The data are one finished rebuild's, whose artifacts are imported by URI: that keeps their
    identity in ML Metadata and so the lineage from release to videos.

    Args:
        recipe: every setting.
    """
    nodes = _of_classes(recipe) if recipe.classifier else _of_sequences(recipe)
    return Pipeline(pipeline_name=recipe.pipeline("release"), components=nodes, enable_cache=True)


def _of_sequences(recipe: Recipe) -> list[BaseNode]:
    """CnnTrainer → FeatureExtractor → RnnTrainer → Predictor → Evaluator → Pusher.

    BaselinePredictor has the latest release predict the same frames, where its metrics are of
    others.
    """
    frames = _imported(slots.FRAMES_URI, FRAMES)
    balanced = _imported(slots.BALANCED_URI, BALANCED_FRAMES)
    graph = _transform_graph()

    cnn = CnnTrainer(
        examples=balanced.outputs["result"],
        training_root=slot(slots.TRAINING),
        settings=recipe.cnn,
        split_seed=slot(slots.SPLIT_SEED, int),
        frames=frames.outputs["result"],
        transform_graph=graph.outputs["result"],
        start_from=slot(slots.START_CNN),
        start_digest=slot(slots.START_CNN_DIGEST),
    )
    features = FeatureExtractor(
        frames=frames.outputs["result"],
        transform_graph=graph.outputs["result"],
        model=cnn.outputs["model"],
        settings=recipe.features,
    )
    rnn = RnnTrainer(
        examples=features.outputs["features"],
        training_root=slot(slots.TRAINING),
        settings=recipe.rnn,
        state=recipe.predict.state,
        split_seed=slot(slots.SPLIT_SEED, int),
        frames=frames.outputs["result"],
        start_from=slot(slots.START_RNN),
        start_digest=slot(slots.START_RNN_DIGEST),
    )
    predictor = Predictor(
        features=features.outputs["features"],
        cnn=cnn.outputs["model"],
        rnn=rnn.outputs["model"],
        settings=recipe.predict,
    )
    exporter = Exporter(
        cnn=cnn.outputs["model"],
        rnn=rnn.outputs["model"],
        transform_graph=graph.outputs["result"],
        crop_size=slot(slots.CROP_SIZE, int),
        image=slot(slots.IMAGE),
        state=recipe.predict.state,
    )
    baseline = BaselinePredictor(
        frames=frames.outputs["result"],
        releases=slot(slots.RELEASES),
        gate=recipe.gate,
        feature_batch=recipe.features.feature_batch,
    )
    evaluator = _evaluator(recipe, predictor, baseline_predictions=baseline.outputs["predictions"])
    pusher = _pusher(
        evaluator,
        serving=exporter.outputs["model"],
        tflite=exporter.outputs["tflite"],
        cnn=cnn.outputs["model"],
        rnn=rnn.outputs["model"],
    )
    data = [frames, balanced, graph]
    return [*data, cnn, features, rnn, predictor, exporter, baseline, evaluator, pusher]


def _of_classes(recipe: Recipe) -> list[BaseNode]:
    """ClassTrainer → ClassPredictor → Evaluator → Pusher, on images or clips, with their sound.

    A release is compared with the latest one where both were measured on the same samples.
    """
    assert recipe.classifier is not None, "see create_pipeline"
    balanced = _imported(slots.BALANCED_URI, BALANCED_FRAMES)
    graph = _transform_graph()
    sound = [_imported(slots.AUDIO_URI, AUDIO)] if recipe.hears else []
    audio = sound[0].outputs["result"] if sound else None

    trainer = ClassTrainer(
        examples=balanced.outputs["result"],
        audio=audio,
        training_root=slot(slots.TRAINING),
        settings=recipe.classifier,
        split_seed=slot(slots.SPLIT_SEED, int),
        start_from=slot(slots.START_CLASSIFIER),
        start_digest=slot(slots.START_CLASSIFIER_DIGEST),
    )
    predictor = ClassPredictor(
        examples=balanced.outputs["result"],
        audio=audio,
        model=trainer.outputs["model"],
    )
    exporter = ClassExporter(
        classifier=trainer.outputs["model"],
        transform_graph=graph.outputs["result"],
    )
    evaluator = _evaluator(recipe, predictor)
    pusher = _pusher(
        evaluator, serving=exporter.outputs["model"], classifier=trainer.outputs["model"]
    )
    return [balanced, graph, *sound, trainer, predictor, exporter, evaluator, pusher]


def _transform_graph() -> Importer:
    return Importer(
        source_uri=slot(slots.GRAPH_URI),
        artifact_type=standard_artifacts.TransformGraph,
    ).with_id(TRANSFORM_GRAPH)


def _evaluator(recipe: Recipe, predictor: BaseNode, **inputs: BaseChannel) -> Evaluator:
    return Evaluator(
        predictions=predictor.outputs["predictions"],
        **inputs,
        settings=recipe.gate,
        releases=slot(slots.RELEASES),
    )


def _pusher(evaluator: Evaluator, **models: BaseChannel) -> Pusher:
    return Pusher(
        **models,
        evaluation=evaluator.outputs["evaluation"],
        blessing=evaluator.outputs["blessing"],
        releases=slot(slots.RELEASES),
        recipe=slot(slots.RECIPE),
        lineage=slot(slots.LINEAGE),
        fail_on_refusal=slot(slots.FAIL_ON_REFUSAL, int),
    )


def _imported(uri: str, node_id: str) -> Importer:
    # Only with equal properties does the Importer take the artifact itself, not a copy of it.
    return Importer(
        source_uri=slot(uri),
        artifact_type=standard_artifacts.Examples,
        properties={"split_names": artifact_utils.encode_split_names(list(SPLITS))},
    ).with_id(node_id)
