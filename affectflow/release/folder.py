"""A release is a numbered folder that appears whole, or not at all.

``<releases>/0001/`` holds ``model/<name>/`` (``serving`` and others), ``metrics.json``,
``lineage.json``, ``recipe.json`` and ``release.json``, which lists every file with its digest, and
has one of itself. A number is given once, also when its release is deleted.
``<releases>/serving/1`` leads to its served model (see ``served.py``).
"""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from affectflow.errors import InputError
from affectflow.files import file_name, sync_folder, sync_tree, whole_file, write_json
from affectflow.release.served import link_served
from affectflow.release.store import now, only_writer
from affectflow.release.tree import FileEntry, entries_digest, json_digest, tree_entries, tree_files

log = logging.getLogger(__name__)

FORMAT = 1
MANIFEST = "release.json"
ORIGINS = ("trained", "imported")
"""Where a model is from: a run that the gate let through, or someone else's weights."""

SERVING = "serving"
SUMMARY_FILE = "summary.json"
"""An evaluation's scores and the gate's word; a release has them as ``METRICS_FILE``."""
METRICS_FILE, LINEAGE_FILE = "metrics.json", "lineage.json"
_DOCUMENTS = {"metrics": METRICS_FILE, "lineage": LINEAGE_FILE, "recipe": "recipe.json"}
_NUMBER = re.compile(r"\d{4,}")
_MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_PARTIAL = ".partial-"
_LAST = ".last"
_SMALL = 1 << 20


@dataclass(frozen=True)
class Release:
    """A release on disk.

    Attributes:
        path: its folder.
        number: from 1.
        created: UTC, ISO 8601.
        run_id: of the pipeline run that made it, or of the import.
        origin: ``trained`` by a pipeline and let through by its gate, or ``imported``: weights
            from elsewhere, which no evaluation and no gate has seen here.
        files: every file but the manifest, by relative path.
        metrics, lineage, recipe: its documents.
    """

    path: Path
    number: int
    created: str
    run_id: str
    origin: str
    files: Mapping[str, FileEntry]
    metrics: Mapping[str, Any]
    lineage: Mapping[str, Any]
    recipe: Mapping[str, Any]

    @property
    def models(self) -> dict[str, Path]:
        """Name -> folder; ``serving`` is a SavedModel."""
        names = {file.split("/")[1] for file in self.files if file.startswith("model/")}
        return {name: self.path / "model" / name for name in sorted(names)}

    @property
    def models_digest(self) -> str:
        """One SHA-256 over all models; equal for equal models, whatever the release."""
        return entries_digest(
            {name: entry for name, entry in self.files.items() if name.startswith("model/")}
        )

    @property
    def digest(self) -> str:
        """One SHA-256 over everything that the release holds."""
        return entries_digest(self.files)


def publish(
    releases: Path,
    models: Mapping[str, Path],
    metrics: Mapping[str, Any],
    lineage: Mapping[str, Any],
    recipe: Mapping[str, Any],
    run_id: str,
    *,
    origin: str = "trained",
) -> Path:
    """Writes the next release and returns its folder; a run that has one already gets that one.

    Either is a version for TensorFlow Serving afterwards, where links can be made.

    Args:
        releases: the folder of all releases; made if absent.
        models: name -> folder, copied to ``model/<name>``. ``serving`` must be among them and be
            a SavedModel; the others may have any form.
        metrics, lineage, recipe: JSON values for the three documents.
        run_id: the pipeline run, or what stands for one.
        origin: one of ORIGINS.

    Raises:
        InputError: no served model, a name, folder or origin that cannot be used, or ``releases``
            that cannot be written. Nothing is left behind.
    """
    if origin not in ORIGINS:
        raise InputError(f"origin is {origin!r}; {' or '.join(ORIGINS)} would do")
    _check_models(models)
    partial = releases / f"{_PARTIAL}{file_name(run_id)}"
    with only_writer(releases):
        for stale in releases.glob(f"{_PARTIAL}*"):
            # A writer holds the lock until it is done, so whoever wrote this was killed.
            shutil.rmtree(stale)
        if (made := published(releases, run_id)) is not None:
            link_served(made)
            return made
        number = max((number for number, _ in _numbered(releases)), default=0)
        number = max(number, _last_given(releases)) + 1
        target = releases / f"{number:04d}"
        try:
            for name, source in models.items():
                shutil.copytree(source, partial / "model" / name)
            for file, document in zip(_DOCUMENTS.values(), (metrics, lineage, recipe), strict=True):
                write_json(partial / file, document)
            files = {name: asdict(entry) for name, entry in tree_entries(partial).items()}
            manifest = {
                "format": FORMAT,
                "number": number,
                "created": now(),
                "run_id": run_id,
                "origin": origin,
                "files": files,
            }
            write_json(partial / MANIFEST, {**manifest, "digest": json_digest(manifest)})
            sync_tree(partial)
            # Fails rather than replaces when a folder of that number has content.
            os.rename(partial, target)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        with whole_file(releases / _LAST) as part:
            part.write_text(f"{number}\n", encoding="utf-8")
        sync_folder(releases)
        link_served(target)
    return target


