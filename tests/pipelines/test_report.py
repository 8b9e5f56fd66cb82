"""The page of a run."""

import json
from html.parser import HTMLParser

import pytest

from pipelines.compile import compile_rebuild, compile_release
from pipelines.recipe import load_recipe
from pipelines.report import report_path, write_report
from pipelines.run import start_run
from pipelines.run_record import Request, RunRecord
from pipelines.workspace import Workspace

RECIPE = load_recipe("demo")


class Page(HTMLParser):
    """Tags and texts of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)

    def handle_data(self, data):
        self.texts.append(data)


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path)


def test_a_run_that_has_done_nothing_yet(workspace):
    compiled = compile_rebuild(RECIPE)
    evil = "/data/<script>alert(1)</script>&<b>"
    record, _ = start_run(workspace, compiled, "demo_rebuild.r1", Request(RECIPE, data=evil))
    path = write_report(workspace, compiled, record)
    assert path == report_path(workspace, "demo_rebuild.r1")
    page = Page(path.read_text())
    assert page.texts.count("waiting") == len(compiled.nodes) == 6
    # The folder's name is told as it is, and is no markup.
    assert evil in page.texts
    assert not {"script", "b"} & set(page.tags)
    assert [file.name for file in path.parent.iterdir()] == ["demo_rebuild.r1.html"]


def test_airflows_run_ids_name_the_file_as_a_link_can(workspace):
    path = report_path(workspace, "demo_rebuild.manual__2026-11-24T15:00:00+00:00")
    assert path.name == "demo_rebuild.manual__2026-11-24T15%3A00%3A00%2B00%3A00.html"


@pytest.fixture
def page_of(workspace, monkeypatch, tmp_path):
    """page_of(metrics) -> the page of a run whose Evaluator wrote this summary.json"""
    from pipelines import report

    def write(metrics):
        evaluation = tmp_path / "evaluation"
        evaluation.mkdir()
        (evaluation / "summary.json").write_text(json.dumps(metrics))
        rows = [report.NodeRow("Evaluator", "complete", 7, 2.5, (str(evaluation),))]
        monkeypatch.setattr(report, "_rows", lambda *_: rows)
        compiled = compile_release(RECIPE)
        record = RunRecord("demo_release.r1", compiled.pipeline, "v", {}, {"run_id": "x"}, {})
        workspace.run(record.run_id).mkdir(parents=True)
        return Page(write_report(workspace, compiled, record).read_text())

    return write


@pytest.mark.parametrize("blessed", [True, False])
def test_the_gates_verdict_stands_first(page_of, blessed):
    verdict = {"blessed": blessed, "reasons": ["rnn mean CCC 0.1 is below <min>"]}
    page = page_of({"verdict": verdict})
    assert "PN accuracy" not in page.texts
    assert ("blessed" if blessed else "refused") in page.texts
    assert "rnn mean CCC 0.1 is below <min>" in page.texts
    assert page.texts.index("Gate: ") < page.texts.index("Nodes")
    assert "2.5" in page.texts


def test_figures_of_classes_stand_under_the_verdict(page_of):
    score = {
        "accuracy": 0.75, "low": 0.5, "high": 1.0, "macro_precision": 0.625,
        "macro_recall": 0.5625, "pn_accuracy": None, "count": 40,
    }  # fmt: skip
    page = page_of(
        {
            "verdict": {"blessed": True, "reasons": ["classifier expression accuracy 0.75"]},
            "stages": {"classifier": {"classes": {"gender": score}}},
            "corpora": [{"corpus": "ck", "classes": {}}],
        }
    )
    at = page.texts.index("classifier")
    assert page.texts[at + 1 : at + 7] == ["0.750", "0.500 to 1.000", "0.625", "0.562", "-", "40"]
    assert page.texts.index("Gate: ") < page.texts.index("Gender") < at
    assert at < page.texts.index("Nodes")
