"""Nodes of a directed graph in layers, in an order with few crossings (Sugiyama et al. 1981)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

_SWEEPS = 8


class Bend(NamedTuple):
    """Where an edge passes a layer in which neither of its ends is."""

    source: str
    target: str
    layer: int


Place = str | Bend


class Layered(NamedTuple):
    """A layered graph.

    Attributes:
        layers: what stands in each layer, left to right; sources are in layer 0.
        paths: edge -> its places from source to target, one a layer.
    """

    layers: list[list[Place]]
    paths: dict[tuple[str, str], list[Place]]


def layered(nodes: Sequence[str], edges: Sequence[tuple[str, str]]) -> Layered:
    """Every node one layer below the lowest of those that lead to it (the longest path).

    Args:
        nodes: ids, each once.
        edges: (source, target), each once.

    Raises:
        ValueError: an id is there twice, an edge leads from or to no node, or in a circle.
    """
    if len(set(nodes)) != len(nodes):
        raise ValueError("a node's id is there twice")
    if unknown := {end for edge in edges for end in edge} - set(nodes):
        raise ValueError(f"an edge leads from or to {sorted(unknown)[0]!r}, which is no node")
    layer_of = _longest_paths(nodes, edges)
    layers: list[list[Place]] = [[] for _ in range(max(layer_of.values(), default=-1) + 1)]
    for node in nodes:
        layers[layer_of[node]].append(node)
    paths: dict[tuple[str, str], list[Place]] = {}
    for source, target in edges:
        bends: list[Place] = [
            Bend(source, target, layer) for layer in range(layer_of[source] + 1, layer_of[target])
        ]
        for i, bend in enumerate(bends):
            layers[layer_of[source] + 1 + i].append(bend)
        paths[source, target] = [source, *bends, target]
    return Layered(_ordered(layers, list(paths.values())), paths)


def _longest_paths(nodes: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Kahn's algorithm: node -> number of edges of the longest path to it."""
    after: dict[str, list[str]] = {node: [] for node in nodes}
    waits = dict.fromkeys(nodes, 0)
    for source, target in edges:
        after[source].append(target)
        waits[target] += 1
    layer_of = dict.fromkeys(nodes, 0)
    ready = [node for node in nodes if not waits[node]]
    for node in ready:
        for target in after[node]:
            layer_of[target] = max(layer_of[target], layer_of[node] + 1)
            waits[target] -= 1
            if not waits[target]:
                ready.append(target)
    if len(ready) < len(nodes):
        around = next(node for node in nodes if waits[node])
        raise ValueError(f"edges lead in a circle to {around!r}; a graph without circles would do")
    return layer_of


def neighbours(paths: Sequence[Sequence[Place]], down: bool) -> dict[Place, list[Place]]:
    """Of each place those it is joined to: in the layer above it, or, with ``down``, below."""
    found: dict[Place, list[Place]] = {}
    for path in paths:
        for upper, lower in pairwise(path):
            place, other = (upper, lower) if down else (lower, upper)
            found.setdefault(place, []).append(other)
    return found


def _ordered(layers: list[list[Place]], paths: Sequence[Sequence[Place]]) -> list[list[Place]]:
    """Sorts each layer by the mean position of neighbours, down and up by turns; keeps the best."""
    joined = {down: neighbours(paths, down) for down in (False, True)}
    best, fewest = layers, _crossings(layers, joined[True])
    for sweep in range(_SWEEPS):
        down = bool(sweep % 2)
        layers = [list(layer) for layer in layers]
        for number in reversed(range(len(layers))) if down else range(len(layers)):
            other = number + 1 if down else number - 1
            if not 0 <= other < len(layers):
                continue
            position = {place: i for i, place in enumerate(layers[other])}
            own = {place: i for i, place in enumerate(layers[number])}
            layers[number].sort(key=lambda p: _mean(joined[down].get(p, []), position, own[p]))
        crossings = _crossings(layers, joined[True])
        if crossings < fewest:
            best, fewest = layers, crossings
    return best


def _mean(places: Sequence[Place], position: Mapping[Place, int], default: int) -> float:
    return sum(position[place] for place in places) / len(places) if places else float(default)


def _crossings(layers: list[list[Place]], below: Mapping[Place, list[Place]]) -> int:
    total = 0
    for upper, lower in pairwise(layers):
        position = {place: i for i, place in enumerate(lower)}
        ends = [np.array([position[p] for p in below.get(place, [])], int) for place in upper]
        seen = np.zeros(0, int)
        for targets in ends:
            total += int((seen[:, None] > targets[None, :]).sum())
            seen = np.concatenate([seen, targets])
    return total
