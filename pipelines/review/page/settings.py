"""By which recipe, settings, code, packages and machine a run came about."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from typing import Any

from pipelines.review.facts import RunDetail
from pipelines.review.page.parts import Section, details, paragraph, table
from pipelines.review.page.words import value

_NAMES = {
    "system": "system",
    "cpu": "processor",
    "cpus": "processors that it may use",
    "memory_gib": "memory, GiB",
    "gpus": "GPUs",
}


def section(run: RunDetail) -> Section:
    """Recipe, settings with those marked that are not the recipe's, seeds, versions, hardware."""
    recipe, said = _recipe(run.facts.recipe)
    parts = []
    if said:
        parts.append(details("The recipe in full", f'<pre class="text">{html.escape(said)}</pre>'))
    parts += _settings(run, recipe)
    parts += _table("Seeds", {k: v for k, v in run.settings.items() if k.endswith(".seed")})
    parts += _table("Asked for", {k: v for k, v in run.facts.request.items()
                                  if k != "recipe" and v not in ("", None)})  # fmt: skip
    parts += _table("Code and packages", {"code version": run.facts.code_version, **run.packages})
    machine = {_NAMES.get(name, name): found for name, found in run.hardware.items()}
    parts += _table("Hardware where it began", machine)
    if not machine:
        parts.append(paragraph("The hardware was not recorded."))
    return Section("settings", "Recipe, settings, versions, hardware", "".join(parts))


def _settings(run: RunDetail, recipe: Mapping[str, Any] | None) -> Iterator[str]:
    yield "<h3>Settings</h3>"
    if not run.settings:
        yield paragraph("Not known: the run's record is gone.")
        return
    if recipe is None:
        yield paragraph("The recipe is not among those here, so what differs from it is not known.")
        known = [(name, value(found)) for name, found in run.settings.items()]
        yield details(f"All {len(known)} settings", table(("setting", "value"), known))
        return
    rows = []
    for name, found in run.settings.items():
        default = recipe.get(name)
        mark = "differs" if name not in recipe or value(found) != value(default) else ""
        rows.append((name, value(found), value(default) if name in recipe else "none", mark))
    heads = ("setting", "value", "the recipe's", "")
    changed = [row for row in rows if row[3]]
    if changed:
        told = table(heads[:3], [row[:3] for row in changed])
        yield paragraph("Not as the recipe has it today:") + told
    else:
        yield paragraph("Every setting is as the recipe has it today.")
    yield details(f"All {len(rows)} settings", table(heads, rows))


def _table(title: str, values: Mapping[str, Any]) -> Iterator[str]:
    if values:
        yield f"<h3>{html.escape(title)}</h3>"
        yield table(("what", "value"), [(name, value(found)) for name, found in values.items()])


def _recipe(name: str) -> tuple[dict[str, Any] | None, str]:
    """Its settings, group.field -> value, and its docstring; None and "" when there is none."""
    import importlib

    from pipelines.review.plain import plain

    try:
        # The name is of a file that anybody may have written; only a module's may be imported.
        named = f"pipelines.recipes.{name}" if name.isidentifier() else ""
        module = importlib.import_module(named) if named else None
    except ImportError:
        module = None
    found = getattr(module, "RECIPE", None)
    if found is None:
        return None, ""
    told = plain(found.as_json())
    groups = {group: row for group, row in told.items() if isinstance(row, dict)}
    values = {f"{group}.{field}": v for group, row in groups.items() for field, v in row.items()}
    return {"corpus": told.get("corpus"), **values}, (module.__doc__ or "").strip()
