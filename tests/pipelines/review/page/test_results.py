import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from pipelines.review.facts import ArtifactFacts, NodeFacts
from pipelines.review.page import results, results_table
from pipelines.review.page.results import sections
from tests.pipelines.review.page.results_cases import (
    SCRIPT,
    classifier,
    valence_arousal,
    with_emotions,
)

CASES = (valence_arousal, with_emotions, classifier)


class Tags(HTMLParser):
    """Refuses tags that do not close in the order in which they open; keeps what it saw."""

    VOID = frozenset({"br", "hr", "img", "meta", "link"})

    def __init__(self):
        super().__init__()
        self.open, self.seen = [], Counter()

    def handle_starttag(self, tag, attrs):
        self.seen[tag] += 1
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen[tag] += 1

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def seen(html):
    parser = Tags()
    parser.feed(html)
    assert parser.open == []
    return parser.seen


def bodies(detail):
    return {section.id: section.body for section in sections(detail)}


def without_summary(detail, node):
    return replace(detail, summary=None, nodes=(node,) if node else ())


@pytest.mark.parametrize(
    ("case", "names"),
    [
        (valence_arousal, ["training", "scores", "by-video", "timelines", "plane"]),
        (with_emotions, ["training", "scores", "by-video", "classes", "timelines", "plane"]),
        (classifier, ["training", "scores", "by-video", "classes"]),
    ],
)
def test_sections_fit_what_is_predicted(case, names, tmp_path):
    assert list(bodies(case(tmp_path))) == [f"results-{name}" for name in names]


@pytest.mark.parametrize("case", CASES)
def test_every_figure_is_there_and_every_tag_closes(case, tmp_path):
    text = "".join(bodies(case(tmp_path)).values())
    found = seen(text)
    assert found["svg"] == found["figure"] == found["figcaption"]
    assert found["svg"] >= 3
    assert "cannot be" not in text
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(set(ids)) == len(ids)
    assert all(re.match("training|by-|classes|timelines|plane", name) for name in ids)


def test_a_name_is_text_wherever_it_stands(tmp_path):
    text = "".join(bodies(valence_arousal(tmp_path)).values())
    assert SCRIPT not in text
    assert seen(text)["script"] == 0
    assert "&lt;script&gt;" in bodies(valence_arousal(tmp_path))["results-timelines"]


def test_a_rebuild_has_no_results(tmp_path):
    detail = valence_arousal(tmp_path)
    assert sections(replace(detail, facts=replace(detail.facts, kind="rebuild"))) == []


def test_before_the_evaluation(tmp_path):
    detail = without_summary(valence_arousal(tmp_path), NodeFacts("Evaluator", "running"))
    found = bodies(detail)
    assert list(found) == ["results-training", "results-scores"]
    assert "no evaluation" in found["results-scores"]
    assert "running" in found["results-scores"]
    assert "<svg" in found["results-training"]
    assert "not begun" in bodies(without_summary(detail, None))["results-scores"]


@pytest.mark.parametrize(("exists", "said"), [(False, "files deleted"), (True, "gone or damaged")])
def test_an_evaluation_whose_files_are_gone(exists, said, tmp_path):
    made = ArtifactFacts(1, "evaluation", "ModelEvaluation", "/ws/evaluation", exists, {})
    node = NodeFacts("Evaluator", "run", outputs=(made,))
    assert said in bodies(without_summary(valence_arousal(tmp_path), node))["results-scores"]


@pytest.mark.parametrize(
    "summary",
    [{}, {"format": 1}, {"format": 1, "stages": 7}, {"format": 2}, {"stages": {}, "videos": None}],
)
def test_a_damaged_summary(summary, tmp_path):
    found = bodies(replace(valence_arousal(tmp_path), summary=summary))
    assert list(found) == ["results-training", "results-scores"]
    assert "The metrics" in found["results-scores"]


def test_a_summary_without_stages_or_videos(tmp_path):
    detail = valence_arousal(tmp_path)
    assert (
        "no stage"
        in bodies(replace(detail, summary={**detail.summary, "stages": {}}))["results-scores"]
    )
    found = bodies(replace(detail, summary={**detail.summary, "videos": [], "subjects": []}))
    assert "name no video" in found["results-by-video"]
    assert "No video has a score" in found["results-timelines"]


def test_a_summary_whose_numbers_are_gone(tmp_path):
    detail = valence_arousal(tmp_path)
    nothing = {"ccc": None, "pearson": None, "rmse": None, "count": 0, "ccc_low": None,
               "ccc_high": None}  # fmt: skip
    rows = [
        {**row, "scores": {stage: {"valence": nothing} for stage in ("cnn", "rnn")}}
        for row in detail.summary["videos"]
    ]
    found = bodies(replace(detail, summary={**detail.summary, "videos": rows}))
    assert "no video has a value of Mean CCC" in found["results-by-video"]
    assert "–" in found["results-by-video"]


def test_a_section_that_fails_says_so_in_its_place(tmp_path, monkeypatch):
    def fail(_):
        raise RuntimeError("<b>boom</b>")

    monkeypatch.setattr(results_table, "body_of", fail)
    found = bodies(classifier(tmp_path))
    assert "cannot be made" in found["results-scores"]
    assert "&lt;b&gt;boom" in found["results-scores"]
    assert "<svg" in found["results-classes"]


def test_neither_tfx_nor_tensorflow_is_imported_for_a_classifier():
    code = (
        f"import sys; import {results.__name__}; "
        "print([m for m in ('tfx', 'tensorflow', 'apache_beam') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_same_run_gives_the_same_bytes(tmp_path):
    detail = with_emotions(tmp_path)
    assert sections(detail) == sections(detail)
