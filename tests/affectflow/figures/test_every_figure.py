"""What holds of each figure, whatever it shows."""

from __future__ import annotations

import copy
import hashlib
import html.parser
import pickle
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import matplotlib
import pytest

from tests.affectflow.figures.page import SVG, ids, references, tags, texts
from tests.affectflow.figures.samples import SAMPLES

ROOT = Path(__file__).parents[3]

each = pytest.mark.parametrize("name", SAMPLES)


@pytest.fixture(scope="module")
def drawn():
    return {name: draw(f"fig-{name}") for name, draw in SAMPLES.items()}


@each
def test_it_is_well_formed_and_says_what_it_shows(drawn, name):
    svg = drawn[name]
    root = ET.fromstring(svg)

    assert root.tag == f"{SVG}svg"
    assert root.get("role") == ("group" if name == "lineage_graph" else "img")
    title, desc = list(root)[:2]
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert (title.text, desc.text) == (svg.heading, svg.alt)
    assert re.search(r"\d", svg.alt)
    assert svg.startswith("<svg ")


@each
def test_ids_are_its_own_and_lead_somewhere(drawn, name):
    svg, other = drawn[name], SAMPLES[name]("other")

    both = ids(svg) + ids(other)
    assert len(set(both)) == len(both)
    assert all(i.startswith(f"fig-{name}") for i in ids(svg))
    assert references(svg) <= set(ids(svg))


@each
def test_the_same_values_give_the_same_bytes(drawn, name):
    assert SAMPLES[name](f"fig-{name}") == drawn[name]


@each
def test_a_matplotlibrc_changes_nothing_and_nothing_of_it_is_changed(drawn, name):
    with matplotlib.rc_context({"font.size": 31, "axes.grid": True, "svg.fonttype": "path"}):
        before = dict(matplotlib.rcParams)
        assert SAMPLES[name](f"fig-{name}") == drawn[name]
        assert dict(matplotlib.rcParams) == before


@each
def test_it_asks_for_nothing_outside_and_runs_nothing(drawn, name):
    root = ET.fromstring(drawn[name])
    for element in root.iter():
        assert element.tag.removeprefix(SVG) not in ("script", "foreignObject", "metadata")
        for attribute, value in element.attrib.items():
            assert not attribute.startswith("on")
            assert not re.search(r"https?:|file:|@import|javascript:", value)
            if attribute == "href" and element.tag != f"{SVG}a":
                assert value.startswith(("#", "data:image/png;base64,"))
    if name != "lineage_graph":
        assert "style" not in tags(drawn[name])


@each
def test_text_and_axes_are_in_the_colour_of_the_page(drawn, name):
    root = ET.fromstring(drawn[name])

    written = list(root.iter(f"{SVG}text"))
    assert written
    assert all(element.get("fill") == "currentColor" for element in written)
    assert not any("font-family" in element.attrib for element in written)
    assert "#010203" not in drawn[name]
    width, height = root.get("width"), root.get("height")
    for element in root.iter(f"{SVG}path"):
        if element.get("fill") not in (None, "none", "currentColor"):
            assert f"L {width} {height}" not in element.get("d")


@each
def test_it_is_small(drawn, name):
    assert len(drawn[name].encode()) < 150_000


@each
def test_a_page_that_holds_it_has_no_element_made_of_a_name(drawn, name):
    opened = []

    class Parser(html.parser.HTMLParser):
        def handle_starttag(self, tag, attrs):
            opened.append(tag)

    Parser().feed(f"<!doctype html><body>{drawn[name]}")

    assert "script" not in opened
    assert opened.count("svg") == 1


@each
def test_an_id_that_would_break_a_page_is_refused(name):
    with pytest.raises(ValueError, match="figure_id"):
        SAMPLES[name]('a" onload="x')


def test_a_copy_is_the_same(drawn):
    svg = drawn["trend"]
    for other in (copy.deepcopy(svg), pickle.loads(pickle.dumps(svg))):
        assert (other, other.heading, other.alt) == (svg, svg.heading, svg.alt)


