"""Compiles a recipe's pipelines."""

from __future__ import annotations

import importlib

from tfx.dsl.compiler import compiler
from tfx.orchestration.pipeline import Pipeline
from tfx.proto.orchestration import pipeline_pb2

from pipelines import rebuild, release
from pipelines.compiled import Compiled
from pipelines.node_code import run_version, write_versions
from pipelines.node_names import TRANSFORM
from pipelines.parameters import parameters_of
from pipelines.recipe import Recipe, all_recipes
from pipelines.slots import TRANSFORM_CONFIG, open_property, open_settings


def to_ir(pipeline: Pipeline) -> pipeline_pb2.Pipeline:
    """The pipeline as IR: nodes in topological order, with their specs and channels."""
    return compiler.Compiler().compile(pipeline)


def compile_rebuild(recipe: Recipe, labelled: bool = True) -> Compiled:
    """The recipe's rebuild.

    Args:
        labelled: False for a corpus without any annotation: see ``rebuild.create_pipeline``.
    """
    ir = to_ir(rebuild.create_pipeline(recipe, labelled))
    open_settings(ir, rebuild.NODE_SETTINGS, recipe)
    if labelled:
        open_property(ir, TRANSFORM, "custom_config", TRANSFORM_CONFIG)
    return _compiled(
        recipe,
        "rebuild",
        f"Faces of corpus {recipe.corpus}, balanced and transformed",
        ir,
        rebuild.STAGES,
        produces=(balanced_asset(recipe), TRANSFORM),
    )


def compile_release(recipe: Recipe) -> Compiled:
    """The recipe's release."""
    ir = to_ir(release.create_pipeline(recipe))
    open_settings(ir, release.NODE_SETTINGS, recipe)
    return _compiled(
        recipe,
        "release",
        f"Trains on the latest rebuild, and releases what passes the gate: {recipe.expect}",
        ir,
        release.STAGES,
        started_by=balanced_asset(recipe),
    )


def compile_all() -> list[Compiled]:
    """Both pipelines of every recipe."""
    return [
        compiled
        for recipe in all_recipes().values()
        for compiled in (compile_rebuild(recipe), compile_release(recipe))
    ]


def balanced_asset(recipe: Recipe) -> str:
    """Name of what a rebuild renews and a release waits for."""
    return f"{recipe.name}_balanced_frames"


def _compiled(
    recipe: Recipe,
    kind: str,
    description: str,
    ir: pipeline_pb2.Pipeline,
    stages: dict[str, tuple[str, ...]],
    produces: tuple[str, str] | None = None,
    started_by: str | None = None,
) -> Compiled:
    write_versions(ir)
    module = importlib.import_module(f"pipelines.recipes.{recipe.name}")
    present = {node.pipeline_node.node_info.id for node in ir.nodes}
    drawn = [(name, tuple(n for n in nodes if n in present)) for name, nodes in stages.items()]
    return Compiled(
        pipeline=ir.pipeline_info.id,
        recipe=recipe.name,
        kind=kind,
        description=description,
        documentation=(module.__doc__ or "").strip(),
        code_version=run_version(ir),
        parameters=parameters_of(recipe, kind),
        stages=tuple((name, nodes) for name, nodes in drawn if nodes),
        produces=produces if produces and produces[1] in present else None,
        started_by=started_by,
        ir=ir,
    )
