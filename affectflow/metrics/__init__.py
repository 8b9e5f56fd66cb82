"""How well predictions agree with labels: NumPy only, and every statistic merges exactly."""

from __future__ import annotations

from affectflow.metrics.bootstrap import bootstrap_over_videos
from affectflow.metrics.ccc import CoMoments, ccc
from affectflow.metrics.pearson import pearson
from affectflow.metrics.rmse import rmse
from affectflow.metrics.smoothing import smooth

__all__ = ["CoMoments", "bootstrap_over_videos", "ccc", "pearson", "rmse", "smooth"]
