"""How well predictions agree with labels: NumPy only, and every statistic merges exactly."""

from __future__ import annotations

from affectflow.metrics.bootstrap import bootstrap_over_videos, bootstrap_share
from affectflow.metrics.ccc import CoMoments, ccc
from affectflow.metrics.class_counts import ClassCounts
from affectflow.metrics.confusion import Confusion
from affectflow.metrics.crossentropy import crossentropy
from affectflow.metrics.pearson import pearson
from affectflow.metrics.pn_accuracy import has_signs, pn_accuracy, valence_signs
from affectflow.metrics.rmse import rmse
from affectflow.metrics.runs import mean_and_iqr
from affectflow.metrics.smoothing import smooth
from affectflow.metrics.vote import majority

__all__ = [
    "ClassCounts",
    "CoMoments",
    "Confusion",
    "bootstrap_over_videos",
    "bootstrap_share",
    "ccc",
    "crossentropy",
    "has_signs",
    "majority",
    "mean_and_iqr",
    "pearson",
    "pn_accuracy",
    "rmse",
    "smooth",
    "valence_signs",
]
