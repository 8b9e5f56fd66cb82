"""A run's page in a real browser, without a network: figures, keyboard, colours and widths.

Screenshots are left in AFFECTFLOW_SCREENSHOTS, or else in pytest's own folder for the test.
"""

import html
import importlib.util
import os
import shutil
from pathlib import Path

import pytest

from pipelines.review.page.results import sections
from tests.pipelines.review.page import browser_checks as checks
from tests.pipelines.review.page.results_cases import (
    SCRIPT,
    classifier,
    valence_arousal,
    with_emotions,
)

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = os.environ.get("AFFECTFLOW_CHROMIUM") or shutil.which("chromium")
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
CASES = {"valence_arousal": valence_arousal, "emotions": with_emotions, "classifier": classifier}
NARROW, WIDE = 400, 1200
PAGE = "pipelines.review.page.page"

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium on PATH, and AFFECTFLOW_CHROMIUM names none"
)


def text_of(detail):
    """The run's page; the sections of results alone where the page's frame is not there."""
    if importlib.util.find_spec(PAGE):
        return importlib.import_module(PAGE).write_page(detail, None, False)
    body = "".join(f'<h2 id="{s.id}">{html.escape(s.title)}</h2>{s.body}' for s in sections(detail))
    style = ":root { color-scheme: light dark } .wide, figure { overflow-x: auto; margin: 0 }"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>run</title>'
        f'<meta name="viewport" content="width=device-width"><style>{style}</style></head>'
        f'<body style="overflow-wrap: anywhere"><h1>run</h1>{body}</body></html>'
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Case -> file, each written once."""
    found = {}
    for name, case in CASES.items():
        folder = tmp_path_factory.mktemp(name)
        found[name] = folder / "run.html"
        found[name].write_text(text_of(case(folder)), encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as started:
        found = started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()


class Opened:
    """A page, and what went wrong while it was there."""

    def __init__(self, page):
        self.page, self.wrong = page, []
        page.on("console", lambda said: self._said(said.type, said.text))
        page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        page.on("dialog", lambda dialog: (self.wrong.append("dialog"), dialog.dismiss()))
        page.on("requestfailed", lambda request: self.wrong.append(f"failed: {request.url[:80]}"))
        page.on("request", lambda request: self._asked(request.url))

    def _said(self, kind, text):
        if kind in ("error", "warning"):
            self.wrong.append(f"{kind}: {text}")

    def _asked(self, url):
        if not url.startswith(("file://", "data:")):
            self.wrong.append(f"asked for {url[:80]}")


@pytest.fixture
def opened(browser):
    """opened(text or path, width): the page in a window of its own."""
    contexts = []

    def visit(what, width=WIDE, folder=None):
        if isinstance(what, str):
            path = folder / "page.html"
            path.write_text(f"<!doctype html><title>t</title>{what}", encoding="utf-8")
            what = path
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}))
        found = Opened(contexts[-1].new_page())
        found.page.goto(what.as_uri())
        return found

    yield visit
    for context in contexts:
        context.close()


@pytest.fixture
def screenshots(tmp_path):
    named = os.environ.get("AFFECTFLOW_SCREENSHOTS")
    folder = Path(named) if named else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(params=CASES)
def case(request, written):
    return request.param, written[request.param]


def test_no_figure_is_empty_and_nothing_fails(case, opened):
    found = opened(case[1])
    checks.unfold(found.page)
    assert found.page.locator("svg").count() >= 3
    assert checks.empty_figures(found.page) == []
    assert checks.broken_pictures(found.page) == []
    assert checks.disorder(found.page) == []
    assert found.wrong == []


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_no_wider_than_the_window(case, width, opened):
    page = opened(case[1], width).page
    assert checks.overflow(page) == []
    checks.unfold(page)
    assert checks.overflow(page) == []


def test_all_is_reached_by_the_keyboard(case, opened):
    page = opened(case[1]).page
    assert page.locator("summary").count() >= 2
    assert checks.unreachable(page) == []
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details").first.get_attribute("open") is not None


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_seen_in_both_schemes(case, scheme, opened, screenshots):
    name, path = case
    page = opened(path).page
    page.emulate_media(color_scheme=scheme)
    page.screenshot(path=screenshots / f"{name}-{scheme}-{WIDE}.png", full_page=True)
    checks.unfold(page)
    assert checks.too_pale(page) == []
    page.set_viewport_size({"width": NARROW, "height": 900})
    page.screenshot(path=screenshots / f"{name}-{scheme}-{NARROW}.png", full_page=True)
    files = list(screenshots.glob(f"{name}-{scheme}-*.png"))
    assert len(files) == 2
    assert all(file.stat().st_size > 20_000 for file in files)


def test_a_hostile_name_is_shown_and_not_run(written, opened):
    found = opened(written["valence_arousal"])
    assert found.page.locator("h3", has_text=SCRIPT).count() == 1
    assert found.page.locator("script").count() == 0
    assert found.wrong == []


def test_the_checks_find_what_they_look_for(opened, tmp_path):
    found = opened(
        '<h2>a</h2><h4></h4><div style="width: 3000px">wide</div><p style="color: #999">pale</p>'
        '<svg id="none" width="90" height="90"><rect width="9" height="9"/></svg>'
        '<svg id="flat" width="90" height="9"><rect/><text>x</text></svg>'
        '<img src="data:image/png;base64,AAAA" alt="">'
        '<a href="#a" onfocus="this.blur()">away</a>'
        "<script>missing()</script><link rel=stylesheet href=http://127.0.0.1:9/x.css>",
        folder=tmp_path,
    )
    page = found.page
    assert [one.split(":")[0] for one in checks.empty_figures(page)] == ["none", "flat"]
    assert len(checks.broken_pictures(page)) == 1
    assert len(checks.disorder(page)) == 3
    assert len(checks.overflow(page)) == 1
    assert [one.split()[0] for one in checks.too_pale(page)] == ["P"]
    assert checks.unreachable(page) == ["0"]
    assert any("missing" in one for one in found.wrong)
    assert any("asked for http" in one for one in found.wrong)
