"""An inline ``<svg>``: a Matplotlib figure as a part of a page, in the page's own colours."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from typing import Any

from matplotlib.figure import Figure

from affectflow.figures.images import smaller_png
from affectflow.figures.palette import INK
from affectflow.figures.words import shown

HALO = "halo"
"""The ``gid`` of a text that stands on data: it gets a rim in the page's own background."""

_FONT = "system-ui, sans-serif"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_LONG_FRACTION = re.compile(r"(-?\d+\.\d\d)\d+")
_OF_A_MARK = ("fill", "fill-opacity", "stroke", "stroke-opacity", "stroke-width")
_RASTER_DPI = 144
_FIGURE_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_MOST_TITLE = 200


class NothingToDraw(ValueError):
    """There is no value that the figure could show; the message says so in words for a reader."""


class Svg(str):
    """The text of an ``<svg>``.

    Attributes:
        heading: what it shows; the ``<title>``.
        alt: the ``<desc>``: its essential numbers in words, for those who do not see it.
    """

    heading: str
    alt: str

    def __new__(cls, text: str, heading: str, alt: str) -> Svg:
        """The text with both beside it."""
        svg = super().__new__(cls, text)
        svg.heading, svg.alt = heading, alt
        return svg

    def __getnewargs__(self) -> Any:
        """What a copy is made from."""
        return str(self), self.heading, self.alt


def check_figure_id(figure_id: str) -> None:
    """Raises ValueError unless it may stand in an id attribute, a URL and a selector as it is."""
    if not _FIGURE_ID.fullmatch(figure_id):
        raise ValueError(
            f"figure_id is {figure_id!r}; a letter, then letters, digits, - and _ would do"
        )


def as_svg(figure: Figure, figure_id: str, title: str, description: str) -> Svg:
    """Writes a figure that was drawn under ``drawing.drawn``.

    Text stays text, in the page's font and colour, as axes are (``INK``); the background is the
    page's. There is no style sheet (one in a page is everybody's), no link to anything outside, no
    date, and every id begins with ``figure_id``.

    Args:
        figure_id: the figure's id, unique on its page.
        title, description: plain text; see ``Svg``.

    Raises:
        ValueError: ``figure_id`` is none.
    """
    check_figure_id(figure_id)
    file = io.BytesIO()
    figure.savefig(
        file, format="svg", dpi=_RASTER_DPI,
        metadata={"Date": None, "Creator": None, "Format": None, "Type": None},
    )  # fmt: skip
    root = ET.fromstring(file.getvalue())
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag.endswith("}style"):
                parent.remove(child)
    for element in root.iter():
        _simplify(element)
        if element.get("id") == HALO:
            for text in element:
                text.attrib.update({"paint-order": "stroke", "stroke": "Canvas",
                                    "stroke-width": "3", "stroke-linejoin": "round"})  # fmt: skip
    for group in root.iter("g"):
        _share(group)
    _rename_ids(root, f"{figure_id}-")
    width, height = (value * 72 for value in figure.get_size_inches())
    root.attrib.clear()
    root.attrib.update(root_attributes(figure_id, width, height))
    title, description = shown(title, _MOST_TITLE), shown(description, 10**6)
    root[:0] = [_text("title", f"{figure_id}-title", title),
                _text("desc", f"{figure_id}-desc", description)]  # fmt: skip
    return Svg(ET.tostring(root, encoding="unicode"), title, description)


def root_attributes(figure_id: str, width: float, height: float) -> dict[str, str]:
    """Of every ``<svg>``: as wide as drawn, or as the page where that is narrower.

    On a telephone it keeps a width at which it can be read, and is to be scrolled; the page gives
    ``overflow-x: auto`` to what is around it.
    """
    return {
        "xmlns": "http://www.w3.org/2000/svg",
        "id": figure_id,
        "role": "img",
        "aria-labelledby": f"{figure_id}-title {figure_id}-desc",
        "width": f"{width:.0f}",
        "height": f"{height:.0f}",
        "viewBox": f"0 0 {width:.0f} {height:.0f}",
        "style": f"max-width:100%;height:auto;min-width:min({width:.0f}px,36rem)",
        "font-family": _FONT,
        "stroke-linejoin": "round",
    }


def _simplify(element: ET.Element) -> None:
    """Drops the namespace, writes styles as attributes, numbers with two digits, INK as colour."""
    element.tag = element.tag.rpartition("}")[2]
    if element.tag != "text":
        element.text = None
    element.tail = None
    for declaration in element.attrib.pop("style", "").split(";"):
        name, _, value = declaration.partition(":")
        # The page's font is inherited from the root.
        if value and name.strip() != "font-family":
            element.set(name.strip(), value.strip())
    for name, value in list(element.attrib.items()):
        if value == INK:
            element.set(name, "currentColor")
    if _XLINK in element.attrib:
        element.set("href", element.attrib.pop(_XLINK))
    if element.tag == "image":
        # The two digits of a scale would move the far edge of an image.
        element.set("href", smaller_png(element.attrib["href"]))
        return
    for name in ("d", "x", "y", "width", "height", "transform"):
        if name in element.attrib:
            rounded = _LONG_FRACTION.sub(r"\1", element.attrib[name])
            element.set(name, " ".join(rounded.split()))
    if element.get("transform", "").startswith(("rotate(-0 ", "rotate(0 ")):
        del element.attrib["transform"]


def _share(group: ET.Element) -> None:
    """Says once what is the same of all marks of a group."""
    marks = list(group)
    if len(marks) < 2 or any(mark.tag != "use" for mark in marks):
        return
    for name, value in list(marks[0].attrib.items()):
        if name in _OF_A_MARK and all(mark.get(name) == value for mark in marks):
            group.set(name, value)
            for mark in marks:
                del mark.attrib[name]


def _rename_ids(root: ET.Element, prefix: str) -> None:
    """Gives what is referred to a short id; other ids go."""
    used: dict[str, str] = {}
    for element in root.iter():
        found = [target for value in element.attrib.values() for target in
                 _REFERENCE.findall(value)]  # fmt: skip
        if element.get("href", "").startswith("#"):
            found.append(element.attrib["href"][1:])
        for target in found:
            used.setdefault(target, f"{prefix}{len(used)}")
    for element in root.iter():
        if (own := element.attrib.pop("id", None)) in used:
            element.set("id", used[own])
        for name, value in list(element.attrib.items()):
            if name == "href" and value.startswith("#"):
                element.set(name, f"#{used[value[1:]]}")
            elif "url(#" in value:
                element.set(name, _REFERENCE.sub(lambda m: f"url(#{used[m[1]]})", value))


def _text(tag: str, element_id: str, text: str) -> ET.Element:
    element = ET.Element(tag, {"id": element_id})
    element.text = text
    return element
