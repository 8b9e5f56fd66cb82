"""What a release's summary says of classes, and how it is shown."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from affectflow.corpora.duplicates import Duplicates
from affectflow.gate import GateSettings, VideoKey, VideoTally, judge, summarise
from pipelines.class_figures import class_rows
from pipelines.cli.release import show
from pipelines.node import NodeResult
from pipelines.summary import ReleaseSummary

CLASSIFIER = GateSettings(
    stage="classifier", stages="classifier", outputs="none", measure="accuracy", tasks="all",
    expressions="joy,fear", bootstrap=10,
)  # fmt: skip
PLANE = GateSettings(tasks="expression", expressions="joy,fear", bootstrap=10)


def metrics(settings: GateSettings, corpora: tuple[str, ...]) -> dict:
    """In each corpus two of three joys are joy, and the one fear is; the last tells gender, too."""
    tallies = {}
    for corpus in corpora:
        key = VideoKey(corpus, "s", f"of {corpus}")
        values = {output: np.linspace(-1, 1, 4) for output in settings.output_names}
        truth = {"expression": ["joy", "joy", "joy", "fear"]}
        guess = {"expression": ["joy", "joy", "fear", "fear"]}
        if settings.tasks == "all" and corpus == corpora[-1]:
            truth["gender"], guess["gender"] = ["male", "", "", ""], ["male"] * 4
        tasks = [task for task in settings.class_names if task in truth]
        tallies[key] = VideoTally.of(
            key, range(4), values,
            {(s, o): 0.5 * x for s in settings.stage_names for o, x in values.items()},
            {task: truth[task] for task in tasks},
            {(stage, task): guess[task] for stage in settings.stage_names for task in tasks},
            settings.countable_names,
        )  # fmt: skip
    summary = summarise(tallies, settings)
    return json.loads(replace(summary, verdict=judge(summary, settings, None).as_json()).dumps())


def summary_of(settings: GateSettings, *corpora: str) -> ReleaseSummary:
    return ReleaseSummary(metrics(settings, corpora), True, "r/0001", None, {}, {}, False, [])


def test_rows_are_by_task_and_by_corpus_where_there_are_several():
    rows = list(class_rows(metrics(CLASSIFIER, ("ck", "jaffe"))))
    # The first corpus has no gender, and neither has an age or a race.
    assert [(row.task, row.title) for row in rows] == [
        ("expression", "classifier"),
        ("expression", "classifier, ck"),
        ("expression", "classifier, jaffe"),
        ("gender", "classifier"),
        ("gender", "classifier, jaffe"),
    ]
    (row, _) = class_rows(metrics(CLASSIFIER, ("ck",)))
    # By hand: 3 of 4; precision 2/2 and 1/2; recall 2/3 and 1/1; one video has no width.
    assert row.values == ("0.750", "0.750 to 0.750", "0.750", "0.833", "0.750", "4")
    assert list(class_rows(metrics(GateSettings(bootstrap=5), ("ck",)))) == []
    # As before there were classes.
    assert list(class_rows({"stages": {"rnn": {}}})) == []


def test_a_classifier_s_figures_are_printed_without_any_ccc(capsys):
    show(summary_of(CLASSIFIER, "ck", "jaffe"))
    printed = capsys.readouterr().out
    assert "CCC" not in printed
    lines = [" ".join(line.split()) for line in printed.splitlines()]
    at = lines.index("expression accuracy 95 % over videos precision recall PN accuracy count")
    assert lines[at + 1 : at + 4] == [
        "classifier 0.750 0.750 to 0.750 0.750 0.833 0.750 8",
        "ck 0.750 0.750 to 0.750 0.750 0.833 0.750 4",
        "jaffe 0.750 0.750 to 0.750 0.750 0.833 0.750 4",
    ]
    assert "classifier 1.000 1.000 to 1.000 1.000 1.000 - 1" in lines
    assert "classifier expression accuracy 0.7500 reaches min_accuracy 0.0000" in lines
    assert max(map(len, printed.splitlines())) <= 80


@pytest.mark.parametrize(("settings", "classes"), [(PLANE, True), (GateSettings(), False)])
def test_points_of_the_plane_have_their_ccc_and_where_measured_their_emotions(
    capsys, settings, classes
):
    shown = GateSettings(**{**settings.__dict__, "bootstrap": 5})
    if classes:
        show(summary_of(shown, "ck"))
    else:
        given = metrics(PLANE, ("ck",))
        for stage in given["stages"].values():
            del stage["classes"]
        show(ReleaseSummary(given, True, "r/0001", None, {}, {}, False, []))
    printed = capsys.readouterr().out
    assert "CCC valence" in printed
    assert "RMSE arousal" in printed
    assert ("PN accuracy" in printed) is classes


def test_equal_clips_are_said_beside_the_scores(capsys):
    found = Duplicates(
        {"train": 9, "eval": 4}, {"train": 0, "eval": 0}, {"train": 1, "eval": 2}, relabelled=0
    )
    scores = summary_of(GateSettings(bootstrap=5), "ck")
    show(replace(scores, duplicates=found))
    said = "2 of the 4 clips for evaluation are equal to training clips"
    assert said in capsys.readouterr().out
    show(replace(scores, duplicates=replace(found, dropped=1)))
    assert "equal" not in capsys.readouterr().out


def test_the_summary_knows_the_trainers_that_there_are(tmp_path):
    from tfx.types import standard_artifacts

    def artifact(name, text):
        made = standard_artifacts.ModelRun()
        made.uri = str(tmp_path / name)
        (tmp_path / name).mkdir()
        for file, content in text.items():
            (tmp_path / name / file).write_text(json.dumps(content))
        return made

    def result(**outputs):
        return NodeResult("n", 1, "complete", {name: [one] for name, one in outputs.items()})

    predictions = artifact("predictions", {})
    predictions.set_float_custom_property("expression_crossentropy", 1.25)
    results = {
        "ClassTrainer": result(
            model_run=artifact(
                "run",
                {"history.json": {"best_epoch": 4, "history": [{"loss": 5 - i} for i in range(6)]}},
            )
        ),
        "ClassPredictor": result(predictions=predictions),
        "Evaluator": result(
            evaluation=artifact("e", {"summary.json": metrics(CLASSIFIER, ("ck",))})
        ),
        "Pusher": result(pushed_model=artifact("pushed", {})),
    }
    summary = ReleaseSummary.of(results)
    assert summary.best_epochs == {"classifier": 5}
    assert summary.losses == {"expression": pytest.approx(1.25)}
    assert summary.accuracy("classifier", "expression") == 0.75
    assert summary.accuracy("classifier", "age") is None
    assert not summary.blessed
