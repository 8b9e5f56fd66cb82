"""How large a campaign of kills and damage is: small among the tests, large by ``make torture``."""

from __future__ import annotations

import os

import numpy as np


def cases(small: int, large: int) -> int:
    """How many cases a campaign tries: ``large`` where ``AFFECTFLOW_TORTURE=large``, or small."""
    size = os.environ.get("AFFECTFLOW_TORTURE") or "small"
    return {"small": small, "large": large}[size]


def rng(campaign: str) -> np.random.Generator:
    """The draws of a campaign: its name and ``AFFECTFLOW_TORTURE_SEED``, or 0, decide them."""
    seed = int(os.environ.get("AFFECTFLOW_TORTURE_SEED", "0"))
    return np.random.default_rng([seed, *campaign.encode()])
