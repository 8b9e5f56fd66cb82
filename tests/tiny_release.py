"""Options of a release that takes seconds, for who tests what is round it."""

from __future__ import annotations

# A model that has learnt nothing yet, in seconds.
TINY = [
    "--set", "cnn.epochs=1", "--set", "rnn.epochs=1", "--set", "rnn.window=10",
    "--set", "gate.bootstrap=50",
]  # fmt: skip
# What anything reaches.
LENIENT = [
    option
    for bound in ("min_ccc_mean", "min_ccc_valence", "min_ccc_arousal")
    for option in ("--set", f"gate.{bound}=-1")
]