def published(releases: Path, run_id: str) -> Path | None:
    """The folder of the release that a run has made; None when it has made none."""
    for _, folder in _numbered(releases):
        if _run_of(folder) == run_id:
            return folder
    return None


def latest(releases: Path) -> Release | None:
    """The release with the highest number; None when there is none.

    Raises:
        InputError: that release is incomplete or damaged.
    """
    numbered = sorted(_numbered(releases))
    return load(numbered[-1][1]) if numbered else None


def latest_whole(releases: Path) -> Release | None:
    """The newest release that is whole; None when there is none.

    With it a candidate is compared: one damaged release does not keep all that come after from
    being made. The log says which are passed over.
    """
    for _, folder in sorted(_numbered(releases), reverse=True):
        try:
            return load(folder)
        except InputError as error:
            log.warning("%s; the release before it is taken for the latest", error)
    return None


def load(path: Path, full: bool = False) -> Release:
    """Reads a release and checks it.

    Every file must be there with its size, and no other; the digests of the manifest and of files
    up to 1 MiB must fit, or of all files with ``full``. A folder whose name is a number holds the
    release of that number.

    Raises:
        InputError: not a release, of another format, or incomplete or damaged; names the file.
    """
    manifest = _manifest(path)
    try:
        files = {name: FileEntry(**entry) for name, entry in manifest["files"].items()}
        if is_numbered(path) and int(path.name) != manifest["number"]:
            raise InputError(
                f"release {str(path)!r} is damaged: it holds release {manifest['number']};"
                " give each release the folder of its number"
            )
        documents = {}
        for name, entry in files.items():
            _check_file(path, name, entry, full)
        if more := sorted({*tree_files(path)} - files.keys() - {MANIFEST}):
            raise InputError(
                f"release {str(path)!r} is damaged: {more[0]} is not of it; remove that file"
            )
        for name, file in _DOCUMENTS.items():
            documents[name] = json.loads((path / file).read_text(encoding="utf-8"))
        return Release(
            path=path,
            number=manifest["number"],
            created=manifest["created"],
            run_id=manifest["run_id"],
            origin=manifest["origin"],
            files=files,
            **documents,
        )
    except (KeyError, TypeError, AttributeError, FileNotFoundError, ValueError) as error:
        raise InputError(
            f"release {str(path)!r} is damaged: {MANIFEST} or a document lacks {error}; "
            "publish it again"
        ) from error


def _check_models(models: Mapping[str, Path]) -> None:
    if SERVING not in models:
        raise InputError(
            f"models are {', '.join(models) or 'none'}; {SERVING!r}, the served one, is needed"
        )
    if not (models[SERVING] / "saved_model.pb").is_file():
        raise InputError(
            f"model {SERVING!r}: {str(models[SERVING])!r} holds no saved_model.pb; "
            "the folder of a SavedModel would do"
        )
    for name, folder in models.items():
        if not _MODEL_NAME.fullmatch(name):
            raise InputError(f"model name {name!r}: letters, digits, '_' and '-' would do")
        if not folder.is_dir() or not tree_entries(folder):
            raise InputError(f"model {name!r}: {str(folder)!r} holds no file; a saved model would")


def _check_file(release: Path, name: str, entry: FileEntry, full: bool) -> None:
    file = release / name
    if not file.is_file():
        raise InputError(f"release {str(release)!r} is incomplete: {name} is missing")
    size = file.stat().st_size
    if size != entry.bytes:
        raise InputError(
            f"release {str(release)!r} is damaged: {name} has {size} bytes, not {entry.bytes}"
        )
    if (full or size <= _SMALL) and FileEntry.of(file) != entry:
        raise InputError(f"release {str(release)!r} is damaged: {name} has other content")


def is_numbered(folder: Path) -> bool:
    """Whether a folder is called as a release is."""
    return bool(_NUMBER.fullmatch(folder.name)) and folder.is_dir()


def _numbered(releases: Path) -> Iterator[tuple[int, Path]]:
    if releases.is_dir():
        for folder in releases.iterdir():
            if is_numbered(folder):
                yield int(folder.name), folder


def _run_of(folder: Path) -> str | None:
    try:
        return _manifest(folder)["run_id"]
    except (InputError, KeyError):
        # A damaged old release keeps its number, but must not block all new ones.
        return None


def _manifest(path: Path) -> dict[str, Any]:
    file = path / MANIFEST
    if not file.is_file():
        raise InputError(
            f"{str(path)!r} is not a release: {MANIFEST} is missing; "
            "a numbered folder that a release run has written would do"
        )
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{str(file)!r} is not JSON: {error}; publish it again") from error
    found = manifest.get("format") if isinstance(manifest, dict) else None
    if found != FORMAT:
        raise InputError(
            f"release {str(path)!r} is of format {found!r}; this version reads format {FORMAT}"
        )
    # Of an earlier version there is none.
    recorded = manifest.pop("digest", None)
    if recorded is not None and recorded != json_digest(manifest):
        raise InputError(
            f"release {str(path)!r} is damaged: {MANIFEST} is not as it was published; publish it"
            " again"
        )
    return manifest


def _last_given(releases: Path) -> int:
    try:
        return int((releases / _LAST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0
