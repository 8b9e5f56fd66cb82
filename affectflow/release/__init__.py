"""Releases: numbered folders that hold a served model with its metrics, lineage and recipe."""

from affectflow.release.folder import Release, latest, latest_whole, load, publish
from affectflow.release.refusal import RefusedRelease, record_refusal

__all__ = [
    "RefusedRelease",
    "Release",
    "latest",
    "latest_whole",
    "load",
    "publish",
    "record_refusal",
]
