"""A paper's table: what a caller may set, and how its rows stand to each other."""

from __future__ import annotations

import sys

import pytest

import pipelines.cli.table  # noqa: F401  (the package's name "table" is the command)
from pipelines.paper_table import table_of
from pipelines.recipe import load_recipe
from pipelines.summary import ReleaseSummary


def test_what_a_row_sets_itself_is_refused_before_anything_is_run(affectflow, tmp_path):
    refused = affectflow(
        "table", "cremad", "--data", tmp_path / "none", "--workspace", tmp_path / "ws",
        "--set", "classifier.epochs=30",
    )  # fmt: skip
    assert refused.code == 1
    assert "row '5_50_0.0001' is that of classifier.epochs=50" in refused.err
    assert "'affectflow release'" in refused.err
    assert not (tmp_path / "ws" / "runs").exists()


def test_a_seed_for_all_is_refused_where_a_row_is_run_by_several(affectflow, tmp_path):
    refused = affectflow(
        "table", "adfes", "--data", tmp_path / "none", "--workspace", tmp_path / "ws",
        "--set", "listing.seed=9", "--only", "rnn10_new",
    )  # fmt: skip
    assert refused.code == 1
    assert "listing.seed=9: row 'rnn10_new' is that of listing.seed=0" in refused.err


command = sys.modules["pipelines.cli.table"]


@pytest.fixture
def asked(monkeypatch):
    """What each run was set, in order; every run gives the same figures."""
    found = []

    def ran(workspace, recipe, settings, data, start_from, verbose):
        found.append(list(settings))
        score = {"accuracy": 0.5, "low": 0.4, "high": 0.6, "macro_precision": 0.5,
                 "macro_recall": 0.5, "pn_accuracy": None}  # fmt: skip
        stage = {"outputs": {}, "classes": {"expression": score}}
        return ReleaseSummary(
            {"stages": {"classifier": stage}, "corpora": []}, True, "r/0001", None,
            {"classifier": 1}, {}, False, [],
        )  # fmt: skip

    monkeypatch.setattr(command, "_run_row", ran)
    return found


def test_rows_are_not_gated_against_each_other_and_say_what_they_ran_with(asked, tmp_path, capsys):
    recipe = load_recipe("cremad")
    table = table_of(recipe)
    rows = table.chosen(["5_50_0.001", "6_50_0.001"])
    command.run_table(
        tmp_path, recipe, table, rows, tmp_path, table.large.settings, 2, "", False,
        table.large.shortens,
    )  # fmt: skip
    assert len(asked) == 4
    assert all("gate.compare=none" in settings for settings in asked)
    assert [settings[3] for settings in asked] == ["seed=0", "seed=1"] * 2
    told = capsys.readouterr().out
    assert "classifier.layers=5  classifier.epochs=30 instead of 50  " in told
    assert "seed=0 to 1" in told
    markdown = (tmp_path / "cremad.md").read_text()
    assert "- 6 layers, 50 epochs, rate 0.001: `classifier.layers=6`" in markdown
    assert "`classifier.epochs=30 instead of 50`" in markdown
