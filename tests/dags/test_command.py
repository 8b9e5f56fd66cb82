"""The node runner's command line. Expected argv: the contract between the planes."""

from __future__ import annotations

import json
from pathlib import PurePosixPath

import pytest

from dags.command import NodeCommand, run_name

COMMAND = NodeCommand("/py", "/ws", "toy_rebuild", "Transform", "0123456789abcdef")


def test_the_command_line():
    argv = COMMAND.argv("toy_rebuild.r", {"data": "/x"}, PurePosixPath("/t/r.json"), 12)
    assert argv == [
        *("/py", "-m", "pipelines.run_node"),
        *("--pipeline", "toy_rebuild", "--node", "Transform", "--run-id", "toy_rebuild.r"),
        *("--parameters", '{"data": "/x"}'),
        *("--workspace", "/ws", "--code-version", "0123456789abcdef"),
        *("--result", "/t/r.json", "--parent-pid", "12"),
    ]


def test_beam_options_come_last_behind_two_dashes():
    command = NodeCommand("/py", "/ws", "p", "n", "v", ("--runner=FlinkRunner", "--a b"))
    argv = command.argv("p.r", {}, PurePosixPath("/r"))
    assert argv[-3:] == ["--", "--runner=FlinkRunner", "--a b"]
    assert "--parent-pid" not in argv


@pytest.mark.parametrize(
    "value", ["$(touch x)", "a\nb", "'\"\\", "\x00", "ß\ud800", "--node=Other"]
)
def test_any_text_is_one_element_and_comes_back_whole(value):
    argv = COMMAND.argv("p.r", {"data": value}, PurePosixPath("/r"))
    text = argv[argv.index("--parameters") + 1]
    assert json.loads(text) == {"data": value}
    assert "\x00" not in text
    assert len(argv) == len(COMMAND.argv("p.r", {}, PurePosixPath("/r")))


def test_what_is_no_json_number_is_refused():
    with pytest.raises(ValueError, match="not JSON compliant"):
        COMMAND.argv("p.r", {"data": float("nan")}, PurePosixPath("/r"))


def test_run_names_carry_the_pipeline():
    assert run_name("toy_rebuild", "manual__1") == "toy_rebuild.manual__1"
