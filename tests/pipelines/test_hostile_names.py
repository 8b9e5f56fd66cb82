"""Names that a terminal, a shell, a page or an option parser would obey: they are data."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from bench.untrained import write_release
from tests.pipelines.review.page.html_page import check
from tests.pipelines.test_visible import BUT_LINES
from tests.portraits import blank, paste, write_video
from tests.torture import cases, rng

TOUCHED = "touched"
"""What an obeyed name would make."""

PARTS = (
    f"$(touch {TOUCHED})", f"`touch {TOUCHED}`", f"; touch {TOUCHED} #", f"| tee {TOUCHED}",
    f"&& touch {TOUCHED}", f"\ntouch {TOUCHED}\n", f"> {TOUCHED}", "-rf", "--data=x", "--", "*",
    "?", "[a-z]", "~", "${HOME}", "%s%n", "{0}{x}", "{{ 1 + 1 }}", "'", '"', "\\", "!!", " ", "\t",
    "\x1b[31m", "\x1b]0;x\x07", "\r", "\x08", "\x7f", "\x9b2J", "\u202e", "\u2066", "\u2028",
    "\udcff", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "javascript:alert(1)",
    "&lt;", "]]>", "-->", "[bold]", "[/]", ":cat:", "http:", "concat:a|b",
    "subfile,,start,0,end,0,,:",
)  # fmt: skip


def names(draw, number: int) -> list[str]:
    """File names that join some of the parts; all parts occur where there are enough."""
    made = []
    for at in range(number):
        drawn = draw.choice(len(PARTS), size=3)
        parts = [PARTS[at % len(PARTS)], *(PARTS[i] for i in drawn)]
        name = "".join(parts).replace("/", "\u2215")
        made.append(f"{name[:60]}{at}")
    return made


@pytest.fixture(scope="module")
def attacked(tmp_path_factory, affectflow, process):
    """A rebuild of files of such names, none a video, in folders of such names; what was said."""
    folder = tmp_path_factory.mktemp("hostile")
    draw = rng("hostile names")
    corpus = folder / f"corpus $(touch {TOUCHED}) \x1b[31m\r <b>"
    workspace = folder / f"-ws `touch {TOUCHED}`\x9b;\u202e <script>"
    corpus.mkdir()
    for at, name in enumerate(names(draw, cases(small=len(PARTS), large=20 * len(PARTS)))):
        content = b"#EXTM3U\nfile:///etc/hostname\n" if at % 2 else os.fsencode(name)
        (corpus / f"{name}.mp4").write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        said = [
            affectflow("rebuild", "-r", "demo", "--corpus", "folder", "-d", corpus.name,
                       "-w", workspace),
            affectflow("runs", "list", "-w", workspace),
        ]  # fmt: skip
    # One as it is at work: its streams are those of a process.
    said += [process("runs", "show", "latest", "-w", workspace, cwd=folder)]
    return folder, workspace, said


def test_the_terminal_is_told_nothing_by_them(attacked):
    _, _, said = attacked
    for outcome in said:
        assert not BUT_LINES.search(outcome.out + outcome.err)
        assert "Traceback" not in outcome.out + outcome.err
    rebuilt, listed, shown = said
    assert (rebuilt.code, listed.code, shown.code) == (1, 0, 0)
    # Whole, and on one line: the folder's name stands in it.
    assert r"\x1b[31m\r <b>" in rebuilt.out
    (error,) = (part for part in rebuilt.err.splitlines() if part.startswith("Error: "))
    assert "clips were rejected" in error
    assert "failed" in listed.out


def test_no_shell_reads_them(attacked):
    folder, _, _ = attacked
    assert list(Path(folder).rglob(TOUCHED)) == []
    assert not (Path.cwd() / TOUCHED).exists()
    assert sorted(path.name[:3] for path in folder.iterdir()) == ["-ws", "cor"]


def test_log_lines_are_one_a_record(attacked):
    _, workspace, _ = attacked
    (log,) = (workspace / "logs").glob("*.log")
    text = log.read_text(encoding="utf-8")
    assert not BUT_LINES.search(text)
    rejected = [part for part in text.split("\n") if ":rejected " in part]
    assert len(rejected) >= len(PARTS)
    assert not re.search(rf"^touch {TOUCHED}", text, re.MULTILINE)


def test_pages_hold_no_tag_of_theirs(attacked):
    _, workspace, _ = attacked
    pages = list((workspace / "reports").glob("*.html"))
    assert pages
    for path in pages:
        found = check(path.read_text(encoding="utf-8"))
        assert not {"script", "b"} & set(found.tags)


@pytest.fixture(scope="module")
def predicted(tmp_path_factory, affectflow):
    """Clips of such names and what only has them, predicted in folders of such names."""
    folder = tmp_path_factory.mktemp("predicted")
    clip = write_video(folder / "plain.mp4", [paste(20, 20), paste(22, 20), blank()])
    write_release(folder / "ws/releases", folder / "serving")
    videos = folder / f"videos $(touch {TOUCHED}) \x1b[31m\r <b>"
    videos.mkdir()
    made = names(rng("predicted names"), cases(small=len(PARTS), large=20 * len(PARTS)))
    for at, name in enumerate(made):
        content = os.fsencode(name) if at % 2 else clip.read_bytes()
        (videos / f"{name}.mp4").write_bytes(content)
    out = folder / f"-out `touch {TOUCHED}`\x9b;\u202e"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        options = ["--annotate", "--plot", "-w", "ws", "-o", out]
        said = affectflow("predict", videos.name, *options)
        plain = affectflow("predict", clip.name, "-w", "ws", "-o", "plain")
    assert plain.code == 0, plain.out
    return made, out, said, (folder / "plain/plain.csv").read_text()


def test_predictions_are_called_as_their_videos_are(predicted):
    made, out, _, rows = predicted
    # Beside a table stand a picture and a video; of what is no video there is nothing.
    endings = (".annotated.mp4", ".csv", ".plot.png")
    wanted = {f"{name}{ending}" for name in made[::2] for ending in endings}
    assert {path.name for path in out.iterdir()} == wanted
    assert {(out / f"{name}.csv").read_text() for name in made[::2]} == {rows}


def test_the_terminal_and_the_shell_are_told_nothing_by_videos(predicted):
    made, out, said, _ = predicted
    assert said.code == 1
    assert not BUT_LINES.search(said.out + said.err)
    assert "Traceback" not in said.out + said.err
    assert f"{len(made[::2])} of {len(made)} videos predicted" in said.out
    refused = [line for line in said.out.splitlines() if line.startswith("failed  ")]
    assert len(refused) == len(made[1::2])
    assert list(out.parent.rglob(TOUCHED)) == []
    assert sorted(path.name[:4] for path in out.parent.iterdir()) == [
        "-out", "plai", "plai", "serv", "vide", "ws",
    ]  # fmt: skip


@pytest.mark.parametrize("which", ["corpus folder", "workspace"])
def test_a_folder_that_cannot_be_recorded_is_refused(affectflow, tmp_path, which):
    odd, plain = tmp_path / "\udcff", tmp_path / "plain"
    odd.mkdir()
    (odd / "a.mp4").write_bytes(b"text")
    data, workspace = (odd, plain) if which == "corpus folder" else (odd, odd)
    outcome = affectflow("rebuild", "-r", "demo", "--corpus", "folder", "-d", data, "-w", workspace)
    assert outcome.code == 1
    assert outcome.err.startswith(f"Error: {which} {tmp_path}/\\udcff has a name that is no UTF-8")
    assert "rename the folder" in outcome.err
