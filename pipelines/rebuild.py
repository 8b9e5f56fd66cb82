"""rebuild: videos and annotations → balanced, transformed face crops."""

from __future__ import annotations

from tfx.components import ExampleValidator
from tfx.components.schema_gen.import_schema_gen.component import ImportSchemaGen
from tfx.dsl.components.base.base_node import BaseNode
from tfx.orchestration.pipeline import Pipeline
from tfx.proto import transform_pb2

from affectflow.corpora.clip import SPLITS
from components.audio_extractor.component import AudioExtractor
from components.density_sampler.component import DensitySampler
from components.statistics_gen.component import StatisticsGen
from components.transform.component import Transform
from components.video_example_gen.component import VideoExampleGen
from pipelines import slots
from pipelines.node_names import (
    AUDIO_EXTRACTOR,
    DENSITY_SAMPLER,
    EXAMPLE_VALIDATOR,
    FRAMES_SCHEMA,
    STATISTICS_GEN,
    TRANSFORM,
    VIDEO_EXAMPLE_GEN,
)
from pipelines.recipe import Recipe
from pipelines.slots import slot
from pipelines.transform_config import transform_config

PREPROCESSING_FN = "components.transform.preprocessing.preprocessing_fn"

STAGES = {
    "ingest": (VIDEO_EXAMPLE_GEN, AUDIO_EXTRACTOR),
    "validate": (FRAMES_SCHEMA, STATISTICS_GEN, EXAMPLE_VALIDATOR),
    "balance": (DENSITY_SAMPLER, TRANSFORM),
}
"""The nodes as docs/design.md draws them."""

NODE_SETTINGS = {
    VIDEO_EXAMPLE_GEN: ("listing", "faces", "ingest"),
    DENSITY_SAMPLER: ("sampler",),
}
"""Which groups of the recipe's settings a node's properties are; Transform has its image's in one
property (see ``transform_config``)."""


def create_pipeline(recipe: Recipe, labelled: bool = True) -> Pipeline:
    """VideoExampleGen → StatisticsGen → ExampleValidator → DensitySampler → Transform.

    Args:
        recipe: every setting.
        labelled: False for a corpus without any annotation: it is ingested and validated, and
            there is nothing to balance.
    """
    videos = VideoExampleGen(
        corpus=slot(slots.CORPUS),
        corpus_root=slot(slots.CORPUS_ROOT),
        store=slot(slots.FACES),
        corpus_settings=recipe.listing,
        faces=recipe.faces,
        ingest=recipe.ingest,
        retry_rejects=slot(slots.RETRY_REJECTS, int),
    )
    schema = ImportSchemaGen(schema_file=slot(slots.FRAMES_SCHEMA)).with_id(FRAMES_SCHEMA)
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
            sampler=recipe.sampler,
        )
        transform = Transform(
            examples=sampler.outputs["balanced"],
            schema=schema.outputs["schema"],
            preprocessing_fn=PREPROCESSING_FN,
            custom_config=transform_config(recipe),
            # Without it TFX names the splits of what it gives in an order of chance, and a release
            # that looks for them in ours does not find the artifact, but makes it a second one.
            splits_config=transform_pb2.SplitsConfig(analyze=["train"], transform=SPLITS),
            # Statistics of PNG bytes tell nothing; StatisticsGen has described the frames.
            disable_statistics=True,
        )
        nodes += [sampler, transform]
    if recipe.hears:
        nodes.insert(1, _audio(videos))
    return Pipeline(
        pipeline_name=recipe.pipeline("rebuild"),
        components=nodes,
        enable_cache=True,
    )


def _audio(videos: VideoExampleGen) -> AudioExtractor:
    return AudioExtractor(frames=videos.outputs["examples"])
