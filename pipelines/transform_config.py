"""What the preprocessing function of TFX's Transform is told, in one property."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pipelines.code_version import code_version
from pipelines.recipe import Recipe


def transform_config(recipe: Recipe) -> dict[str, Any]:
    """The image settings; the code version is for TFX's cache alone."""
    return {
        "image": asdict(recipe.image),
        "code_version": code_version(
            "affectflow/corpora/classes.py", "affectflow/images", "components/transform"
        ),
    }
