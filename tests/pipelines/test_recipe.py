import dataclasses
import importlib

import pytest

from affectflow.errors import InputError
from affectflow.models.settings import CnnSettings
from pipelines.recipe import Recipe, all_recipes, load_recipe, override

RECIPE = Recipe(name="x", paper="", expect="", corpus="folder")


@pytest.mark.parametrize("name", ["affwild2", "demo"])
def test_every_recipe_says_what_it_is(name):
    recipe = load_recipe(name)
    docstring = importlib.import_module(f"pipelines.recipes.{name}").__doc__
    assert recipe.name == name
    assert f"affectflow {'demo' if name == 'demo' else f'table {name}'}" in docstring
    assert "CCC" in recipe.expect or "accuracy" in recipe.expect
    assert recipe.paper


def test_all_recipes_are_listed_by_name():
    assert sorted(all_recipes()) == [
        "adfes", "afew", "affwild2", "ckplus", "ckplus48", "cremad", "demo", "fer2013", "rafdb",
    ]  # fmt: skip
    with pytest.raises(InputError, match="recipe 'dmo' is not one of adfes, afew, affwild2, ckp"):
        load_recipe("dmo")


@pytest.mark.parametrize(
    ("assignment", "group", "field", "value"),
    [
        ("cnn.epochs=3", "cnn", "epochs", 3),
        ("cnn.learning_rate=1", "cnn", "learning_rate", 1.0),
        ("rnn.cell=gru1", "rnn", "cell", "gru1"),
        (" gate.min_ccc_mean = -0.5", "gate", "min_ccc_mean", -0.5),
        # The value may hold what separates key and value.
        ("listing.annotations=a=b.csv", "listing", "annotations", "a=b.csv"),
    ],
)
def test_a_value_takes_its_fields_type(assignment, group, field, value):
    changed = getattr(getattr(override(RECIPE, [assignment]), group), field)
    assert changed == value
    assert type(changed) is type(value)


def test_only_what_is_named_changes():
    changed = override(RECIPE, ["cnn.epochs=3", "cnn.batch_size=5", "cnn.epochs=4"])
    assert changed.cnn == dataclasses.replace(CnnSettings(), epochs=4, batch_size=5)
    assert dataclasses.replace(changed, cnn=RECIPE.cnn) == RECIPE


def test_seed_sets_every_seed():
    changed = override(RECIPE, ["seed=7"])
    seeds = {
        name: settings.seed
        for name, settings in changed.groups().items()
        if hasattr(settings, "seed")
    }
    # Those that draw: the split, the sampler, both trainings and the gate's bootstrap.
    assert seeds == dict.fromkeys(["listing", "sampler", "cnn", "rnn", "gate"], 7)
    assert override(changed, ["cnn.seed=1"]).cnn.seed == 1


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("cnn.epoch=3", "'cnn.epoch' is not a setting; did you mean cnn.epochs"),
        ("cell=gru1", "did you mean rnn.cell?"),
        ("epochs=3", "did you mean cnn.epochs or rnn.epochs?"),
        ("zzz=3", "groups are listing, faces, ingest, sampler, image, cnn, features, rnn"),
        ("cnn.epochs", "'cnn.epochs' is not of the form group.field=value"),
        ("cnn.epochs=many", "--set cnn.epochs=many: 'many' is not a whole number"),
        ("cnn.epochs=1.5", "'1.5' is not a whole number"),
        ("cnn.learning_rate=fast", "'fast' is not a number"),
        ("cnn.epochs=0", "cnn.epochs is 0; a whole number from 1 to 100000 would do"),
        ("rnn.cell=lstm", "cell is 'lstm'; gru3, gru1, simple1, gru10 or gru10_10_5 would do"),
        ("gate.min_ccc_mean=2", "gate.min_ccc_mean is 2.0; a number from -1.0 to 1.0 would do"),
        ("cnn.learning_rate=nan", "learning_rate is nan; a number from 1e-12 to 100.0 would do"),
        (
            "ingest.max_reject_share=1.5",
            "ingest.max_reject_share is 1.5; a number from 0.0 to 1.0 would do",
        ),
        ("image_size=1000000", "image_size is 1000000; a whole number from 32 to 512 would do"),
        ("seed=-1", "seed is -1; a whole number from 0 to 2147483647 would do"),
        ("image.image_size=64", "cnn.image_size is 96 but image.image_size is 64"),
        ("cnn.outputs=valence", "set all three to the same"),
    ],
)
def test_a_slip_is_told_what_would_do(assignment, message):
    with pytest.raises(InputError) as error:
        override(RECIPE, [assignment])
    assert message in str(error.value)


def test_fields_that_belong_together_change_together():
    changed = override(RECIPE, ["image.image_size=64", "cnn.image_size=64"])
    assert (changed.image.image_size, changed.cnn.image_size) == (64, 64)
    only = override(RECIPE, [f"{group}.outputs=arousal" for group in ("cnn", "rnn", "gate")])
    assert only.gate.output_names == ("arousal",)


def test_a_recipe_is_json_and_comes_back():
    import json

    text = json.dumps(override(RECIPE, ["cnn.epochs=3"]).as_json())
    assert json.loads(text)["cnn"]["epochs"] == 3
