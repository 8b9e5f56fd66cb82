from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from affectflow.figures import LineageNode, lineage_graph
from affectflow.figures.fitting import text_width, two_lines
from tests.affectflow.figures.page import SVG, texts

A, B = LineageNode("a", "A", "step", "a.html?x=1&y=2"), LineageNode("b", "B", "artifact")


def test_a_box_with_an_address_is_a_link_that_shows_its_focus():
    svg = lineage_graph([A, B], [("a", "b")], figure_id="g")

    links = list(ET.fromstring(svg).iter(f"{SVG}a"))
    assert [link.get("href") for link in links] == ["a.html?x=1&y=2"]
    assert [text.text for text in links[0].iter(f"{SVG}text")] == ["A", "step"]
    style = "".join(element.text for element in ET.fromstring(svg).iter(f"{SVG}style"))
    assert "a:focus-visible rect{stroke" in style
    # Every rule is under the figure's own id.
    assert all(s.startswith("#g ") for rule in re.findall(r"([^{}]+){", style)
               for s in rule.split(","))  # fmt: skip


def test_an_arrow_leads_from_box_to_box():
    svg = lineage_graph([A, B], [("a", "b"), ("a", "b")], figure_id="g")

    arrows = [e for e in ET.fromstring(svg).iter(f"{SVG}path") if e.get("marker-end")]
    assert [arrow.get("marker-end") for arrow in arrows] == ["url(#g-arrow)"]
    first, second = list(ET.fromstring(svg).iter(f"{SVG}rect"))
    start, *_, end = re.findall(r"[\d.]+ ([\d.]+)", arrows[0].get("d"))
    assert float(start) == float(first.get("y")) + float(first.get("height"))
    assert float(end) == float(second.get("y"))


@pytest.mark.parametrize("href", ["javascript:alert(1)", " JavaScript:alert(1)", "data:text/html,x",
                                  "java\nscript:alert(1)", "\x01javascript:alert(1)"])  # fmt: skip
def test_an_address_that_runs_is_refused(href):
    with pytest.raises(ValueError, match="address"):
        lineage_graph([LineageNode("a", "A", "step", href)], [], figure_id="g")


@pytest.mark.parametrize("href", ["#x", "runs/1.html", "../a b.html", "https://example.org/", ""])
def test_an_address_that_leads_somewhere_is_kept(href):
    assert f'href="{href}"' in lineage_graph(
        [LineageNode("a", "A", "step", href)], [], figure_id="g"
    )


def test_a_name_is_shown_whole_where_the_pointer_rests():
    label = "<script>alert(1)</script> of a very long name that has no room in a box at all"
    svg = lineage_graph([LineageNode("a", label, "$k$")], [], figure_id="g")

    assert f"{label} ($k$)" in [e.text for e in ET.fromstring(svg).iter(f"{SVG}title")]
    assert "$k$" in texts(svg)
    assert "…" in "".join(texts(svg))


@pytest.mark.parametrize("label", ["CnnTrainer", "W" * 300, "i" * 300, "日本語" * 30, "a b " * 40,
                                   "balanced_counts of run demo_rebuild.20261120T131257.891335Z",
                                   "", " "])  # fmt: skip
def test_text_fits(label):
    lines = two_lines(label, 150, 12)

    assert 1 <= len(lines) <= 2
    assert all(text_width(line, 12) <= 150 for line in lines)


def test_a_line_is_broken_after_a_mark():
    assert two_lines("balanced_counts of run", 120, 12) == ["balanced_counts", "of run"]
