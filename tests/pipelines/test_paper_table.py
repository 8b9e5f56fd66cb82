"""The papers' tables: rows, figures out of a finished run, and the table as text."""

from __future__ import annotations

import importlib
import json
from dataclasses import replace

import pytest

from affectflow.corpora.duplicates import Duplicates
from affectflow.errors import InputError
from pipelines.paper_table import (
    PaperTable,
    Rendered,
    Row,
    RowResult,
    as_markdown,
    cells,
    figures_of,
    has_table,
    in_words,
    row_settings,
    table_of,
)
from pipelines.recipe import all_recipes, load_recipe, override
from pipelines.reproduction import Reproduction, as_report, ordered
from pipelines.summary import ReleaseSummary

NOTHING = Rendered(corpus=None)  # type: ignore[arg-type]
TABLE = PaperTable(
    "Table 1", {"accuracy": "accuracy", "ccc_mean": "CCC", "epoch": "epoch"},
    (Row("a", "first", paper={"accuracy": 0.5}), Row("b", "second", starts=True)),
    NOTHING, NOTHING,
)  # fmt: skip


def summary(stage: dict, name: str = "classifier", losses=None, corpora=()) -> ReleaseSummary:
    return ReleaseSummary(
        metrics={"stages": {name: stage}, "corpora": list(corpora)}, blessed=True,
        release="/r/0001",
        refusal=None, best_epochs={name: 3}, losses=losses or {}, unchanged=False,
        reused=[],
    )  # fmt: skip


def of_classes(accuracy: float, **tasks) -> dict:
    score = {
        "accuracy": accuracy, "low": 0.1, "high": 0.9, "macro_precision": 0.2, "macro_recall": 0.3,
        "pn_accuracy": None,
    }  # fmt: skip
    return {"outputs": {}, "classes": {"expression": score, **tasks}}


@pytest.mark.parametrize("name", [n for n, r in all_recipes().items() if has_table(r)])
def test_every_row_is_a_setting_of_its_recipe(name):
    recipe = load_recipe(name)
    table = table_of(recipe)
    assert len({row.name for row in table.rows}) == len(table.rows)
    for row in table.rows:
        assert set(row.paper) <= set(table.columns)
        for rendered in (table.small, table.large):
            row_settings(recipe, table, row, rendered.settings, rendered.shortens)
    for rendered in (table.small, table.large):
        judged = table.judged(rendered)
        assert judged in {row.name for row in table.chosen(rendered.rows)}


@pytest.mark.parametrize("name", [n for n, r in all_recipes().items() if has_table(r)])
def test_a_recipe_states_what_it_must_reach(name):
    docstring = importlib.import_module(f"pipelines.recipes.{name}").__doc__
    stated = docstring[docstring.index("``make recipes``") :]
    bounds = table_of(load_recipe(name)).large.bounds
    assert bounds
    for bound in bounds.values():
        assert f"{bound:.2f}".lstrip("0") in stated


def test_a_recipe_without_a_table_says_so():
    assert not has_table(load_recipe("demo"))
    with pytest.raises(InputError, match="recipe 'demo' has no table"):
        table_of(load_recipe("demo"))


def test_paper_0_s_best_row():
    (best,) = table_of(load_recipe("affwild2")).chosen(["gru3"])
    # Table III, its last row: RMSE .45 and .29, CCC .23 and .39 in epoch 17.
    assert best.paper == {
        "rmse_valence": 0.45, "rmse_arousal": 0.29, "ccc_valence": 0.23, "ccc_arousal": 0.39,
        "epoch": 17,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["ckplus", "ckplus48"])
def test_paper_0_s_figure_of_ckplus_stands_beside_its_protocol(name):
    # Its notebook keeps people together, tests a tenth, and picks the epoch on the tested images.
    recipe = load_recipe(name)
    (row,) = [row for row in table_of(recipe).rows if row.paper]
    assert 0.95 in row.paper.values()
    as_run = override(recipe, row.settings)
    assert as_run.listing.split_by == "subject"
    assert as_run.listing.eval_fraction == pytest.approx(0.1)
    assert as_run.classifier.tune_fraction == 0
    # Its bounds are of the row whose tested people chose nothing.
    judged = table_of(recipe).judged(table_of(recipe).large)
    (judged,) = table_of(recipe).chosen([judged])
    assert override(recipe, judged.settings).classifier.tune_fraction > 0


def test_rows_are_chosen_by_name_in_the_table_s_order():
    assert [row.name for row in TABLE.chosen(["b", "a"])] == ["a", "b"]
    assert TABLE.chosen([]) == list(TABLE.rows)
    with pytest.raises(InputError, match="--only 'c' is not a row; there are a, b"):
        TABLE.chosen(["c"])


