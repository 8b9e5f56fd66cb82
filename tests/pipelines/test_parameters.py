import dataclasses

import pytest

from affectflow.errors import InputError
from pipelines.parameters import GROUPS, Parameter, apply, checked_values, parameters_of
from pipelines.recipe import SHORT_NAMES, all_recipes, load_recipe

RECIPE = load_recipe("demo")


def by_name(kind):
    return {parameter.name: parameter for parameter in parameters_of(RECIPE, kind)}


@pytest.mark.parametrize("recipe", all_recipes())
@pytest.mark.parametrize("kind", GROUPS)
def test_every_setting_of_the_pipeline_is_a_parameter(recipe, kind):
    names = {p.name for p in parameters_of(load_recipe(recipe), kind)}
    groups = load_recipe(recipe).groups()
    shortened = {
        target: short
        for short, targets in SHORT_NAMES.items()
        if targets[0].partition(".")[0] in groups
        for target in targets
    }
    for group in groups.keys() & set(GROUPS[kind]):
        for field in dataclasses.fields(groups[group]):
            setting = f"{group}.{field.name}"
            if setting in ("cnn.image_size", "classifier.image_size"):  # its rebuild's
                continue
            assert shortened.get(setting, setting) in names


@pytest.mark.parametrize("kind", GROUPS)
def test_defaults_are_the_recipes_and_change_nothing(kind):
    parameters = parameters_of(RECIPE, kind)
    values = {p.name: p.default for p in parameters}
    assert apply(RECIPE, values, kind) == RECIPE


def test_the_few_that_everyone_uses_come_first():
    assert [p.name for p in parameters_of(RECIPE, "release") if not p.section] == [
        "rebuild_run", "subset", "start_from", "fail_on_refusal", "rnn", "outputs", "seed",
    ]  # fmt: skip
    assert [p.name for p in parameters_of(RECIPE, "rebuild") if not p.section] == [
        "data", "corpus", "retry_rejects", "subset", "image_size", "seed",
    ]  # fmt: skip


def test_each_is_described():
    for kind in GROUPS:
        for parameter in parameters_of(RECIPE, kind):
            assert len(parameter.description) > 3, parameter.name
            assert "\n" not in parameter.description


def test_types_choices_and_bounds_are_the_settings_own():
    release = by_name("release")
    assert release["rnn"].choices == ("gru3", "gru1", "simple1", "gru10", "gru10_10_5")
    assert release["cnn.epochs"].type == "integer"
    assert (release["cnn.epochs"].minimum, release["cnn.epochs"].maximum) == (1, None)
    assert release["cnn.learning_rate"].type == "number"
    assert release["fail_on_refusal"].type == "boolean"
    # Nothing said = the rebuild that is there, of whichever subset.
    assert release["subset"].default == ""
    # Nor does it start from anybody's weights.
    assert (release["start_from"].type, release["start_from"].default) == ("string", "")
    assert by_name("rebuild")["subset"].default == RECIPE.sampler.subset


def test_short_names_set_all_that_must_be_equal():
    values = {"outputs": "valence", "seed": 7, "rnn": "gru1", "cnn.epochs": 2}
    changed = apply(RECIPE, values, "release")
    assert {changed.cnn.outputs, changed.rnn.outputs, changed.gate.outputs} == {"valence"}
    assert {changed.cnn.seed, changed.rnn.seed, changed.gate.seed} == {7}
    assert (changed.rnn.cell, changed.cnn.epochs) == ("gru1", 2)
    assert apply(RECIPE, {"corpus": "folder"}, "rebuild").corpus == "folder"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"rn": "gru1"}, r"'rn' is not a parameter; did you mean rnn"),
        (
            {"rnn": "gru9"},
            r"parameter rnn is 'gru9'; one of 'gru3', 'gru1', 'simple1', 'gru10', 'gru10_10_",
        ),
        ({"cnn.epochs": "2"}, r"parameter cnn.epochs is '2'; a value of type integer would do"),
        ({"cnn.epochs": True}, r"parameter cnn.epochs is True"),
        ({"cnn.epochs": 0}, r"parameter cnn.epochs is 0; 1 or more would do"),
        ({"cnn.dropout": 2}, r"parameter cnn.dropout is 2.0; 0.0 to 0.95 would do"),
        (
            {"fail_on_refusal": 1},
            r"parameter fail_on_refusal is 1; a value of type boolean would do",
        ),
    ],
)
def test_what_will_not_do(given, message):
    with pytest.raises(InputError, match=message):
        checked_values(parameters_of(RECIPE, "release"), given)


def test_a_rebuild_wants_its_data():
    with pytest.raises(InputError, match="parameter data is not given; the corpus's folder"):
        checked_values(parameters_of(RECIPE, "rebuild"), {})
    values = checked_values(parameters_of(RECIPE, "rebuild"), {"data": "/d", "faces.min_score": 1})
    assert values["data"] == "/d"
    assert isinstance(values["faces.min_score"], float)


def test_json_and_back():
    for parameter in parameters_of(RECIPE, "release"):
        assert Parameter.from_json(parameter.as_json()) == parameter
