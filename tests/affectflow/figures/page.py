"""Reading a figure as a browser would."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    """Every text that is drawn, unescaped; not the title and the description."""
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{SVG}text")]


def ids(svg: str) -> list[str]:
    return [element.attrib["id"] for element in ET.fromstring(svg).iter() if "id" in element.attrib]


def references(svg: str) -> set[str]:
    found = set()
    for element in ET.fromstring(svg).iter():
        for name, value in element.attrib.items():
            found |= set(re.findall(r"url\(#([^)]+)\)", value))
            if name == "href" and element.tag == f"{SVG}use":
                found.add(value.removeprefix("#"))
    return found


def tags(svg: str) -> list[str]:
    return [element.tag.removeprefix(SVG) for element in ET.fromstring(svg).iter()]
