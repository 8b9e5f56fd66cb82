"""The places of a compiled pipeline that a run fills: TFX runtime parameters, by name.

A setting's slot is called as the setting, ``cnn.epochs``; the others are these.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tfx.orchestration.data_types import RuntimeParameter
from tfx.proto.orchestration import pipeline_pb2

from affectflow.settings import schemas
from components.parameters import exec_properties
from pipelines.recipe import Recipe

CORPUS = "corpus"
CORPUS_ROOT = "corpus_root"
FACES = "faces"
FRAMES_SCHEMA = "frames_schema"
TRANSFORM_CONFIG = "transform_config"
FRAMES_URI = "frames_uri"
BALANCED_URI = "balanced_uri"
GRAPH_URI = "graph_uri"
TRAINING = "training"
RELEASES = "releases"
RECIPE = "recipe"
LINEAGE = "lineage"
FAIL_ON_REFUSAL = "fail_on_refusal"
CROP_SIZE = "crop_size"
IMAGE = "image"
SPLIT_SEED = "split_seed"
START_CNN = "start_cnn"
START_CNN_DIGEST = "start_cnn_digest"
START_RNN = "start_rnn"
START_RNN_DIGEST = "start_rnn_digest"
START_CLASSIFIER = "start_classifier"
START_CLASSIFIER_DIGEST = "start_classifier_digest"
AUDIO_URI = "audio_uri"
RETRY_REJECTS = "retry_rejects"

_TYPES = {
    "string_value": pipeline_pb2.RuntimeParameter.Type.STRING,
    "int_value": pipeline_pb2.RuntimeParameter.Type.INT,
    "double_value": pipeline_pb2.RuntimeParameter.Type.DOUBLE,
}


def slot(name: str, kind: type = str) -> RuntimeParameter:
    """A place for a value that only a run knows."""
    return RuntimeParameter(name=name, ptype=kind)


def open_settings(
    ir: pipeline_pb2.Pipeline, node_settings: Mapping[str, tuple[str, ...]], recipe: Recipe
) -> None:
    """Turns the properties that carry a recipe's settings into slots.

    Components take whole settings dataclasses, which hold and check plain values; so a pipeline is
    first compiled with the recipe's values, and here they give way to slots.

    Args:
        ir: changed in place.
        node_settings: node -> the groups of settings that its properties are fields of.
    """
    for node in ir.nodes:
        properties = node.pipeline_node.parameters.parameters
        for group in node_settings.get(node.pipeline_node.node_info.id, ()):
            for name in schemas(type(recipe.groups()[group])):
                if name in properties:
                    _open(properties[name], f"{group}.{name}")


def open_property(ir: pipeline_pb2.Pipeline, node_id: str, name: str, slot_name: str) -> None:
    """Turns one property of a node into a slot of the same type."""
    node = next(n.pipeline_node for n in ir.nodes if n.pipeline_node.node_info.id == node_id)
    _open(node.parameters.parameters[name], slot_name)


def _open(value: pipeline_pb2.Value, slot_name: str) -> None:
    kind = _TYPES[value.field_value.WhichOneof("value")]
    value.runtime_parameter.CopyFrom(pipeline_pb2.RuntimeParameter(name=slot_name, type=kind))


def setting_values(recipe: Recipe) -> dict[str, Any]:
    """A value for the slot of every setting."""
    return {
        f"{group}.{name}": value
        for group, settings in recipe.groups().items()
        for name, value in exec_properties(settings).items()
    }
