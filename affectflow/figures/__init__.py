"""The figures of a run's page: plain values in, an inline ``<svg>`` out.

Every function has a keyword ``figure_id``, unique on the page, raises ``NothingToDraw`` where it
could only show empty axes, and gives the same bytes for the same input.
"""

from affectflow.figures.class_counts import class_counts
from affectflow.figures.confusion_matrix import confusion_matrix
from affectflow.figures.density import density
from affectflow.figures.distribution import distribution
from affectflow.figures.funnel import funnel
from affectflow.figures.lineage_graph import LineageNode, lineage_graph
from affectflow.figures.of_emotion import of_emotion
from affectflow.figures.score_bars import score_bars
from affectflow.figures.svg import NothingToDraw, Svg
from affectflow.figures.timeline import timeline
from affectflow.figures.training_curves import training_curves
from affectflow.figures.trajectory import trajectory
from affectflow.figures.trend import TrendRun, trend

__all__ = [
    "LineageNode",
    "NothingToDraw",
    "Svg",
    "TrendRun",
    "class_counts",
    "confusion_matrix",
    "density",
    "distribution",
    "funnel",
    "lineage_graph",
    "of_emotion",
    "score_bars",
    "timeline",
    "training_curves",
    "trajectory",
    "trend",
]
