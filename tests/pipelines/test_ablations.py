"""The rows of paper 0's Table III, and a run of one of them."""

from __future__ import annotations

import json

import pytest

from affectflow.errors import InputError
from pipelines.ablations import (
    ABLATIONS,
    Ablation,
    AblationResult,
    Figures,
    as_markdown,
    chosen,
    row_of,
)
from pipelines.recipe import load_recipe, override
from pipelines.summary import ReleaseSummary


def summary(outputs: dict[str, dict], blessed: bool = True) -> ReleaseSummary:
    stage = {
        "outputs": outputs, "ccc_mean": 0.25, "ccc_mean_low": 0.125, "ccc_mean_high": 0.375,
    }  # fmt: skip
    return ReleaseSummary(
        metrics={"stages": {"cnn": {}, "rnn": stage}}, blessed=blessed, release=None, refusal=None,
        best_epochs={"cnn": 3, "rnn": 5}, unchanged=False, reused=[],
    )  # fmt: skip


def test_every_row_is_a_setting_of_the_recipe():
    recipe = load_recipe("affwild2")
    for row in ABLATIONS:
        override(recipe, [f"sampler.subset={row.subset}", *row.settings])
    assert len({row.name for row in ABLATIONS}) == len(ABLATIONS)
    # Table III, its last row: RMSE .45 and .29, CCC .23 and .39 in epoch 17.
    (best,) = (row for row in ABLATIONS if row.name == "gru3")
    assert best.paper == Figures(0.45, 0.29, 0.23, 0.39, 17)


def test_rows_are_chosen_by_name_in_the_table_s_order():
    assert chosen([]) == list(ABLATIONS)
    assert [row.name for row in chosen(["gru1", "all"])] == ["all", "gru1"]
    with pytest.raises(InputError, match="--only 'gru2' is not a row; there are all, subset1"):
        chosen(["gru2"])


def test_a_row_stands_beside_the_paper_s():
    (row,) = chosen(["gru3"])
    both = {
        "valence": {"rmse": 0.4, "ccc": 0.2},
        "arousal": {"rmse": 0.3, "ccc": None},
    }
    result = AblationResult.of(row, summary(both))
    assert row_of(result) == {
        "method": "CNN + GRU, 3 layers", "rmse_valence": "0.400 (0.45)",
        "rmse_arousal": "0.300 (0.29)", "ccc_valence": "0.200 (0.23)",
        "ccc_arousal": "- (0.39)", "epoch": "5 (17)", "mean": "0.250",
        "interval": "0.125 to 0.375", "gate": "blessed",
    }  # fmt: skip
    assert json.loads(json.dumps(result.as_json()))["figures"]["epoch"] == 5


def test_a_label_that_is_not_predicted_has_no_figure():
    row = Ablation("a", "arousal | only", "rnn")
    result = AblationResult.of(row, summary({"arousal": {"rmse": 0.3, "ccc": 0.5}}, False))
    cells = row_of(result)
    assert (cells["ccc_valence"], cells["ccc_arousal"]) == ("-", "0.500")
    assert cells["gate"] == "refused"
    *_, line = as_markdown([result]).splitlines()
    assert line.endswith("| 5 | 0.250 | 0.125 to 0.375 | refused |")


@pytest.mark.slow
def test_a_row_end_to_end(affectflow, corpus, tmp_path):
    done = affectflow(
        "ablations", "-r", "demo", "-d", corpus, "-w", tmp_path / "ws", "--only", "arousal",
        "--set", "cnn.epochs=1", "--set", "rnn.epochs=1", "--set", "rnn.window=10",
        "--set", "gate.bootstrap=50", "--set", "sampler.rule=cap",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert "CNN + GRU, arousal only" in done.out
    (row,) = json.loads((tmp_path / "ws/ablations.json").read_text())["rows"]
    assert row["figures"]["ccc_valence"] is None
    assert -1 <= row["figures"]["ccc_arousal"] <= 1
    assert row["figures"]["epoch"] == 1
    assert "arousal only" in (tmp_path / "ws/ablations.md").read_text()
