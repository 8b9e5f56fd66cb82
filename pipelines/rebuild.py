"""rebuild: videos and annotations → balanced, transformed face crops."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from tfx.components import ExampleValidator, StatisticsGen, Transform
from tfx.components.schema_gen.import_schema_gen.component import ImportSchemaGen
from tfx.dsl.components.base.base_node import BaseNode
from tfx.orchestration import metadata
from tfx.orchestration.pipeline import Pipeline

from components.density_sampler.component import DensitySampler
from components.video_example_gen.component import VideoExampleGen
from pipelines.code_version import code_version
from pipelines.recipe import Recipe
from pipelines.workspace import Workspace
from schemas import schema_path

PREPROCESSING_FN = "components.transform.preprocessing.preprocessing_fn"


def rebuild_name(recipe: Recipe) -> str:
    """Name of the recipe's rebuild pipeline."""
    return f"{recipe.name}_rebuild"


def create_pipeline(
    recipe: Recipe,
    corpus_root: Path,
    workspace: Workspace,
    beam_args: list[str],
    labelled: bool = True,
) -> Pipeline:
    """VideoExampleGen → StatisticsGen → ExampleValidator → DensitySampler → Transform.

    Args:
        recipe: every setting.
        corpus_root: the corpus's folder, absolute.
        workspace: where everything goes.
        beam_args: Beam's own options, as on a command line.
        labelled: False for a corpus without any annotation: it is ingested and validated, and
            there is nothing to balance.
    """
    videos = VideoExampleGen(
        corpus=recipe.corpus,
        corpus_root=str(corpus_root),
        store=str(workspace.faces),
        code_version=code_version(
            *(f"affectflow/{room}" for room in ("corpora", "faces", "records", "video")),
            "components/video_example_gen",
        ),
        corpus_settings=recipe.listing,
        faces=recipe.faces,
        ingest=recipe.ingest,
    )
    schema = ImportSchemaGen(schema_file=str(schema_path("frames"))).with_id("FramesSchema")
    statistics = StatisticsGen(examples=videos.outputs["examples"], schema=schema.outputs["schema"])
    validator = ExampleValidator(
        statistics=statistics.outputs["statistics"], schema=schema.outputs["schema"]
    )
    nodes: list[BaseNode] = [videos, schema, statistics, validator]
    if labelled:
        sampler = DensitySampler(
            frames=videos.outputs["examples"],
            counts=videos.outputs["counts"],
            anomalies=validator.outputs["anomalies"],
            code_version=code_version(
                "affectflow/balance", "affectflow/records", "components/density_sampler"
            ),
            sampler=recipe.sampler,
        )
        transform = Transform(
            examples=sampler.outputs["balanced"],
            schema=schema.outputs["schema"],
            preprocessing_fn=PREPROCESSING_FN,
            custom_config={
                "image": asdict(recipe.image),
                "code_version": code_version("affectflow/images", "components/transform"),
            },
            # Statistics of PNG bytes tell nothing; StatisticsGen has described the frames.
            disable_statistics=True,
        )
        nodes += [sampler, transform]
    return Pipeline(
        pipeline_name=rebuild_name(recipe),
        pipeline_root=str(workspace.artifacts / rebuild_name(recipe)),
        components=nodes,
        enable_cache=True,
        beam_pipeline_args=beam_args,
        metadata_connection_config=metadata.sqlite_metadata_connection_config(
            str(workspace.metadata)
        ),
    )
