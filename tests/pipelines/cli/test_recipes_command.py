def test_recipes_are_listed(affectflow):
    shown = affectflow("recipes")
    assert shown.code == 0
    names = [line.split()[0] for line in shown.out.splitlines() if line[:1].strip()]
    assert {"recipe", "affwild2", "demo"} <= set(names)
    assert "mean CCC" in " ".join(shown.out.split())


def test_a_recipe_is_shown_with_every_setting(affectflow):
    from pipelines.recipe import load_recipe

    shown = affectflow("recipes", "demo")
    assert shown.code == 0
    assert shown.out.startswith("The rendered corpus end to end")
    lines = shown.out.splitlines()
    for group, settings in load_recipe("demo").groups().items():
        for field, value in vars(settings).items():
            # As --set takes it.
            (row,) = (line for line in lines if line.startswith(f"{group}.{field}="))
            assert row.startswith(f"{group}.{field}={value}  ")
    (cell,) = (line for line in lines if line.startswith("rnn.cell="))
    assert "gru3, gru1, simple1" in cell
    (size,) = (line for line in lines if line.startswith("cnn.image_size="))
    assert "from 32 to 512, a multiple of 8" in size
    assert lines[lines.index(size) + 1].strip() == "height and width of the image; a multiple of 8"


def test_a_recipe_that_is_not_there(affectflow):
    refused = affectflow("recipes", "dmo")
    assert refused.code == 1
    assert "recipe 'dmo' is not one of adfes, afew, affwild2, ckplus," in refused.err
