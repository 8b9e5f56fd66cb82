"""An epoch in one line."""

from __future__ import annotations

import math

from affectflow.training.epoch_line import epoch_line

LOGS = {"loss": 0.5, "validation_loss": 0.25, "val_ccc_valence": 0.7}


def test_the_best_so_far():
    line = epoch_line("cnn", 2, 5, LOGS, (0.25, 2), 3000, 30.0)
    assert line == (
        "cnn epoch 3 of 5: loss 0.5000, validation 0.2500, the best so far, 100 examples/s, "
        "at most 60 s left"
    )


def test_an_earlier_epoch_was_better():
    line = epoch_line("rnn", 4, 5, LOGS, (0.125, 0), 10, 1.0)
    # Nothing is left after the last epoch.
    assert line == (
        "rnn epoch 5 of 5: loss 0.5000, validation 0.2500, best 0.1250 in epoch 1, 10 examples/s"
    )


def test_no_epoch_is_better_than_the_start():
    assert "best 0.1000 of the weights to start from" in epoch_line(
        "cnn", 0, 9, LOGS, (0.1, -1), 1, 1.0
    )


def test_nothing_to_compare_with():
    line = epoch_line("cnn", 0, 1, {"validation_loss": 0.5}, (math.inf, -1), 0, 0.0)
    assert line == "cnn epoch 1 of 1: loss nan, validation 0.5000"
