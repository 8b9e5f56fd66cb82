import html
import re
from dataclasses import replace

import pytest

from pipelines.review.page import results_curves, results_table
from pipelines.review.page.results_evaluated import Evaluated
from tests.pipelines.review.page.results_cases import (
    classifier,
    history,
    valence_arousal,
    with_emotions,
)


def scores(detail):
    return results_table.body_of(Evaluated.of(detail))


def row(text, name):
    """The cells of the first row with this heading."""
    found = re.search(f'<th scope="row">{re.escape(name)}</th>(.*?)</tr>', text)
    return [html.unescape(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", found[1])]


def test_table_iii(tmp_path):
    text = scores(valence_arousal(tmp_path))
    rmse_v, rmse_a, ccc_v, _, pearson_v, pearson_a, mean, frames = row(text, "CNN + RNN")
    assert (rmse_v, rmse_a) == ("0.667", "0.667")
    assert ccc_v.startswith("0.000 (-")
    assert mean.startswith("0.000 (-")
    assert (pearson_v, pearson_a, frames) == ("0.000", "0.000", "27")
    # Off by .1 where the variance is 4/15: 2·(4/15) / (2·(4/15) + .01).
    rmse_v, _, ccc_v, _, pearson_v, *_ = row(text, "CNN alone")
    assert (rmse_v, pearson_v) == ("0.100", "1.000")
    assert ccc_v == "0.982 (0.982\xa0to\xa00.982)"
    assert "27 frames of 3 videos" in text
    assert "50 rounds" in text


def test_accuracy_and_its_kin_by_corpus(tmp_path):
    text = scores(classifier(tmp_path))
    accuracy, precision, recall, pn, count = row(text, "classifier")
    assert accuracy.startswith("0.625 (")
    # Predicted: joy 3 of 3 right, fear 2 of 3, anger 0 of 2; true: joy 3 of 6, fear 2 of 2.
    assert (precision, recall) == ("0.556", "0.500")
    # Anger and fear are both negative, joy is positive.
    assert (pn, count) == ("0.625", "8")
    assert row(text, "classifier, ckplus")[0].startswith("0.750 (")
    assert row(text, "classifier, jaffe")[0].startswith("0.500 (")
    assert "Whoever always said joy" in text
    assert "0.750" in text


def test_votes_of_videos(tmp_path):
    text = scores(with_emotions(tmp_path))
    _, after = text.split("<h3>Expression</h3>")
    accuracy, _, _, pn, count = row(after, "CNN + RNN")
    assert accuracy.startswith("0.750 (")
    assert (pn, count) == ("0.750", "4")
    assert "A sample is a video" in text


def test_training_says_which_epoch_was_kept_and_who_judged(tmp_path):
    text = results_curves.body_of(valence_arousal(tmp_path))
    assert "the weights of epoch 2 were kept (validation_loss 0.6000)" in text
    assert "2 training subjects held out of training: S7, S8." in text
    assert "best: epoch 2" in text
    assert row(text, "2")[0] == "0.5000"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"tuned_on": "eval"}, "flatter the model"),
        ({"tuned_on": None}, "not recorded"),
        ({"tuned_on": [f"S{at}" for at in range(20)]}, "S7 and 12 more"),
        (
            {"one_sided": {"expression pride": 1, "age 70+": 2}},
            "Not both trained on and judged: expression pride (1 training subject), age 70+"
            " (2 training subjects).",
        ),
        ({"one_sided": ["x"]}, "held out of training: S7, S8."),
        ({"stopped_early": True}, "stopped early"),
        ({"started_from": "/releases/0001"}, "weights of /releases/0001"),
        ({"best_epoch": "x", "best_loss": {}}, "3 epochs."),
        (
            {"best_epoch": -1, "best_loss": 0.25},
            "3 epochs; no epoch was better than the weights that training started from, which were"
            " kept (validation_loss 0.2500)",
        ),
    ],
)
def test_what_a_history_may_say(change, said, tmp_path):
    detail = replace(classifier(tmp_path), histories={"classifier": history("") | change})
    assert said in results_curves.body_of(detail)


@pytest.mark.parametrize("rows", [None, [], [7, None], "x", [{"loss": None}]])
def test_histories_that_hold_no_epoch(rows, tmp_path):
    broken = {"classifier": history("") | {"history": rows}}
    text = results_curves.body_of(replace(classifier(tmp_path), histories=broken))
    assert "<svg" not in text
    assert "No epoch of training" in text or "There is no figure here" in text
