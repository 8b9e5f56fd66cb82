"""Every node is killed, tried again, and the release that comes of it is that of quiet nights.

A node is killed the way Airflow's worker does it, its group by SIGTERM or SIGKILL, at moments
spread over its whole life; the scheduler's next try has the same run and arguments. What each node
gives in the end, and what it leaves in the workspace, is held against an undisturbed run.
"""

from __future__ import annotations

import ast
import itertools
import json
import re
import shutil
import signal
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from affectflow.synth import render_corpus
from pipelines.compiled import FOLDER, load_compiled
from pipelines.failure import TERMINATED
from pipelines.paper_table import has_table, table_of
from pipelines.recipe import all_recipes, load_recipe
from tests.killed_nodes import KINDS, Node, Walk, differences, nodes_of
from tests.torture import cases, rng
from tests.warm import Warm

SIGNALS = (signal.SIGTERM, signal.SIGKILL)
A_SIGNAL = cases(small=1, large=10)
ALL = sorted(name for name, recipe in all_recipes().items() if has_table(recipe))
# All have most of their nodes in common.
WALKED = ALL if cases(0, 1) else ["affwild2"]
# A killed try whose next is killed as well, and one that is let go on, by turns.
CHAINS = (2, 1)
# Airflow's worker waits for 4 s; a busy machine is slower.
PATIENCE_S = 20.0
# Of one that ended before its moment came, another moment is tried.
AGAIN = 3


def test_the_whole_campaign_kills_every_kind_of_node():
    compiled = {
        node.pipeline_node.node_info.type.name
        for path in FOLDER.glob("*.json")
        for node in load_compiled(path.stem).ir.nodes
    }
    assert {node.kind for recipe in ALL for node in nodes_of(recipe, KINDS)} == compiled
    # A component of none of the pipelines would be of no recipe.
    written = {
        f"components.{path.parent.name}.component.{found.name}"
        for path in (FOLDER.parents[1] / "components").glob("*/component.py")
        for found in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(found, ast.ClassDef) and not re.search("^_|Spec$", found.name)
    }
    assert written <= compiled


@dataclass
class Undisturbed:
    """What came of a run in which nothing was killed, by node; its last is the release."""

    seconds: dict[str, float] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    paths: dict[str, set[str]] = field(default_factory=dict)
    release: dict[str, Any] = field(default_factory=dict)


@pytest.mark.torture
@pytest.mark.timeout(cases(small=1200, large=14400))
@pytest.mark.parametrize("recipe", WALKED)
def test_killed_nodes_give_what_undisturbed_ones_do(recipe, tmp_path):
    data, tmp = tmp_path / "corpus", tmp_path / "tmp"
    tmp.mkdir()
    corpus = table_of(load_recipe(recipe)).small.corpus
    render_corpus(data, replace(corpus, workers=1))
    names = [f"{recipe}_{kind}" for kind in KINDS]
    warm = Warm(names, tmp_path / "nodes.log", {"TMPDIR": str(tmp)})
    walk = Walk(tmp_path / "ws", data, warm, tmp)
    nodes = nodes_of(recipe, KINDS)
    wanted = undisturbed(walk, nodes)
    # At the same place, so that all that names folders is equal as well.
    shutil.rmtree(walk.root)
    told: Counter[str] = Counter()
    for node in nodes:
        walk.compare_with_exported(node)
        told += torment(walk, node, wanted)
    assert list(differences(wanted.release, walk.release())) == []
    warm.close()
    print(recipe, json.dumps(told))


def undisturbed(walk: Walk, nodes: list[Node]) -> Undisturbed:
    found = Undisturbed()
    for node in nodes:
        walk.compare_with_exported(node)
        found.seconds[str(node)] = walk.run(node).seconds
        found.outputs[str(node)] = walk.outputs(node)
        found.paths[str(node)] = walk.paths()
    found.release = walk.release()
    return found


def torment(walk: Walk, node: Node, wanted: Undisturbed) -> Counter[str]:
    """Kills a node at each of its moments, and lets it come to its end in between and at last."""
    draws = rng(str(node))
    kills = len(SIGNALS) * A_SIGNAL
    # One in each of as many equal parts of its life, in any order.
    moments = draws.permutation((np.arange(kills) + draws.uniform(size=kills)) / kills)
    signals = draws.permutation(np.repeat(SIGNALS, A_SIGNAL))
    lengths = itertools.cycle(CHAINS)
    told: Counter[str] = Counter()
    walk.keep()
    left = next(lengths)
    for last, moment, number in zip([False] * (kills - 1) + [True], moments, signals):
        told += kill(walk, node, draws, moment * wanted.seconds[str(node)], int(number))
        left -= 1
        if last or left == 0 or walk.is_complete(node):
            walk.run(node)
            check(walk, node, wanted)
            left = next(lengths)
            if not last:
                walk.restore()
    assert told["killed"] >= kills / 2, f"{node}: {dict(told)}"
    return told


def kill(
    walk: Walk, node: Node, draws: np.random.Generator, moment: float, number: int
) -> Counter[str]:
    """One kill; where the node was done before its moment came, at an earlier one."""
    for _ in range(AGAIN):
        ended = walk.kill(node, moment, number, PATIENCE_S)
        if ended.took is not None:
            assert ended.status in (-number, TERMINATED), f"{node}: {ended}"
            return Counter(["killed", signal.Signals(number).name])
        assert ended.status == 0, f"{node}: {ended}"
        walk.restore()
        moment *= draws.uniform()
    return Counter(["missed"])


def check(walk: Walk, node: Node, wanted: Undisturbed) -> None:
    """What a node gave and left is what it was."""
    found = walk.outputs(node)
    assert found.keys() == wanted.outputs[str(node)].keys()
    for key, files in found.items():
        assert list(differences(wanted.outputs[str(node)][key], files)) == [], f"{node}: {key}"
    assert walk.paths() ^ wanted.paths[str(node)] == set(), f"{node}"
    walk.check_nobody_is_left()
