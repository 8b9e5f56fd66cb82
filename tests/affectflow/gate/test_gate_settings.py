import pytest

from affectflow.errors import InputError
from affectflow.gate import GateSettings


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("stage", "gru"),
        ("stages", "rnn,cnn,mlp"),
        ("outputs", "dominance"),
        ("min_ccc_mean", 1.5),
        ("min_ccc_valence", float("nan")),
        ("min_ccc_arousal", -1.01),
        ("margin", -0.1),
        ("margin", float("inf")),
        ("bootstrap", 0),
        ("seed", -1),
    ],
)
def test_a_value_out_of_range_is_named_with_what_would_do(field, value):
    with pytest.raises(InputError, match=rf"gate\.{field} is .*would do"):
        GateSettings(**{field: value})


def test_the_judged_stage_must_be_measured():
    with pytest.raises(InputError, match=r"gate\.stage is 'rnn', which gate\.stages='cnn'"):
        GateSettings(stages="cnn")
    assert GateSettings(stage="cnn", stages="cnn").stage_names == ("cnn",)


def test_names_follow_the_choices():
    settings = GateSettings(outputs="arousal", min_ccc_arousal=0.3)
    assert settings.stage_names == ("cnn", "rnn")
    assert settings.output_names == ("arousal",)
    assert settings.minimum("arousal") == 0.3
    assert GateSettings().output_names == ("valence", "arousal")
