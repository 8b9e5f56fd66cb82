"""Every recipe, from a small rendered corpus of its layout to the gate's verdict.

What is learnt from so little is nothing; what is tested is that each is whole: corpus adapter,
crops, images, model, metrics, gate. ``make recipes`` is where they learn.
"""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from pipelines.paper_table import has_table, table_of
from pipelines.recipe import all_recipes, load_recipe

RECIPES = sorted(name for name, recipe in all_recipes().items() if has_table(recipe))

pytestmark = [pytest.mark.recipes, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    return tmp_path_factory.mktemp("recipes")


@pytest.mark.parametrize("name", RECIPES)
def test_from_corpus_to_verdict(name, out):
    from pipelines.cli import app

    report = out / f"{name}.md"
    done = CliRunner().invoke(
        app, ["reproduce", name, "--small", "--out", str(out), "--report", str(report)]
    )
    assert done.exit_code == 0, done.stdout
    table = table_of(load_recipe(name))
    workspace = out / "workspaces" / name
    rows = json.loads((workspace / f"{name}.json").read_text())["rows"]
    assert [row["row"]["name"] for row in rows] == [
        row.name for row in table.chosen(table.small.rows)
    ]
    for row in rows:
        # A verdict, whichever: the gate had figures to judge.
        assert len(row["verdicts"]) == (table.small.seeds or table.seeds)
        for figure in table.large.bounds:
            assert all(value is not None and -1 <= value <= 1 for value in row["figures"][figure])
    verdicts = list((workspace / "releases").glob("refused/*.json"))
    verdicts += list((workspace / "releases").glob("[0-9]*"))
    assert verdicts
    assert table.title in report.read_text()
