"""What the preprocessing function of TFX's Transform is told, in one property."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pipelines.recipe import Recipe


def transform_config(recipe: Recipe) -> dict[str, Any]:
    """The image settings."""
    return {"image": asdict(recipe.image)}
