"""What both trainers do round the fit: find their state, go on from it, leave the result."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tfx.types import artifact_utils

from affectflow.errors import InputError
from affectflow.models.files import HISTORY_FILE, save_stage
from affectflow.models.settings import FitSettings
from affectflow.release.tree import tree_digest
from affectflow.training.holdout import Holdout


def train_stage(
    input_dict: Mapping[str, list[Any]],
    output_dict: Mapping[str, list[Any]],
    exec_properties: Mapping[str, Any],
    settings: FitSettings,
    stage: str,
    build: Callable[[], Any],
    data: tuple[Any, Any],
    parted: Holdout,
) -> None:
    """Fits a model and leaves it with its history.

    The state of an unfinished fit lies in a folder named by what is trained on what (see
    ``state_folder``), outside of the execution's own folders: a killed run is a new execution when
    it is started again, and goes on all the same. That state stands above the weights that the fit
    once started from.

    Args:
        stage: ``cnn``, ``rnn`` or ``classifier``.
        build: () -> keras.Model.
        data: the training set (FrameData, WindowData or ClassData), and what judges (see
            ``affectflow.training.fit.Judge``).
        parted: whose they are, for the history.

    Raises:
        InputError: the weights to start from are not there any more, or do not fit.
    """
    from affectflow.training.devices import strategy_for
    from affectflow.training.fit import fit
    from affectflow.training.start import start_from

    train, validation = data
    state = state_folder(input_dict, exec_properties)
    model_run = Path(artifact_utils.get_single_uri(list(output_dict["model_run"])))
    started_from = exec_properties["start_from"]
    if started_from:
        _check_unchanged(started_from, exec_properties["start_digest"])
    with strategy_for(settings).scope():
        model = build()
    if started_from:
        # Outside of the scope, which would copy the saved model too to every device.
        start_from(started_from, model, settings, stage)
    result = fit(
        model,
        train.train,
        validation,
        settings,
        work_dir=state,
        log_dir=model_run,
        trained=bool(started_from),
    )
    save_stage(artifact_utils.get_single_uri(list(output_dict["model"])), model, settings)
    told = {
        "stage": stage,
        "started_from": started_from,
        "tuned_on": sorted(parted.tune) or "eval",
        "one_sided": dict(parted.one_sided),
        **asdict(result),
    }
    text = json.dumps(told, indent=1)
    (model_run / HISTORY_FILE).write_text(text + "\n", encoding="utf-8")
    shutil.rmtree(state, ignore_errors=True)


def state_folder(input_dict: Mapping[str, list[Any]], exec_properties: Mapping[str, Any]) -> Path:
    """Where the state of an unfinished fit lies; made by who writes to it, gone when it is done."""
    return Path(exec_properties["training_root"]) / state_key(input_dict, exec_properties)


def state_key(input_dict: Mapping[str, list[Any]], exec_properties: Mapping[str, Any]) -> str:
    """What is trained on what, as the name of a folder; equal after the workspace was moved.

    So inputs count by their way from the folder of states, which stands in the same workspace, and
    the weights to start from by their digest alone.
    """
    root = exec_properties["training_root"]
    inputs = sorted(
        os.path.relpath(artifact.uri, root) for found in input_dict.values() for artifact in found
    )
    told = {
        name: value
        for name, value in sorted(exec_properties.items())
        if name not in ("training_root", "start_from")
    }
    return hashlib.sha256(json.dumps([inputs, told], default=str).encode()).hexdigest()[:32]


def _check_unchanged(folder: str, digest: str) -> None:
    # Days may lie between the run's first node and this one.
    if tree_digest(Path(folder)) != digest:
        raise InputError(
            f"{folder}, whose weights training is to start from, is gone or has other content than"
            " when the run began; start a new run"
        )
