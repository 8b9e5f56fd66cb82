"""The plane of valence and arousal: its axes, as labels, columns and features are called.

Apart from the names of its points (``affectflow.emotions``): what only knows the axes, such as a
trainer, is not run again when a point moves.
"""

from __future__ import annotations

VALENCE, AROUSAL = "valence", "arousal"
LABELS = (VALENCE, AROUSAL)
"""The continuous labels, in the order of the columns of a label array; both in [-1, 1]."""
