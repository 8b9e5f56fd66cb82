import pytest

from affectflow.corpora.classes import TASKS
from affectflow.emotions import EMOTIONS
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
        ("measure", "rmse"),
        ("tasks", "gender"),
        ("vote", 2),
        ("min_accuracy", 1.01),
        ("min_accuracy", float("nan")),
        ("expressions", "joy"),
        ("expressions", "joy,happy"),
        ("expressions", "joy,fear,joy"),
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


CLASSIFIER = {
    "stage": "classifier", "stages": "classifier", "outputs": "none", "measure": "accuracy",
    "tasks": "expression", "expressions": "joy,fear",
}  # fmt: skip
NEAREST = {"measure": "accuracy", "tasks": "expression", "expressions": "joy,fear", "vote": True}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({**NEAREST, "tasks": "none"}, r"gate\.tasks is 'none'.*expression or all would do"),
        ({**NEAREST, "expressions": ""}, r"gate\.expressions is ''; two or more"),
        ({"outputs": "none"}, r"gate\.outputs is 'none', which has no CCC"),
        ({**NEAREST, "outputs": "none"}, r"not what stage rnn predicts; one of both, valence"),
        ({**NEAREST, "outputs": "valence"}, "from which no expression follows.*both would do"),
        ({**NEAREST, "tasks": "all"}, "of stage rnn the expression alone follows"),
        ({**CLASSIFIER, "outputs": "both"}, "not what stage classifier predicts; none would do"),
        ({**CLASSIFIER, "measure": "ccc"}, "which has no CCC; gate.measure='accuracy' would do"),
        ({**CLASSIFIER, "stages": "cnn,rnn"}, "which gate.stages='cnn,rnn' does not measure"),
    ],
)
def test_what_is_judged_must_be_measured(settings, message):
    with pytest.raises(InputError, match=message):
        GateSettings(**settings)


def test_a_classifier_has_classes_and_no_outputs():
    settings = GateSettings(**{**CLASSIFIER, "tasks": "all", "vote": True})
    assert settings.output_names == ()
    assert settings.stage_names == ("classifier",)
    assert settings.class_names == {
        "expression": ("joy", "fear"),
        **{task: TASKS[task] for task in ("gender", "race", "age")},
    }
    assert settings.countable_names["age"] == TASKS["age"]


def test_emotions_that_are_not_measured_may_still_be_predicted():
    settings = GateSettings(**NEAREST)
    assert settings.class_names == {"expression": ("joy", "fear")}
    names = settings.countable_names["expression"]
    assert names[:2] == ("joy", "fear")
    assert sorted(names) == sorted(EMOTIONS)
    assert GateSettings().class_names == GateSettings().countable_names == {}


def test_a_classifier_is_judged_by_its_accuracy():
    gate = GateSettings.of_classifier("joy,fear", 0.5, corpus="jaffe")
    assert (gate.stage, gate.stage_names, gate.output_names) == ("classifier", ("classifier",), ())
    assert gate.class_names == {"expression": ("joy", "fear")}
    assert (gate.measure, gate.min_accuracy, gate.corpus) == ("accuracy", 0.5, "jaffe")
