"""``affectflow recipes``: what there is to run, and every setting of one."""

from __future__ import annotations

import dataclasses
import importlib
from typing import Annotated, Any

import typer
from rich.table import Table

from pipelines.cli.console import console, user_errors
from pipelines.cli.terminal import cell


def recipes(
    name: Annotated[str, typer.Argument(help="Show this recipe in full.")] = "",
) -> None:
    """List the recipes, or show one with all its settings."""
    with user_errors():
        from pipelines.recipe import all_recipes, load_recipe

        if name:
            _show(load_recipe(name))
            return
        table = Table(box=None, pad_edge=False)
        for column in ("recipe", "corpus", "follows", "number to expect"):
            table.add_column(column)
        for recipe in all_recipes().values():
            table.add_row(recipe.name, recipe.corpus, recipe.paper, recipe.expect)
        console.print(table)


def _show(recipe: Any) -> None:
    module = importlib.import_module(f"pipelines.recipes.{recipe.name}")
    console.print((module.__doc__ or "").strip(), markup=False)
    table = Table(box=None, pad_edge=False)
    for column in ("setting", "value", "allowed"):
        table.add_column(column)
    for group, settings in recipe.groups().items():
        for f in dataclasses.fields(settings):
            value = repr(getattr(settings, f.name))
            table.add_row(f"{group}.{f.name}", cell(value), cell(_allowed(f)))
    console.print()
    console.print(table, markup=False)


def _allowed(field: dataclasses.Field) -> str:
    if choices := field.metadata.get("choices"):
        return ", ".join(map(str, choices))
    if "low" not in field.metadata:
        return str(field.type)
    low, high, multiple = (field.metadata[name] for name in ("low", "high", "multiple"))
    times = f", a multiple of {multiple}" if multiple > 1 else ""
    return f"{field.type} from {low} to {high}{times}"