def test_another_process_gives_the_same_bytes(drawn):
    code = (
        "import hashlib; from tests.affectflow.figures import samples;"
        "print(hashlib.sha256(''.join(d(f'fig-{n}') for n, d in samples.SAMPLES.items())"
        ".encode()).hexdigest())"
    )
    found = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=True, cwd=ROOT,
        env={"PYTHONHASHSEED": "7", "PYTHONPATH": "."},
    )  # fmt: skip
    assert found.stdout.strip() == hashlib.sha256("".join(drawn.values()).encode()).hexdigest()


EXPECTED = {
    "funnel": ["listed", "used", "26 (90 %)", "unreadable", "no face", "2 (7 %)", "decoded",
               "3,544 (100 %)", "3,390 (96 %)", "3,275 (92 %)", "3,110 (88 %)", "1,046 (98 %)",
               "train", "eval", "frames (% of the decoded)", "12 (<1 %)"],
    "density": ["train, before balancing", "train, after balancing", "valence (−1 to 1)",
                "arousal (−1 to 1)", "20,000 frames in 854 of 1,600 cells", "100"],
    "training_curves": ["cnn", "rnn", "epoch", "loss", "val_loss = validation_loss",
                        "best: epoch 10, 0.550"],
    "timeline": ["time (seconds)", "valence", "arousal", "true", "predicted (cnn)",
                 "predicted (rnn)", "valence: CCC cnn 0.90, rnn 0.99"],
    "trajectory": ["valence (−1 to 1)", "arousal (−1 to 1)", "time (seconds)", "start", "end",
                   "$x^2$ & \"co\" 'x'", "contempt", "neutral", "joy", "embarrassment"],
    "of_emotion": ["anger: 22 videos", "part of the video that has passed (%)", "anger", "joy",
                   "end of a video"],
    "distribution": ["right", "wrong", "valence", "arousal", "surprise", "47 % right of 215"],
    "confusion_matrix": ["predicted class", "true class (samples)", "fear (0)", "neutral (75)",
                         "83 %", "62", "$x^2$ & \"co\" 'x'", "share of the true class (%)",
                         "accuracy 72.3 % of 552 samples"],
    "score_bars": ["CCC (at best 1)", "<script>alert(1)</script>.mp4", "$x^2$ & \"co\" 'x'",
                   "-0.11", "0.92",
                   "CCC of 16 videos, worst first; 1 without a value; "
                   "dashed: 0.52 of all together"],
    "lineage_graph": ["CnnTrainer", "step", "artifact"],
    "trend": ["mean CCC", "start of the run", "let through", "refused", "no gate", "2026-11-01",
              "evaluated", "frames", "2,000"],
    "class_counts": ["neutral", "295 (25 %)", "none", "CK+, train", "JAFFE",
                     "images (% of the split)"],
}  # fmt: skip


@each
def test_it_holds_labels_units_names_and_values(drawn, name):
    assert set(EXPECTED[name]) <= set(texts(drawn[name]))


def test_descriptions_say_the_numbers(drawn):
    said = {name: svg.alt for name, svg in drawn.items()}

    assert "Videos: 29 listed, 26 used; rejected: 1 unreadable and 2 no face" in said["funnel"]
    assert "1,068 decoded, 1,068 with a face, 1,046 labelled and 1,046 balanced" in said["funnel"]
    assert "lowest validation_loss 0.5496 in epoch 10" in said["training_curves"]
    assert "nearest to contempt" in said["trajectory"]
    assert "14 end nearest to anger" in said["of_emotion"]
    assert "surprise 101 of 215" in said["distribution"]
    assert "accuracy 72.3 %" in said["confusion_matrix"]
    assert "from -0.11 (video_003.mp4)" in said["score_bars"]
    assert "0.715 (interval 0.615 to 0.795) on 2,100 evaluated frames" in said["trend"]
    assert "26 boxes (11 of kind step and 15 of kind artifact)" in said["lineage_graph"]
