"""Paper 0's published checkpoints as a release of origin ``imported``.

Nothing of it was measured here, and no gate has let it through: its metrics name no stage, so that
a later run's BaselinePredictor scores its model on that run's own eval split, and the gate compares
with that.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from affectflow.faces.settings import FaceSettings
from affectflow.gate.summary import Summary
from affectflow.images.settings import ImageSettings
from affectflow.models.checkpoints import Checkpoints
from affectflow.models.settings import STATES
from affectflow.release.folder import SERVING, load, publish, published
from affectflow.release.served import link_served
from affectflow.release.tree import FileEntry

SOURCE = {
    "authors": "Denis Rangulov and Muhammad Fahim",
    "title": (
        "Emotion Recognition on large video dataset based on Convolutional Feature Extractor and "
        "Recurrent Neural Network"
    ),
    "year": 2020,
    "arxiv": "2006.11168",
    "repository": "https://github.com/DenisRang/Combined-CNN-RNN-for-emotion-recognition",
    "licence": "MIT",
    "copyright": "Copyright (c) 2020 DenisRang",
}
"""Whose networks these are, and on what terms they may be handed on."""


def import_checkpoints(
    found: Checkpoints,
    releases: Path,
    recipe: Mapping[str, Any],
    packages: Mapping[str, str],
    code_version: str,
) -> Path:
    """Publishes both networks, and what serves them; the same files twice are one release.

    Args:
        found: as ``read_checkpoints`` gives them.
        releases: the folder of all releases; made if absent.
        recipe: every setting as JSON, of the recipe that follows the paper; ``cnn``, ``rnn``,
            ``image`` and the gate's outputs become what the checkpoints have, ``faces`` stays.
        packages: name → version, for the lineage.
        code_version: of this project's code, for the lineage.

    Returns:
        The release's folder.

    Raises:
        InputError: the release cannot be written, or the one that these files have is damaged.
    """
    run_id = run_id_of(found)
    known = published(releases, run_id)
    if known is not None:
        load(known)
        link_served(known)
        return known
    # As the networks were trained: Keras 2.3 loads images by PIL's nearest neighbour.
    settings = ImageSettings(resize="nearest")
    crop_size = FaceSettings(**recipe.get("faces", {})).size
    with TemporaryDirectory(prefix="affectflow-import-") as folder:
        # As the paper evaluates its networks, unless the recipe says otherwise.
        state = recipe.get("predict", {}).get("state", STATES[0])
        models = _save_models(Path(folder), found, settings, crop_size, state)
        return publish(
            releases,
            models,
            _no_metrics(),
            _lineage(found) | {"packages": dict(packages), "code_version": code_version},
            _recipe(recipe, found, settings),
            run_id,
            origin="imported",
        )


def run_id_of(found: Checkpoints) -> str:
    """What stands for a run's id: the same for the same content and outputs, wherever it lies."""
    content = {name: entry.sha256 for name, (_, entry) in _files(found).items()}
    content["outputs"] = found.cnn.settings.outputs
    text = json.dumps(content, sort_keys=True)
    return f"import-{hashlib.sha256(text.encode('utf-8')).hexdigest()[:16]}"


def _save_models(
    folder: Path, found: Checkpoints, settings: ImageSettings, crop_size: int, state: str
) -> dict[str, Path]:
    """Writes the models of a release, and gives their folders by name."""
    from affectflow.images.ops import model_images
    from affectflow.models.files import save_stage
    from affectflow.models.sequence_serving import SequenceServing
    from affectflow.models.serving import FrameServing, Served
    from affectflow.models.tflite import MODEL_FILE, export_tflite

    models = {name: folder / name for name in (SERVING, "cnn", "rnn", "tflite")}
    # Where a trained model has tensorflow-transform's graph; the operations in it are these.
    images = functools.partial(model_images, settings=settings)
    Served(
        FrameServing(found.cnn.model, images),
        SequenceServing(found.rnn.model, found.rnn.settings.label, state),
        found.cnn.settings.label_names,
    ).export(models[SERVING])
    save_stage(models["cnn"], found.cnn.model, found.cnn.settings)
    save_stage(models["rnn"], found.rnn.model, found.rnn.settings)
    export_tflite(
        found.cnn.model,
        found.cnn.settings,
        found.rnn.model,
        found.rnn.settings,
        state,
        settings,
        crop_size,
        models["tflite"] / MODEL_FILE,
    )
    return models


def _no_metrics() -> dict[str, Any]:
    summary = Summary(digest="", frames=0, stages={}, corpora=[], subjects=[], videos=[])
    return summary.as_json() | {"note": "imported weights; nothing was evaluated here"}


def _lineage(found: Checkpoints) -> dict[str, Any]:
    files = {
        name: {"name": path.name, "parameters": parameters, **asdict(entry)}
        for (name, (path, entry)), parameters in zip(
            _files(found).items(), (found.cnn.parameters, found.rnn.parameters)
        )
    }
    return {"imported": files, "source": SOURCE}


def _recipe(
    recipe: Mapping[str, Any], found: Checkpoints, settings: ImageSettings
) -> dict[str, Any]:
    return {
        **recipe,
        "image": asdict(settings),
        "cnn": asdict(found.cnn.settings),
        "rnn": asdict(found.rnn.settings),
        "gate": {**recipe.get("gate", {}), "outputs": found.cnn.settings.outputs},
    }


def _files(found: Checkpoints) -> dict[str, tuple[Path, FileEntry]]:
    paths = {"cnn": found.cnn.path, "rnn": found.rnn.path}
    return {name: (path, FileEntry.of(path)) for name, path in paths.items()}