def test_figures_of_a_model_of_the_plane():
    stage = {
        "outputs": {"valence": {"ccc": 0.2, "rmse": 0.4}}, "ccc_mean": 0.2, "ccc_mean_low": 0.1,
        "ccc_mean_high": 0.3,
    }  # fmt: skip
    assert figures_of(summary(stage, "rnn"), "rnn") == {
        "ccc_valence": 0.2, "rmse_valence": 0.4, "ccc_mean": 0.2, "low": 0.1, "high": 0.3,
        "epoch": 3,
    }  # fmt: skip


def test_figures_of_a_classifier():
    corpora = [{"name": "jaffe", "classes": {"classifier": {"expression": {"accuracy": 0.25}}}}]
    stage = of_classes(0.5, gender={"accuracy": 0.75})
    losses = {"expression": 1.5, "gender": 0.5}
    found = figures_of(summary(stage, losses=losses, corpora=corpora), "classifier")
    assert found["accuracy"] == 0.5
    assert found["gender_accuracy"] == 0.75
    assert found["accuracy_jaffe"] == 0.25
    assert (found["expression_loss"], found["gender_loss"]) == (1.5, 0.5)
    # A task of which nobody evaluated has a class.
    assert (
        figures_of(summary(stage, losses={"gender": 0.5}), "classifier")["expression_loss"] is None
    )


def test_a_row_stands_beside_the_paper_s():
    row = TABLE.rows[0]
    once = RowResult.of(row, [summary(of_classes(0.4))], "classifier")
    assert cells(once, TABLE) == ["first", "0.400 (0.5)", "-", "3", "blessed"]
    # Mean .45 of .4 and .5, quartiles .425 and .475.
    twice = RowResult.of(
        row, [summary(of_classes(0.4)), replace(summary(of_classes(0.5)), blessed=False)],
        "classifier",
    )  # fmt: skip
    assert cells(twice, TABLE)[1] == "0.450 ± 0.050 (0.5)"
    assert cells(twice, TABLE)[-1] == "1 of 2 blessed"
    assert json.loads(json.dumps(twice.as_json()))["figures"]["accuracy"] == [0.4, 0.5]
    assert as_markdown([once], TABLE).splitlines()[-1] == (
        "| first | 0.400 (0.5) | - | 3 | blessed |"
    )


def test_equal_clips_are_said_below_the_table():
    found = Duplicates(
        {"train": 9, "eval": 4}, {"train": 0, "eval": 0}, {"train": 1, "eval": 2}, relabelled=0
    )
    told = [replace(summary(of_classes(0.4)), duplicates=found)]
    rows = [RowResult.of(row, told, "classifier") for row in TABLE.rows]
    text = as_markdown(rows, TABLE)
    assert text.count("Note: 2 of the 4 clips for evaluation are equal to training clips.") == 1
    assert RowResult.from_json(json.loads(json.dumps(rows[0].as_json())), TABLE) == rows[0]


def test_a_figure_that_one_run_lacks_is_none_of_the_row():
    row = TABLE.rows[0]
    lacking = RowResult(row, {"accuracy": [0.4, None]}, [True, False])
    assert lacking.mean("accuracy") is None


def test_a_skipped_row_says_why():
    skipped = RowResult(TABLE.rows[1], skipped="needs --start-from")
    assert cells(skipped, TABLE) == ["second", "", "", "", "needs --start-from"]


def test_bounds_are_of_the_judged_row():
    rendered = replace(NOTHING, judged="b", bounds={"accuracy": 0.45})
    results = [
        RowResult(TABLE.rows[0], {"accuracy": [0.1]}, [False]),
        RowResult(TABLE.rows[1], {"accuracy": [0.5]}, [True], "/r/0002"),
    ]
    found = Reproduction("x", TABLE, rendered, results, 60.0)
    assert found.reached
    assert found.outcome == ["second: accuracy 0.500 reaches 0.45"]
    assert found.release == "/r/0002"
    missed = replace(found, rendered=replace(rendered, judged="a"))
    assert not missed.reached
    assert missed.outcome == ["first: accuracy 0.100 is below 0.45", "first: the gate refused it"]


def test_a_model_that_the_gate_refused_reaches_nothing():
    rendered = replace(NOTHING, judged="b", bounds={"accuracy": 0.45})
    twice = RowResult(TABLE.rows[1], {"accuracy": [0.5, 0.6]}, [True, False])
    found = Reproduction("x", TABLE, rendered, [twice], 60.0)
    assert not found.reached
    assert found.outcome == [
        "second: accuracy 0.550 reaches 0.45", "second: the gate refused it 1 of 2 times",
    ]  # fmt: skip


