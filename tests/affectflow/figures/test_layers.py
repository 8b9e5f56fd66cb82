from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from affectflow.figures.layers import Bend, layered
from affectflow.figures.places import across


def _width(place):
    return 10 if isinstance(place, Bend) else 100


def test_a_node_is_below_the_longest_path_to_it():
    graph = layered("abcd", [("a", "b"), ("b", "c"), ("a", "c"), ("c", "d")])

    nodes = [[p for p in layer if not isinstance(p, Bend)] for layer in graph.layers]
    assert nodes == [["a"], ["b"], ["c"], ["d"]]
    assert graph.paths["a", "c"] == ["a", Bend("a", "c", 1), "c"]


def test_crossings_are_undone():
    graph = layered("abxy", [("a", "y"), ("b", "x")])

    upper, lower = graph.layers
    assert [upper.index("a"), upper.index("b")] == [lower.index("y"), lower.index("x")]


@pytest.mark.parametrize(
    ("nodes", "edges", "message"),
    [
        ("ab", [("a", "b"), ("b", "a")], "circle"),
        ("a", [("a", "a")], "circle"),
        ("a", [("a", "b")], "'b', which is no node"),
        ("aa", [], "twice"),
    ],
)
def test_what_is_no_graph_without_circles_is_refused(nodes, edges, message):
    with pytest.raises(ValueError, match=message):
        layered(nodes, edges)


def test_nothing_overlaps_and_a_chain_is_straight():
    rng = np.random.default_rng(0)
    nodes = [f"n{i}" for i in range(60)]
    edges = list({(nodes[i], nodes[j]) for i, j in np.sort(rng.integers(0, 60, (90, 2))) if i != j})
    graph = layered(nodes, sorted(edges))
    middle = across(graph, _width, 20)

    for layer in graph.layers:
        for left, right in pairwise(layer):
            space = middle[right] - middle[left] - (_width(left) + _width(right)) / 2
            assert space > 20 - 1e-6
    assert min(middle[p] - _width(p) / 2 for p in middle) == pytest.approx(0)

    chain = across(layered("abc", [("a", "b"), ("b", "c")]), _width, 20)
    assert len(set(chain.values())) == 1
