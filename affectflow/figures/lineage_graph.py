"""What was made from what: a directed graph from top to bottom, written without Matplotlib."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from affectflow.figures.drawing import drawn
from affectflow.figures.fitting import text_width, two_lines
from affectflow.figures.layers import Bend, Place, layered
from affectflow.figures.palette import COLOURS
from affectflow.figures.places import across
from affectflow.figures.svg import NothingToDraw, Svg, check_figure_id, root_attributes
from affectflow.figures.words import counted, listing, shown

_WIDTH, _HEIGHT = 176, 58
_BEND = 10
_GAP, _DOWN = 22, 46
_MARGIN = 8
_SIZE, _SMALL = 12, 10.5
_CORNERS = (3, 14, 29, 0)


@dataclass(frozen=True)
class LineageNode:
    """One box.

    Attributes:
        id: unique in its graph.
        label: any text; cut to two lines, whole where the pointer rests on it.
        kind: such as ``node``, ``artifact``; boxes of a kind look alike, and say it.
        href: where the box leads: a relative or http(s) address; None = nowhere.
    """

    id: str
    label: str
    kind: str
    href: str | None = None


@drawn
def lineage_graph(
    nodes: Sequence[LineageNode], edges: Sequence[tuple[str, str]], *, figure_id: str
) -> Svg:
    """Boxes in layers, each below all that lead to it, and arrows.

    Boxes with an address are links, reached by the tabulator key from top to bottom. That is why
    the whole is a group and no image to a screen reader, which would pass links in an image over.
    It keeps its width: a wide one is scrolled, not shrunk.

    Args:
        nodes: in any order, in which boxes of one layer begin.
        edges: (id, id), from what was used to what was made; one that is there twice counts once.

    Raises:
        NothingToDraw: there is no node.
        ValueError: two nodes have one id, an edge leads from or to none or in a circle, or an
            address is of another scheme, such as ``javascript:``.
    """
    check_figure_id(figure_id)
    if not nodes:
        raise NothingToDraw("nothing was made yet")
    by_id = {node.id: node for node in nodes}
    for node in nodes:
        _check_address(node)
    graph = layered([node.id for node in nodes], list(dict.fromkeys(edges)))
    middle = across(graph, lambda p: _BEND if isinstance(p, Bend) else _WIDTH, _GAP)
    top = {place: _MARGIN + number * (_HEIGHT + _DOWN)
           for number, layer in enumerate(graph.layers) for place in layer}  # fmt: skip
    width = max(x + (0 if isinstance(p, Bend) else _WIDTH / 2) for p, x in middle.items())
    size = (width + 2 * _MARGIN, max(top.values()) + _HEIGHT + _MARGIN)
    title, words = "What was made from what", _words(nodes, len(graph.paths))
    svg = _root(figure_id, *size, title, words)
    for path in graph.paths.values():
        _edge(svg, path, middle, top, figure_id)
    kinds = list(dict.fromkeys(node.kind for node in nodes))
    for layer in graph.layers:
        for place in layer:
            if not isinstance(place, Bend):
                node = by_id[place]
                left = middle[place] - _WIDTH / 2 + _MARGIN
                _box(svg, node, left, top[place], kinds.index(node.kind))
    return Svg(ET.tostring(svg, encoding="unicode"), title, words)


def _check_address(node: LineageNode) -> None:
    if node.href is not None and urlsplit(node.href.strip()).scheme not in ("", "http", "https"):
        raise ValueError(f"the address of {node.id!r} is {node.href!r}; a relative, http or https "
                         "address would do")  # fmt: skip


def _root(figure_id: str, width: float, height: float, title: str, words: str) -> ET.Element:
    attributes = root_attributes(figure_id, width, height)
    svg = ET.Element("svg", {**attributes, "role": "group", "style": "max-width:none"})
    _add(svg, "title", title, id=f"{figure_id}-title")
    _add(svg, "desc", words, id=f"{figure_id}-desc")
    # The one style sheet of a figure: the focus of a link cannot be said otherwise. All of it is
    # under the figure's id, since a page's svg has no style sheet of its own.
    _add(svg, "style", f"#{figure_id} a{{outline:none}}"
         f"#{figure_id} a:hover rect{{stroke-width:3}}"
         f"#{figure_id} a:focus-visible rect{{stroke:currentColor;stroke-width:4}}")  # fmt: skip
    marker = _add(_add(svg, "defs"), "marker", id=f"{figure_id}-arrow", viewBox="0 0 8 8", refX="7",
                  refY="4", markerWidth="8", markerHeight="8", orient="auto")  # fmt: skip
    _add(marker, "path", d="M0 0L8 4L0 8Z", fill="currentColor")
    return svg


def _edge(
    svg: ET.Element,
    path: Sequence[Place],
    middle: Mapping[Place, float],
    top: Mapping[Place, float],
    figure_id: str,
) -> None:
    """Straight down past each bend, in a curve between layers."""
    x, y = middle[path[0]] + _MARGIN, top[path[0]] + _HEIGHT
    drawn_path = f"M{x:.1f} {y:.1f}"
    for place in path[1:]:
        to_x, to_y = middle[place] + _MARGIN, top[place]
        half = (y + to_y) / 2
        drawn_path += f"C{x:.1f} {half:.1f} {to_x:.1f} {half:.1f} {to_x:.1f} {to_y:.1f}"
        x, y = to_x, to_y
        if isinstance(place, Bend):
            y = to_y + _HEIGHT
            drawn_path += f"V{y:.1f}"
    _add(svg, "path", d=drawn_path, fill="none", stroke="currentColor",
         **{"stroke-opacity": "0.65", "stroke-width": "1.3",
            "marker-end": f"url(#{figure_id}-arrow)"})  # fmt: skip


def _box(svg: ET.Element, node: LineageNode, left: float, top: float, kind: int) -> None:
    parent = svg if node.href is None else _add(svg, "a", href=node.href.strip())
    group = _add(parent, "g")
    _add(group, "title", f"{shown(node.label, 300)} ({shown(node.kind)})")
    colour = COLOURS[kind % len(COLOURS)]
    _add(group, "rect", x=f"{left:.1f}", y=f"{top:.1f}", width=str(_WIDTH), height=str(_HEIGHT),
         rx=str(_CORNERS[kind % len(_CORNERS)]), fill=colour, stroke=colour,
         **{"fill-opacity": "0.12", "stroke-width": "1.8"})  # fmt: skip
    lines = two_lines(node.label, _WIDTH - 22, _SIZE)
    middle = f"{left + _WIDTH / 2:.1f}"
    first = top + (22 if len(lines) == 2 else 27)
    # A link is to be known as one before the pointer is on it.
    link = {} if node.href is None else {"text-decoration": "underline"}
    for number, line in enumerate(lines):
        _add(group, "text", line, x=middle, y=f"{first + 15 * number:.1f}", fill="currentColor",
             **{"font-size": str(_SIZE), "text-anchor": "middle", **link})  # fmt: skip
    caption = shown(node.kind)
    while text_width(caption, _SMALL) > _WIDTH - 60:
        caption = shown(node.kind, len(caption) - 1)
    _add(group, "text", caption, x=middle, y=f"{top + (51 if len(lines) == 2 else 45):.1f}",
         fill="currentColor", **{"font-size": str(_SMALL), "fill-opacity": "0.8",
                                 "text-anchor": "middle"})  # fmt: skip


def _add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, tag, attributes)
    element.text = text
    return element


def _words(nodes: Sequence[LineageNode], edges: int) -> str:
    kinds = Counter(shown(node.kind) for node in nodes)
    parts = [f"{number} of kind {kind}" for kind, number in kinds.items()]
    boxes = "1 box" if len(nodes) == 1 else f"{len(nodes):,} boxes"
    return f"{boxes} ({listing(parts)}), joined by {counted(edges, 'arrow')}."
