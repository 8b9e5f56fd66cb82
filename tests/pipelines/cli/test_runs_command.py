import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bench.recorded import REBUILD, Execution, Recorder
from bench.recorded_runs import rebuild, release
from pipelines.cli.terminal import cell, duration
from pipelines.visible import visible

PROJECT = Path(__file__).resolve().parents[3]


@pytest.fixture
def recorder(tmp_path, monkeypatch):
    monkeypatch.delenv("AFFECTFLOW_METADATA", raising=False)
    monkeypatch.setenv("TZ", "UTC")
    return Recorder(tmp_path / "ws")


@pytest.fixture
def workspace(recorder):
    """A rebuild, a release, a refusal, and a rebuild that failed."""
    rebuilt = rebuild(recorder, "demo_rebuild.r1")
    release(recorder, "demo_release.r2", rebuilt, number=1, ccc=0.5)
    release(recorder, "demo_release.r3", rebuilt, ccc=0.2, compared_with=1,
            settings={"rnn": {"cell": "gru1"}})  # fmt: skip
    rebuild(recorder, "demo_rebuild.r4", nodes=REBUILD[:2], last_state=Execution.FAILED)
    return recorder.workspace.root


EQUAL = {
    "clips": {"train": 9, "eval": 4}, "repeated": {"train": 0, "eval": 0},
    "shared": {"train": 1, "eval": 2}, "relabelled": 0, "dropped": 0, "examples": {},
}  # fmt: skip
BESIDE = "2 of the 4 clips for evaluation are equal to training clips"


def change_clips(run, **clips):
    """Has the account of a rebuild's clips say something else."""
    counts = Path(run.uri("DensitySampler/balanced_counts"), "counts.json")
    values = json.loads(counts.read_text())
    values["clips"] |= clips
    counts.write_text(json.dumps(values))


@pytest.fixture
def runs(affectflow, workspace):
    """runs("list", ...): the command in that workspace; what it printed."""

    def run(*arguments):
        done = affectflow("runs", arguments[0], "-w", workspace, *arguments[1:])
        assert done.code == 0, done.err
        return done.out

    return run


def test_a_list_for_people(runs):
    head, *lines = runs("list").splitlines()
    assert head.split() == ["state", "began", "took", "corpus", "frames", "score", "outcome", "run"]
    assert [line.split()[-1] for line in lines] == [
        "demo_rebuild.r4", "demo_release.r3", "demo_release.r2", "demo_rebuild.r1",
    ]  # fmt: skip
    assert re.fullmatch(
        r"complete  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d  +\d\.\d s  c0c0c0c0c0c0     140"
        r"  CCC 0\.500  release 1  demo_release\.r2",
        lines[2],
    )
    assert "refused" in lines[1]
    assert lines[0].startswith("failed")


def test_filters_and_limit(runs):
    assert len(runs("list", "--limit", 2).splitlines()) == 4
    assert "the newest 2; --limit shows more" in runs("list", "-n", 2)
    assert len(runs("list", "--state", "failed").splitlines()) == 2
    assert "no such run" in runs("list", "--recipe", "other")
    assert len(json.loads(runs("list", "--json", "--recipe", "demo", "-n", 0))["runs"]) == 4


def test_json_is_json_and_nothing_else(runs):
    for arguments in (
        ["list"], ["show", "latest"], ["compare", "demo_release.r2", "demo_release.r3"],
        ["lineage", "1"],
    ):  # fmt: skip
        values = json.loads(runs(*arguments, "--json"))
        assert values["format"] == 1
    assert json.loads(runs("list", "--json"))["runs"][0]["started"].endswith("+00:00")


def test_a_run_for_people(runs):
    out = runs("show", "demo_release.r3")
    assert out.startswith("demo_release.r3  complete\n")
    row = next(line for line in out.splitlines() if line.startswith("Pusher"))
    assert row.split()[:2] == ["Pusher", "skipped"]
    row = next(line for line in out.splitlines() if line.startswith("Frames "))
    assert row.split()[1] == "imported"
    assert row.endswith("of demo_rebuild.r1")
    assert "gate  refused" in out
    assert "rnn CCC 0.200 (0.100 to 0.300), 30 frames" in out
    assert "  rnn mean CCC 0.2000 is below min_ccc_mean 0.4000" in out
    assert "rebuild     demo_rebuild.r1" in out
    assert re.search(r"kept +110 +30", out)
    assert re.search(r"tensorflow +2\.16\.2", out)
    assert "rnn.cell" not in out
    assert re.search(r"rnn\.cell +gru1", runs("show", "demo_release.r3", "--settings"))


