"""Where the real clips and the published weights are; a user's clone has none."""

from __future__ import annotations

import os
from pathlib import Path

REALDATA = Path(
    os.environ.get("AFFECTFLOW_REALDATA")
    or Path(__file__).resolve().parents[2] / "shared" / "realdata"
)
CHECKPOINT = REALDATA / "gru_ccc_loss-epoch17.h5"
"""Paper 0's published GRU."""
