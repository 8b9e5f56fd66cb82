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


@pytest.mark.parametrize("recipe", all_recipes())
def test_each_is_described(recipe):
    for kind in GROUPS:
        for parameter in parameters_of(load_recipe(recipe), kind):
            assert len(parameter.schema["description"]) > 3, parameter.name
            assert "\n" not in parameter.schema["description"]


def test_types_choices_and_bounds_are_the_settings_own():
    release = by_name("release")
    assert release["rnn"].schema["enum"] == ["gru3", "gru1", "simple1", "gru10", "gru10_10_5"]
    assert release["cnn.epochs"].schema["type"] == "integer"
    assert (release["cnn.epochs"].schema["minimum"], release["cnn.epochs"].schema["maximum"]) == (
        1,
        100_000,
    )
    assert release["cnn.learning_rate"].schema["type"] == "number"
    assert release["fail_on_refusal"].schema["type"] == "boolean"
    # Nothing said = the rebuild that is there, of whichever subset.
    assert release["subset"].default == ""
    # Nor does it start from anybody's weights.
    assert (release["start_from"].schema["type"], release["start_from"].default) == ("string", "")
    assert by_name("rebuild")["subset"].default == RECIPE.sampler.subset


@pytest.mark.parametrize("recipe", all_recipes())
@pytest.mark.parametrize("kind", GROUPS)
def test_a_number_has_bounds_on_both_sides_and_its_default_within(recipe, kind):
    found = [
        p
        for p in parameters_of(load_recipe(recipe), kind)
        if p.schema["type"] in ("integer", "number")
    ]
    assert len(found) > 5
    for parameter in found:
        if "enum" not in parameter.schema:
            assert (
                parameter.schema["minimum"] <= parameter.default <= parameter.schema["maximum"]
            ), parameter.name
            assert parameter.checked(parameter.schema["maximum"]) == parameter.schema["maximum"]
        for beyond in (-1e12, 1e12):
            with pytest.raises(InputError, match=f"parameter {parameter.name} is "):
                parameter.checked(int(beyond) if parameter.schema["type"] == "integer" else beyond)


def test_a_short_name_has_the_bounds_that_all_of_its_settings_have():
    # ImageSettings takes 8 to 1024, CnnSettings 32 to 512 and multiples of 8.
    size = by_name("rebuild")["image_size"]
    assert (size.schema["minimum"], size.schema["maximum"], size.schema["multipleOf"]) == (
        32,
        512,
        8,
    )
    with pytest.raises(InputError, match="image_size is 1000000; a whole number from 32 to 512"):
        size.checked(1_000_000)
    with pytest.raises(
        InputError, match=r"image_size is 100; a multiple of 8 .*, such as 96 or 10"
    ):
        size.checked(100)


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
            r"parameter rnn is 'gru9'; gru3, gru1, simple1, gru10 or gru10_10_5 would do",
        ),
        ({"cnn.epochs": "2"}, r"parameter cnn.epochs is '2'; a whole number would do"),
        ({"cnn.epochs": True}, r"parameter cnn.epochs is True"),
        ({"cnn.epochs": 0}, r"parameter cnn.epochs is 0; a whole number from 1 to 100000 would"),
        ({"cnn.dropout": 2}, r"parameter cnn.dropout is 2.0; a number from 0.0 to 0.95 would do"),
        (
            {"fail_on_refusal": 1},
            r"parameter fail_on_refusal is 1; true or false would do",
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