def test_rejects_equal_clips_and_remarks_of_a_run(affectflow, recorder):
    run = rebuild(recorder, "demo_rebuild.r1")
    release(recorder, "demo_release.r2", run, number=1)
    rows = [{"video_id": f"v{n}", "cause": "no_face", "detail": f"/v{n}: none"} for n in range(30)]
    rejects = Path(run.uri("VideoExampleGen/rejects"), "rejects.jsonl")
    rejects.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    change_clips(run, remarks=["labels.csv names 2 videos that are not there"], duplicates=EQUAL)
    where = ("-w", recorder.workspace.root)
    out = affectflow("runs", "show", "demo_rebuild.r1", *where).out
    assert "rejected    30 clips: no face was found in any frame, such as v0: /v0: none\n" in out
    assert "equal clips 1 of 9 training clips show what 2 of 4 clips for evaluation show" in out
    assert "note        labels.csv names 2 videos that are not there\n" in out
    assert BESIDE in affectflow("runs", "show", "demo_release.r2", *where).out


def test_equal_clips_are_told_beside_every_score(affectflow, recorder):
    def runs(*arguments):
        return affectflow("runs", *arguments, "-w", recorder.workspace.root).out

    # r2's data has equal clips, of r4's nothing is said, and r6's training clips are left out.
    for number, (name, equal) in enumerate(
        (("r1", EQUAL), ("r3", None), ("r5", EQUAL | {"dropped": 1})), start=1
    ):
        run = rebuild(recorder, f"demo_rebuild.{name}")
        if equal:
            change_clips(run, duplicates=equal)
        release(recorder, f"demo_release.r{2 * number}", run, number=number)

    lines = runs("list").splitlines()
    assert [line.split()[-1] for line in lines if "0.500*" in line] == ["demo_release.r2"]
    assert lines[-1].startswith("* some clips for evaluation are equal to training clips")
    assert sum(" 0.500 " in line for line in lines) == 2
    assert "*" not in runs("list", "--limit", "2")
    told = {
        run["run_id"]: run["beside_score"] for run in json.loads(runs("list", "--json"))["runs"]
    }
    assert told["demo_release.r2"] == BESIDE
    assert told["demo_release.r4"] == told["demo_release.r6"] == ""

    assert f"rnn CCC 0.500 (0.400 to 0.600)\n            {BESIDE}\n" in runs("lineage", "1")
    assert json.loads(runs("lineage", "1", "--json"))["beside_score"] == BESIDE
    assert BESIDE not in runs("lineage", "2")

    out = runs("compare", "demo_release.r4", "demo_release.r2")
    assert re.search(r"^ +metrics +A +B\* +B less A$", out, re.M)
    assert f"* B: {BESIDE}\n" in out
    values = json.loads(runs("compare", "demo_release.r4", "demo_release.r2", "--json"))
    assert values["beside_scores"] == ["", BESIDE]
    # A rebuild has no score.
    assert "*" not in runs("compare", "demo_rebuild.r1", "demo_rebuild.r3")


def test_a_failed_run_shows_what_did_not_begin(runs):
    out = runs("show", "demo_rebuild.r4")
    assert re.search(r"VideoExampleGen +failed", out)
    assert re.search(r"Transform +not begun", out)


def test_two_runs_for_people(runs):
    out = runs("compare", "demo_release.r2", "demo_release.r3")
    assert "A  demo_release.r2\nB  demo_release.r3\n" in out
    assert re.search(r"^≠ +rnn\.cell +gru3 +gru1$", out, re.M)
    assert re.search(r"^≠ +rnn\.ccc_mean +0\.5000 +0\.2000 +-0\.3000$", out, re.M)
    assert re.search(r"^ +corpus digest +c0c0c0c0c0c0 +c0c0c0c0c0c0$", out, re.M)
    assert "cnn.epochs" not in out
    assert "4 versions are equal; --all shows them" in out
    assert re.search(r"^ +cnn\.epochs +6 +6$", runs(*out_args("--all")), re.M)


def out_args(*more):
    return ["compare", "demo_release.r2", "demo_release.r3", *more]


def test_a_lineage_for_people(runs):
    out = runs("lineage", "1")
    assert re.match(r"release 1  .*/releases/0001\n", out)
    assert "by CnnTrainer of demo_release.r2" in out
    assert "3 clips of 3 files" in out
    assert "/data/corpus/video2.mp4" in out
    assert re.search(r"demo_release\.r3 +compared with this release +complete +refused", out)


def test_many_videos_are_not_all_shown(affectflow, recorder):
    rebuilt = rebuild(recorder, "demo_rebuild.r1", videos=30)
    release(recorder, "demo_release.r2", rebuilt, number=1)
    where = ("lineage", "1", "-w", recorder.workspace.root)
    few = affectflow("runs", *where).out
    assert few.count(".mp4") == 10
    assert "… and 20 more; --all shows them" in few
    assert affectflow("runs", *where, "--all").out.count(".mp4") == 30
    values = json.loads(affectflow("runs", *where, "--json").out)
    assert (len(values["videos"]), values["videos_total"]) == (10, 30)


def test_what_is_gone_or_damaged_is_said_below(runs, workspace):
    shutil.rmtree(workspace / "artifacts")
    (workspace / "runs/demo_rebuild.r1/run.json").write_text("{")
    out = runs("list")
    lines = out.splitlines()
    assert "release 1, files deleted" in lines[3]
    assert "file damaged" in lines[4]
    assert "runs/demo_rebuild.r1/run.json is damaged" in out.replace("\n", " ")
    assert "files deleted" in runs("show", "demo_release.r2")
    assert "files deleted" in runs("lineage", "1")