CREMAD = load_recipe("cremad")
(FIFTY,) = table_of(CREMAD).chosen(["6_50_0.0001"])


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        (
            ["classifier.epochs=30"],
            "classifier.epochs=30: row '6_50_0.0001' is that of classifier.epochs=50",
        ),
        (["gate.bootstrap=9", "classifier.layers=7"], "is that of classifier.layers=6"),
    ],
)
def test_what_a_row_sets_itself_cannot_be_set_for_all(settings, named):
    with pytest.raises(InputError, match=named):
        row_settings(CREMAD, table_of(CREMAD), FIFTY, settings)


def test_a_short_name_sets_what_the_row_sets_by_its_long_one():
    row = Row("a", "a", ("rnn=gru1", "seed=3"))
    recipe = load_recipe("affwild2")
    table = replace(TABLE, rows=[row])
    for assignment in ("rnn.cell=simple1", "cnn.seed=1"):
        with pytest.raises(InputError, match=f"{assignment}: row 'a' is that of "):
            row_settings(recipe, table, row, [assignment])
    # The same value is no contradiction, and other settings are the caller's.
    for assignment in ("rnn.cell=gru1", "cnn.epochs=2"):
        assert row_settings(recipe, table, row, [assignment]) == [*row.settings, assignment]


@pytest.mark.parametrize(
    ("recipe", "row", "assignment"),
    [
        # Each row has this from its recipe; another row of the table, or its name, says otherwise.
        ("affwild2", "subset3", "subset=all"),
        ("ckplus", "subject", "listing.split_by=image"),
        ("ckplus", "subject", "classifier.tune_fraction=0"),
        ("adfes", "rnn10", "rnn=gru10_10_5"),
        ("rafdb", "multi", "tasks=expression"),
        ("afew", "both", "classifier.network=cnn"),
    ],
)
def test_what_a_row_has_from_its_recipe_is_its_own_where_rows_differ(recipe, row, assignment):
    recipe = load_recipe(recipe)
    table = table_of(recipe)
    (row,) = table.chosen([row])
    with pytest.raises(InputError, match=f"{assignment}: row '{row.name}' is that of "):
        row_settings(recipe, table, row, [assignment])


def test_what_the_rendered_table_shortens_holds_and_is_told():
    settings = row_settings(
        CREMAD, table_of(CREMAD), FIFTY, ["classifier.epochs=30"], ["classifier.epochs"]
    )
    assert override(CREMAD, settings).classifier.epochs == 30
    assert in_words(FIFTY, settings) == (
        "classifier.layers=6", "classifier.epochs=30 instead of 50",
        "classifier.learning_rate=0.0001",
    )  # fmt: skip


def test_each_row_says_what_it_ran_with():
    results = [
        RowResult(TABLE.rows[0], {"accuracy": [0.5]}, [True], ran=("gate.compare=none",)),
        RowResult(
            TABLE.rows[1], {"accuracy": [0.5]}, [True], ran=("rnn=gru1", "gate.compare=none")
        ),
    ]
    assert as_markdown(results, TABLE).splitlines()[4:] == [
        "", "Set beside the recipe:", "", "- all rows: `gate.compare=none`", "- second: `rnn=gru1`",
    ]  # fmt: skip


def test_what_others_start_from_comes_first():
    names = [recipe.name for recipe in ordered([load_recipe("fer2013"), load_recipe("rafdb")])]
    assert names == ["rafdb", "fer2013"]


def test_the_report_names_paper_corpus_and_bound():
    table = table_of(load_recipe("rafdb"))
    result = RowResult(table.rows[0], {"accuracy": [0.75]}, [True])
    bounds = replace(table.large, bounds={"accuracy": 0.5})
    text = as_report([Reproduction("rafdb", table, bounds, [result], 120.0)])
    assert "## rafdb" in text
    assert "0.750 (0.7926)" in text
    assert "(2 min). Four tasks: accuracy 0.750 reaches 0.5." in text


def test_a_reproduction_is_kept_for_later_reports(tmp_path):
    recipe = load_recipe("rafdb")
    table = table_of(recipe)
    result = RowResult(table.rows[0], {"accuracy": [0.75], "epoch": [3]}, [True], "/r/0001")
    found = Reproduction("rafdb", table, table.large, [result], 120.0)
    assert Reproduction.kept(tmp_path, recipe, small=False) is None
    found.keep(tmp_path)
    assert Reproduction.kept(tmp_path, recipe, small=False) == found
    # A run that was to run through only is no result.
    assert Reproduction.kept(tmp_path, recipe, small=True) is None
    text = (tmp_path / "reproduction.json").read_text()
    (tmp_path / "reproduction.json").write_text(text.replace('"multi"', '"gone"'))
    assert Reproduction.kept(tmp_path, recipe, small=False) is None
