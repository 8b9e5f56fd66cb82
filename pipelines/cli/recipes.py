"""``affectflow recipes``: what there is to run, and every setting of one."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.padding import Padding
from rich.table import Table

from affectflow.settings import TYPES, schemas
from pipelines.cli.console import console, user_errors
from pipelines.cli.terminal import cell

_INDENT = 4


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
    for group, settings in recipe.groups().items():
        console.print()
        for name, schema in schemas(type(settings)).items():
            setting = cell(f"{group}.{name}={getattr(settings, name)}", "bold")
            console.print(setting + cell(f"  {_allowed(schema)}"), soft_wrap=True)
            console.print(Padding(cell(schema["description"]), (0, 0, 0, _INDENT), expand=False))


def _allowed(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    kind = TYPES[schema["type"]].__name__
    if "minimum" not in schema:
        return kind
    times = f", a multiple of {schema['multipleOf']}" if "multipleOf" in schema else ""
    return f"{kind} from {schema['minimum']} to {schema['maximum']}{times}"
