"""When a run's page is written, and how much is on it."""

import json

import pytest

from bench.recorded import RELEASE, Execution, Recorder
from bench.recorded_runs import rebuild, release
from pipelines.compile import compile_rebuild, compile_release
from pipelines.recipe import load_recipe
from pipelines.report import keep_report, report_path, write_report
from pipelines.run import start_run
from pipelines.run_record import Request, load_record
from pipelines.workspace import Workspace, node_lock, workspace_lock
from tests.pipelines.review.page.html_page import check

RECIPE = load_recipe("demo")
LIGHT, FULL = '"light, no pictures"', '"full, pictures"'


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in ("AFFECTFLOW_METADATA", "AFFECTFLOW_REPORT_PICTURES"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path)


@pytest.fixture
def recorder(workspace):
    return Recorder(workspace.root)


@pytest.fixture(scope="module")
def compiled():
    return compile_release(RECIPE)


@pytest.fixture
def page_of(recorder, compiled):
    """page_of(nodes, last_state, ...): the text that is written for a release run that far."""

    def write(nodes=RELEASE, last_state=Execution.COMPLETE, **options):
        rebuilt = rebuild(recorder, "demo_rebuild.r1")
        release(recorder, "demo_release.r2", rebuilt, number=1, nodes=nodes, last_state=last_state)
        place = recorder.workspace
        record = load_record(place.run("demo_release.r2") / "run.json")
        return write_report(place, compiled, record, **options).read_text()

    return write


def test_a_run_that_has_done_nothing_yet(workspace):
    compiled = compile_rebuild(RECIPE)
    evil = "/data/<script>alert(1)</script>&<b>"
    record, _ = start_run(workspace, compiled, "demo_rebuild.r1", Request(RECIPE, data=evil))
    with workspace_lock(workspace):
        path = write_report(workspace, compiled, record, under_way=True)
    assert path == report_path(workspace, "demo_rebuild.r1")
    page = check(path.read_text())
    assert LIGHT in path.read_text()
    assert "Running." in page.text
    assert page.texts.count("not begun") == len(compiled.nodes) == 6
    # The folder's name is told as it is, and is no markup.
    assert evil in page.texts
    assert not {"script", "b"} & set(page.tags)
    assert [file.name for file in path.parent.iterdir()] == ["demo_rebuild.r1.html"]
    assert record.hardware["cpus"] >= 1


def test_airflows_run_ids_name_the_file_as_a_link_can(workspace):
    path = report_path(workspace, "demo_rebuild.manual__2026-11-24T15:00:00+00:00")
    assert path.name == "demo_rebuild.manual__2026-11-24T15%3A00%3A00%2B00%3A00.html"


def test_a_command_that_has_ended_writes_everything_although_it_holds_its_lock(page_of, workspace):
    with workspace_lock(workspace):
        assert "Complete." in check(text := page_of()).text
    assert FULL in text
    index = check((workspace.reports / "index.html").read_text())
    assert "demo_release.r2.html" in index.addresses
    assert "released as 1" in index.text


@pytest.mark.parametrize(
    ("state", "said"),
    [(Execution.FAILED, "Failed."), (Execution.RUNNING, "Interrupted.")],
)
def test_a_command_that_did_not_get_to_its_end(page_of, workspace, state, said):
    with workspace_lock(workspace):
        text = page_of(RELEASE[:5], state)
    assert said in check(text).text
    assert FULL in text
    assert said.lower().rstrip(".") in (workspace.reports / "index.html").read_text()


def test_a_scheduler_has_not_given_a_run_up_between_its_nodes(page_of, workspace):
    with node_lock(workspace, "demo_release.r2", "CnnTrainer"):
        text = page_of(RELEASE[:5], node="CnnTrainer")
    assert "Running." in check(text).text
    assert LIGHT in text
    assert not (workspace.reports / "index.html").exists()


def test_of_a_schedulers_nodes_the_last_at_work_writes_everything(page_of, workspace):
    run = "demo_release.r2"
    with node_lock(workspace, run, "CnnTrainer"), node_lock(workspace, run, "BaselinePredictor"):
        text = page_of(RELEASE[:5], Execution.FAILED, node="CnnTrainer")
        assert LIGHT in text
    with node_lock(workspace, run, "BaselinePredictor"):
        record = load_record(workspace.run(run) / "run.json")
        text = write_report(
            workspace, compile_release(RECIPE), record, node="BaselinePredictor"
        ).read_text()
    assert "Failed." in check(text).text
    assert FULL in text


def test_faces_are_left_out_where_the_environment_says_so(page_of, monkeypatch):
    monkeypatch.setenv("AFFECTFLOW_REPORT_PICTURES", "0")
    assert '"full, no pictures"' in page_of()


def test_a_page_that_cannot_be_written_hides_nothing(workspace, compiled, recorder, caplog):
    rebuilt = rebuild(recorder, "demo_rebuild.r1")
    release(recorder, "demo_release.r2", rebuilt)
    record = load_record(workspace.run("demo_release.r2") / "run.json")
    workspace.reports.write_text("a file where the folder should be")
    keep_report(workspace, compiled, record)
    assert "the report of run demo_release.r2 could not be written" in caplog.text


def test_a_record_of_before_hardware_was_noted(recorder):
    rebuild(recorder, "demo_rebuild.r1")
    path = recorder.workspace.run("demo_rebuild.r1") / "run.json"
    assert "hardware" not in json.loads(path.read_text())
    assert load_record(path).hardware is None
