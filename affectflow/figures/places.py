"""Where the nodes and bends of a layered graph stand from left to right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from affectflow.figures.layers import Layered, Place, neighbours

_ROUNDS = 40


def across(graph: Layered, width_of: Callable[[Place], float], gap: float) -> dict[Place, float]:
    """The middle of each place, the leftmost edge at 0: near its neighbours, nothing overlapping.

    Args:
        width_of: a place's width.
        gap: least space between two of a layer.
    """
    middle: dict[Place, float] = {}
    offsets = [_offsets(layer, width_of, gap) for layer in graph.layers]
    for layer, offset in zip(graph.layers, offsets):
        middle.update((place, x - offset[-1] / 2) for place, x in zip(layer, offset))
    paths = list(graph.paths.values())
    joined = [neighbours(paths, down) for down in (False, True)]
    for turn in range(_ROUNDS):
        order = range(len(graph.layers))
        for number in reversed(order) if turn % 2 else order:
            layer, offset = graph.layers[number], offsets[number]
            wanted = []
            for place, x in zip(layer, offset):
                # The last turns look both ways, or the side looked at last would decide alone.
                sides = joined if turn >= _ROUNDS - 4 else joined[turn % 2 : turn % 2 + 1]
                around = [middle[other] for side in sides for other in side.get(place, [])]
                wanted.append((sum(around) / len(around) if around else middle[place]) - x)
            middle.update(
                (place, x + start) for place, x, start in zip(layer, offset, _rising(wanted))
            )
    left = min((middle[p] - width_of(p) / 2 for layer in graph.layers for p in layer), default=0.0)
    return {place: x - left for place, x in middle.items()}


def _offsets(layer: Sequence[Place], width_of: Callable[[Place], float], gap: float) -> list[float]:
    """Middles of a layer's places that stand as close as they may, the first at 0."""
    found = [0.0]
    for left, right in pairwise(layer):
        found.append(found[-1] + (width_of(left) + width_of(right)) / 2 + gap)
    return found


def _rising(wanted: Sequence[float]) -> list[float]:
    """The numbers that never fall and are closest to those wanted, in the sum of squares.

    Pool adjacent violators (Ayer et al. 1955).
    """
    pools: list[tuple[float, int]] = []
    for value in wanted:
        size = 1
        while pools and pools[-1][0] > value:
            mean, number = pools.pop()
            value = (value * size + mean * number) / (size + number)
            size += number
        pools.append((value, size))
    return [value for value, size in pools for _ in range(size)]
