"""Every recipe, from a small rendered corpus of its layout to the gate's verdict.

What is learnt from so little is nothing; what is tested is that each is whole: corpus adapter,
crops, images, model, metrics, gate. ``make recipes`` is where they learn.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from affectflow.release import latest, publish
from pipelines.compile import compile_rebuild, compile_release
from pipelines.node_code import code_of, executor_class
from pipelines.paper_table import has_table, table_of
from pipelines.recipe import all_recipes, load_recipe

PROJECT = Path(__file__).resolve().parents[2]
RECIPES = sorted(name for name, recipe in all_recipes().items() if has_table(recipe))

pytestmark = [pytest.mark.recipes, pytest.mark.timeout(1800)]


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
    if name in REPLAYED:
        check_code_of_nodes(name, workspace, out / "replayed" / name)


# Together they have a node of every kind: both shapes of a release, and sound.
REPLAYED = ("affwild2", "afew")


def check_code_of_nodes(name: str, workspace: Path, out: Path) -> None:
    """Holds what each node's executor really loads against what its code version is made of."""
    recipe = load_recipe(name)
    irs = [compile_rebuild(recipe).ir, compile_release(recipe).ir]
    kinds = {
        node.pipeline_node.node_info.type.name: (ir, node.pipeline_node.node_info.id)
        for ir in irs
        for node in ir.nodes
    }
    executors = {kind: found for kind, of in kinds.items() if (found := executor_class(*of))}
    changed = {}
    if (made := latest(workspace / "releases")) is not None:
        # Rows of a table are compared with nothing. Compared with a release that nothing was
        # measured of, the nodes that compare do all that they can.
        publish(out / "releases", made.models, {}, made.lineage, made.recipe, "unmeasured")
        compared = {"compare": "latest", "releases": str(out / "releases")}
        changed = {"BaselinePredictor": compared}
    done = subprocess.run(
        [
            sys.executable, "-m", "tests.replay", workspace, out / "nodes",
            json.dumps(executors), json.dumps(changed),
        ],
        cwd=PROJECT, capture_output=True, text=True, timeout=1500,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    loaded = {
        told["component"]: set(told["modules"])
        for told in map(json.loads, done.stdout.splitlines())
    }
    assert loaded.keys() == executors.keys()
    for kind, modules in loaded.items():
        code = code_of(*kinds[kind])
        assert modules <= code.modules, kind
        # What counts and is not loaded are adapters, detectors and crops of other recipes.
        assert len(code.modules - modules) <= 0.2 * len(code.modules), kind
