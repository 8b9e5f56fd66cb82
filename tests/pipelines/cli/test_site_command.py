"""``affectflow site``."""

import os
from urllib.parse import unquote, urljoin

import pytest

from bench.recorded import Execution, Recorder
from bench.recorded_runs import rebuild, release
from tests.pipelines.review.page.furnish import furnish
from tests.pipelines.review.page.html_page import check

PICTURE = "data:image/jpeg"


@pytest.fixture
def recorder(tmp_path, monkeypatch):
    for name in ("AFFECTFLOW_METADATA", "AFFECTFLOW_REPORT_PICTURES"):
        monkeypatch.delenv(name, raising=False)
    recorder = Recorder(tmp_path / "ws")
    rebuilt = rebuild(recorder, "demo_rebuild.r1")
    furnish(rebuilt, {"a": ("S1", "train"), "b": ("S2", "eval")})
    release(recorder, "demo_release.manual__2026-01-02T03:04:05+00:00", rebuilt, number=1)
    release(recorder, "demo_release.r3", rebuilt, ccc=0.2, nodes=(), last_state=Execution.FAILED)
    return recorder


@pytest.fixture
def site(affectflow, recorder):
    """site(...): the command in that workspace; its last line."""

    def run(*arguments):
        done = affectflow("site", "-w", recorder.workspace.root, *arguments)
        assert done.code == 0, done.err
        return done.last_line

    return run


def pages(folder):
    return sorted(path for path in folder.glob("*.html") if path.name != "index.html")


def test_every_run_has_a_page_and_the_index_leads_there(site, recorder):
    folder = recorder.workspace.reports
    assert site() == f"3 pages written, 0 kept: {folder}/index.html"
    index = check((folder / "index.html").read_text())
    for page in pages(folder):
        found = check(page.read_text())
        assert "index.html" in found.addresses
    # From a disk and from a server alike.
    targets = {unquote(urljoin("file:///r/", a)[10:]) for a in index.addresses if a[0] != "#"}
    assert targets == {page.name for page in pages(folder)}
    assert "released as 1" in index.text
    assert "interrupted" in index.text
    assert "mean CCC 0.500 (0.400 to 0.600)" in index.text
    assert "trend-0" in index.ids


def test_pages_that_show_people_are_closed_to_others(site, tmp_path):
    umask = os.umask(0o022)
    try:
        site("--out", tmp_path / "faces")
        site("--out", tmp_path / "public", "--no-pictures")
    finally:
        os.umask(umask)
    modes = [(tmp_path / name).stat().st_mode & 0o777 for name in ("faces", "public")]
    assert modes == [0o750, 0o755]


def test_what_is_there_is_kept(site, recorder, tmp_path):
    out = tmp_path / "out"
    site("--out", out)
    assert not recorder.workspace.reports.exists()
    assert site("--out", out).startswith("0 pages written, 3 kept")
    os.utime(pages(out)[0], (0, 0))
    assert site("--out", out).startswith("1 pages written, 2 kept")
    assert site("--out", out, "--all").startswith("3 pages written, 0 kept")


def test_faces_can_be_left_out_and_then_none_stays(site, recorder, monkeypatch):
    folder = recorder.workspace.reports
    site()
    assert any(PICTURE in page.read_text() for page in pages(folder))
    assert site("--no-pictures").startswith("3 pages written")
    assert not any(PICTURE in page.read_text() for page in pages(folder))
    monkeypatch.setenv("AFFECTFLOW_REPORT_PICTURES", "0")
    assert site().startswith("0 pages written, 3 kept")


def test_a_page_that_cannot_be_made_keeps_no_faces(site, recorder, monkeypatch):
    from pipelines.review import site as module

    folder = recorder.workspace.reports
    site()

    def fails(sources, run, pictures):
        raise RuntimeError("no")

    monkeypatch.setattr(module, "page_of", fails)
    assert site("--no-pictures").startswith("0 pages written, 0 kept")
    assert not pages(folder)
    assert (folder / "index.html").exists()


def test_a_folder_that_cannot_be_written(affectflow, recorder, tmp_path):
    (tmp_path / "file").write_text("")
    done = affectflow("site", "-w", recorder.workspace.root, "--out", tmp_path / "file")
    assert done.code == 1
    assert "--out names one" in done.out + done.err
    done = affectflow("site", "-w", tmp_path / "none")
    assert done.code == 1
    assert "holds no runs" in done.out + done.err
