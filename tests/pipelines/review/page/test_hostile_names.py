"""Pages of runs in which every name that somebody gives is hostile hold tags of ours alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from bench.recorded import Recorder
from bench.recorded_runs import rebuild, release
from pipelines.review.page.index import index_page
from pipelines.review.runs import read_runs
from pipelines.review.store import open_store
from tests.pipelines.review.page.conftest import text_of
from tests.pipelines.review.page.furnish import furnish
from tests.pipelines.review.page.html_page import check
from tests.torture import cases, rng

# What breaks out of a text, an attribute (quoted either way or not at all), a comment, CDATA, a
# style, an SVG; what an address may run; what a template or an entity may become.
BREAKS = (
    "<script>ours()</script>", "</script><script>ours()</script>", "<img src=x onerror=ours()>",
    "<svg onload=ours()>", "<svg><animate onbegin=ours() attributeName=x>", '" onfocus="ours()',
    "' onfocus='ours()", " autofocus onfocus=ours() ", '"><iframe srcdoc="x">', "--><b>", "<!--",
    "]]><b>", "<![CDATA[", "</style><b>", "</title><b>", "</text><b>", "</a><b>", "</td></table>",
    "javascript:ours()", "data:text/html,<b>x</b>", "//evil.example/x", "http://evil.example",
    "&lt;b&gt;", "&#60;b&#62;", "&quot; onfocus=ours() ", "{{7*7}}", "${7*7}", "\\u003cb\\u003e",
    "<b", "<", ">", "&", '"', "'", "`", "=", "\0", "\x1b[31m", "\x0c", "\u202e", "\u2028", "\ufeff",
    "<math><mi xlink:href='javascript:ours()'>", "<a href=javascript:ours()>", "url(http://x)",
    "@import 'http://x'", "<base href=//x>", "<meta http-equiv=refresh content='0;url=//x'>",
)  # fmt: skip


def hostile(draw: Any) -> Callable[[], str]:
    """Texts of one to four of them, each another."""
    count = 0

    def make() -> str:
        nonlocal count
        count += 1
        parts = draw.choice(len(BREAKS), size=int(draw.integers(1, 5)))
        return "".join(BREAKS[part] for part in parts) + str(count)

    return make


class Tags(HTMLParser):
    """Every tag with the names of its attributes."""

    def __init__(self, text: str):
        super().__init__()
        self.found: set[tuple[str, str]] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {(tag, ""), *((tag, name) for name, _ in attrs)}


def pages(root: Path, name: Callable[[], str]) -> Iterator[str]:
    """The pages of a rebuild, of a release and of a refusal, and the index, of such names."""
    recorder = Recorder(root)
    settings = {"sampler": {"subset": name()}, "listing": {"annotations": name()},
                "gate": {"expressions": name()}, name(): {name(): name()}}  # fmt: skip
    built = rebuild(recorder, "demo_rebuild.r1", settings=settings)
    record = recorder.workspace.run("demo_rebuild.r1") / "run.json"
    values = json.loads(record.read_text())
    values["request"]["data"] = f"/{name()}"
    values["packages"] = {"python": name(), name(): "1"}
    record.write_text(json.dumps(values))
    furnish(built, {name(): (name(), split) for split in ("train", "train", "eval")})
    _reject(built, name)
    release(recorder, "demo_release.r2", built, number=1, settings=settings)
    refused = release(recorder, "demo_release.r3", built, ccc=0.2, settings=settings)
    _refuse(refused, name)
    for run in ("demo_rebuild.r1", "demo_release.r2", "demo_release.r3"):
        yield text_of(recorder, run)
    place = recorder.workspace
    yield index_page(read_runs(place, open_store(place, environment={})), (), str(place.root))


def _reject(built: Any, name: Callable[[], str]) -> None:
    rows = [
        {"video_id": name(), "split": "train", "cause": cause, "detail": name()}
        for cause in ("corrupt", "no_face", name())
    ]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    Path(built.uri("VideoExampleGen/rejects"), "rejects.jsonl").write_text(text)
    path = Path(built.uri("DensitySampler/balanced_counts"), "counts.json")
    values = json.loads(path.read_text())
    values["clips"]["rejected"] = {"corrupt": 1, name(): 2}
    values["clips"]["remarks"] = [name(), name()]
    path.write_text(json.dumps(values))


def _refuse(refused: Any, name: Callable[[], str]) -> None:
    path = Path(refused.uri("Evaluator/evaluation"), "summary.json")
    values = json.loads(path.read_text())
    values["verdict"] |= {"reasons": [name()], "failures": [name()]}
    path.write_text(json.dumps(values))


@pytest.mark.torture
def test_a_name_makes_no_tag_no_attribute_and_no_address(tmp_path):
    plain = iter(range(1000))
    ours = [Tags(text).found for text in pages(tmp_path / "plain", lambda: f"name{next(plain)}")]
    draw = rng("names on pages")
    shown = 0
    for at in range(cases(small=1, large=200)):
        name = hostile(draw)
        for text, expected in zip(pages(tmp_path / str(at), name), ours, strict=True):
            found = check(text)
            assert Tags(text).found <= expected
            # A check that nothing was left out, which would be no wonder.
            shown += "ours()" in found.text or "evil.example" in found.text
            assert not re.search(r"<b[ >]", text)
    assert shown
