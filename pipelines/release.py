"""release: balanced crops and all frames → trained stages → evaluation → gate → release."""

from __future__ import annotations

import json

from tfx.dsl.components.common.importer import Importer
from tfx.orchestration import metadata
from tfx.orchestration.pipeline import Pipeline
from tfx.types import standard_artifacts
from tfx.types.artifact import Artifact

from components.artifacts import FACE_SETTINGS
from components.baseline_predictor.component import BaselinePredictor
from components.evaluator.component import Evaluator
from components.exporter.component import Exporter
from components.feature_extractor.component import FeatureExtractor
from components.predictor.component import Predictor
from components.pusher.component import Pusher
from components.trainer.component import CnnTrainer, RnnTrainer
from pipelines.code_version import code_version
from pipelines.recipe import Recipe
from pipelines.runs import Run
from pipelines.versions import package_versions
from pipelines.workspace import Workspace


def release_name(recipe: Recipe) -> str:
    """Name of the recipe's release pipeline."""
    return f"{recipe.name}_release"


def create_pipeline(
    recipe: Recipe,
    rebuild: Run,
    workspace: Workspace,
    beam_args: list[str],
    fail_on_refusal: bool = False,
) -> Pipeline:
    """CnnTrainer → FeatureExtractor → RnnTrainer → Predictor → Evaluator → Pusher.

    BaselinePredictor, beside them, has the latest release predict the same frames, where its
    metrics are of others.

    Args:
        recipe: every setting.
        rebuild: the data; its artifacts are imported by URI, which keeps their identity in ML
            Metadata and so the lineage from release to videos.
        workspace: where everything goes.
        beam_args: Beam's own options, as on a command line.
        fail_on_refusal: a refused model makes the run fail.
    """
    frames = _imported(rebuild.outputs["VideoExampleGen"]["examples"][0], "Frames")
    balanced = _imported(rebuild.outputs["Transform"]["transformed_examples"][0], "BalancedFrames")
    graph = Importer(
        source_uri=rebuild.uri("Transform", "transform_graph"),
        artifact_type=standard_artifacts.TransformGraph,
    ).with_id("TransformGraph")

    models = _version("trainer", "training")
    cnn = CnnTrainer(
        examples=balanced.outputs["result"],
        training_root=str(workspace.training),
        code_version=models,
        settings=recipe.cnn,
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
        training_root=str(workspace.training),
        code_version=models,
        settings=recipe.rnn,
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
        code_version=_version("exporter", "images"),
    )
    baseline = BaselinePredictor(
        frames=frames.outputs["result"],
        releases=str(workspace.releases),
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
        releases=str(workspace.releases),
        code_version=_version("evaluator", "gate", "metrics"),
    )
    pusher = Pusher(
        serving=exporter.outputs["model"],
        cnn=cnn.outputs["model"],
        rnn=rnn.outputs["model"],
        evaluation=evaluator.outputs["evaluation"],
        blessing=evaluator.outputs["blessing"],
        releases=str(workspace.releases),
        recipe=json.dumps(recipe.as_json() | _faces(rebuild), sort_keys=True),
        lineage=json.dumps(_lineage(rebuild), sort_keys=True),
        fail_on_refusal=int(fail_on_refusal),
    )
    return Pipeline(
        pipeline_name=release_name(recipe),
        pipeline_root=str(workspace.artifacts / release_name(recipe)),
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
        beam_pipeline_args=beam_args,
        metadata_connection_config=metadata.sqlite_metadata_connection_config(
            str(workspace.metadata)
        ),
    )


def _imported(examples: Artifact, node_id: str) -> Importer:
    # Only with equal properties does the Importer take the artifact itself, not a copy of it.
    return Importer(
        source_uri=examples.uri,
        artifact_type=standard_artifacts.Examples,
        properties={"split_names": examples.split_names},
    ).with_id(node_id)


def _version(component: str, *rooms: str) -> str:
    """Version of a component's code and of the rooms of the library that it works with."""
    library = [f"affectflow/{room}" for room in ("models", "records", *rooms)]
    return code_version(f"components/{component}", *library)


def _faces(rebuild: Run) -> dict[str, object]:
    """The face settings of the frames, which the rebuild may have been given by ``--set``."""
    frames = rebuild.outputs["VideoExampleGen"]["examples"][0]
    known = frames.get_string_custom_property(FACE_SETTINGS)
    return {"faces": json.loads(known)} if known else {}


def _lineage(rebuild: Run) -> dict[str, object]:
    frames = rebuild.outputs["VideoExampleGen"]["examples"][0]
    return {
        "rebuild_run": rebuild.run_id,
        "manifest_digest": frames.get_string_custom_property("manifest_digest"),
        "frames": frames.uri,
        "balanced": rebuild.uri("DensitySampler", "balanced"),
        "counts": rebuild.uri("DensitySampler", "balanced_counts"),
        "rejects": rebuild.uri("VideoExampleGen", "rejects"),
        "code_version": code_version("affectflow", "components", "pipelines", "schemas"),
        "packages": package_versions(),
    }
