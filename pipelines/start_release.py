"""The release whose weights training starts from: found once, then told to its trainers."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from affectflow.errors import InputError
from affectflow.models.files import load_settings
from affectflow.release import Release, load
from affectflow.release.folder import MANIFEST
from affectflow.release.tree import tree_digest
from affectflow.training.start import unlike
from pipelines.run_record import Request
from pipelines.workspace import Workspace

_NUMBER = re.compile(r"[0-9]{1,9}")


def choose_start(workspace: Workspace, request: Request) -> dict[str, Any] | None:
    """The release that a request starts from, as plain JSON values; None = new weights.

    Returns:
        ``release`` (its folder, absolute), ``number``, ``origin``, ``digest`` (of all its models),
        and for each stage that the recipe transfers its ``folder`` and ``digest``.

    Raises:
        InputError: there is no such release, it is damaged or lacks a stage, or a stage is another
            network than the one to train. The trainers look at every layer, but the second of
            them only after the first has trained.
    """
    if not request.start_from:
        return None
    try:
        # Every byte: weights are larger than what is digested otherwise.
        release = load(_folder(workspace, request.start_from), full=True)
        stages = {stage: _stage(release, stage, request) for stage in request.recipe.transfers}
    except InputError as error:
        raise InputError(
            f"start_from is {request.start_from!r}: {error} ({_offer(workspace)})"
        ) from error
    return {
        "release": str(release.path),
        "number": release.number,
        "origin": release.origin,
        "digest": release.models_digest,
        **stages,
    }


def _folder(workspace: Workspace, name: str) -> Path:
    if _NUMBER.fullmatch(name):
        return workspace.releases / f"{int(name):04d}"
    return Path(os.path.abspath(name))


def _stage(release: Release, stage: str, request: Request) -> dict[str, str]:
    if stage not in release.models:
        held = ", ".join(release.models)
        raise InputError(f"release {str(release.path)!r} holds {held} but no model {stage!r}")
    folder = release.models[stage]
    settings = getattr(request.recipe, stage)
    if reasons := unlike(stage, load_settings(folder, type(settings)), settings):
        raise InputError(
            f"release {str(release.path)!r} is of other networks: {' and '.join(reasons)}; the"
            " same settings would do"
        )
    return {"folder": str(folder), "digest": tree_digest(folder)}


def _offer(workspace: Workspace) -> str:
    """What there is instead."""
    folder = workspace.releases
    names = sorted(path.parent.name for path in folder.glob(f"[0-9]*/{MANIFEST}"))
    return f"{folder} holds {', '.join(names)}" if names else f"{folder} holds no release"