def test_nothing_from_a_file_moves_the_cursor(affectflow, recorder):
    name = "demo_release.\x1b[2J\x1b]0;x\x07[red]\u202e\n"
    rebuilt = rebuild(recorder, "demo_rebuild.r1")
    release(recorder, name, rebuilt, number=1)
    manifest = Path(rebuilt.uri("VideoExampleGen/examples"), "manifest.json")
    manifest.write_text(manifest.read_text().replace("video1.mp4", r"\u001b[31m\udcff[bold]"))
    path = recorder.workspace.run("demo_rebuild.r1") / "run.json"
    path.write_text(path.read_text().replace("/data/corpus", r"/data/\u001b]0;[link=x]\u0007"))
    for arguments in (
        ["list"], ["show", "demo_release"], ["show", "demo_rebuild"], ["lineage", "1"],
        ["compare", "demo_rebuild", "demo_release"],
    ):  # fmt: skip
        done = affectflow("runs", *arguments, "-w", recorder.workspace.root)
        assert done.code == 0, done.err
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\x9b\u202e\udc80-\udcff]", done.out)
    out = affectflow("runs", "list", "-w", recorder.workspace.root).out
    assert r"demo_release.\x1b[2J\x1b]0;x\x07[red]\u202e\n" in out
    out = affectflow("runs", "lineage", "1", "-w", recorder.workspace.root).out
    assert r"\x1b[31m\udcff[bold]" in out
    refused = affectflow("runs", "show", "\x1b[31m", "-w", recorder.workspace.root)
    assert refused.code == 1
    assert "\x1b" not in refused.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "nothing"], "there is no run 'nothing'; demo_rebuild.r4"),
        (["show", "demo"], "is the beginning of 4 runs"),
        (["compare", "latest", "nothing"], "there is no run 'nothing'"),
        (["lineage", "9"], "holds 0001"),
        (["list", "--state", "done"], "running, complete, failed, interrupted would do"),
        (["list", "--metadata", "postgresql://u:SECRET@"], "would do"),
    ],
)
def test_bad_input_is_told_what_would_do(affectflow, workspace, arguments, said):
    done = affectflow("runs", *arguments, "-w", workspace)
    assert done.code == 1
    assert said in done.err.replace("\n", "")
    assert done.out == ""
    assert "SECRET" not in done.err


def test_a_folder_without_runs(affectflow, tmp_path):
    done = affectflow("runs", "list", "-w", tmp_path / "none")
    assert done.code == 1
    assert "holds no runs" in done.err
    assert not (tmp_path / "none").exists()


def test_the_store_is_named_by_option_or_environment(affectflow, recorder, tmp_path, monkeypatch):
    rebuild(recorder, "demo_rebuild.r1")
    elsewhere = tmp_path / "m.sqlite"
    shutil.move(recorder.workspace.metadata, elsewhere)
    where = ("runs", "show", "latest", "--json", "-w", recorder.workspace.root)
    assert json.loads(affectflow(*where).out)["facts"]["state"] == "interrupted"
    named = affectflow(*where, "--metadata", f"sqlite:///{elsewhere}").out
    assert json.loads(named)["facts"]["state"] == "complete"
    monkeypatch.setenv("AFFECTFLOW_METADATA", f"sqlite:///{elsewhere}")
    assert json.loads(affectflow(*where).out)["facts"]["state"] == "complete"


@pytest.mark.parametrize("command", ["list", "show", "compare", "lineage"])
def test_every_command_explains_itself(affectflow, command):
    shown = affectflow("runs", command, "--help")
    assert shown.code == 0
    for option in ("--workspace", "--metadata", "--json"):
        assert option in shown.out
    assert max(map(len, shown.out.splitlines())) <= 100


def test_the_command_imports_neither_tfx_nor_tensorflow(workspace):
    code = (
        "import sys; from pipelines.cli import app\n"
        f"try: app(['runs', 'show', 'latest', '-w', {str(workspace)!r}])\n"
        "except SystemExit as end: print(end.code)\n"
        "print([m for m in ('tfx', 'tensorflow', 'apache_beam', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True)
    assert done.stdout.splitlines()[-2:] == ["0", "[]"], done.stderr


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "-"), (0, "0.0 s"), (59.94, "59.9 s"), (59.96, "1 min 00 s"), (187, "3 min 07 s"),
        (7500, "2 h 05 min"), (90000, "1 d 01 h"), (-1, "0.0 s"),
    ],
)  # fmt: skip
def test_durations(seconds, said):
    assert duration(seconds) == said


def test_texts_are_shown_as_they_are_but_for_what_cannot_be_seen():
    assert visible("Zoë 日本 [x] \\") == "Zoë 日本 [x] \\"
    assert visible("a\x1b\x7f\x9b\u2028\u2066\udcff\t") == r"a\x1b\x7f\x9b\u2028\u2066\udcff\t"
    assert cell("[bold]x[/]").plain == "[bold]x[/]"
