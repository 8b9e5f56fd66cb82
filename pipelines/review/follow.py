"""Follows a release to where it came from, and to what came of it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from affectflow.corpora.manifest import MANIFEST_FILE
from affectflow.errors import InputError
from affectflow.release.folder import LINEAGE_FILE, MANIFEST, METRICS_FILE
from affectflow.release.tree import FileEntry, entries_digest
from pipelines.moved import local_path
from pipelines.node_names import CNN_TRAINER, EVALUATOR, EXPORTER, RNN_TRAINER
from pipelines.review.begun import LATEST
from pipelines.review.detail import read_run
from pipelines.review.documents import read_object, table, texts
from pipelines.review.evaluation import headline
from pipelines.review.facts import RunDetail, RunFacts
from pipelines.review.lineage import COMPARED, SAME_DATA, STARTED, Lineage, Thing, Use, Video
from pipelines.review.runs import read_runs
from pipelines.review.store import Store
from pipelines.workspace import Workspace

_NUMBER = re.compile(r"[0-9]{1,9}")
_MODELS = ("serving", "cnn", "rnn", "tflite")
# Where a run gives what a release is made of, for one whose own documents are gone.
_MADE = {
    "evaluation": (EVALUATOR, "evaluation"),
    "serving": (EXPORTER, "model"),
    "tflite": (EXPORTER, "tflite"),
    "cnn": (CNN_TRAINER, "model"),
    "rnn": (RNN_TRAINER, "model"),
}


def release_lineage(workspace: Workspace, store: Store, name: str) -> Lineage:
    """Follows a release in both directions.

    A release whose folder was deleted is followed as far as the run that made it is known.

    Args:
        name: its number in the workspace, its folder, or ``latest``.

    Raises:
        InputError: there is no such release, or ML Metadata's store cannot be read.
    """
    runs = read_runs(workspace, store)
    path = _folder(workspace, name)
    own = path.parent == workspace.releases and bool(_NUMBER.fullmatch(path.name))
    number = int(path.name) if own else None
    manifest, problem = read_object(path / MANIFEST)
    if manifest is not None:
        run_id = str(manifest.get("run_id", ""))
    else:
        makers = [run for run in runs if own and run.release == number and not run.unchanged]
        if not makers:
            said = f" ({problem})" if path.exists() else ""
            raise InputError(f"there is no release {name!r}{said}; {_offer(workspace)}")
        run_id = makers[0].run_id
    made = next((run for run in runs if run.run_id == run_id), None)
    problems = [problem] if problem else []
    lineage = _document(path / LINEAGE_FILE, manifest, problems)
    metrics = _document(path / METRICS_FILE, manifest, problems)
    detail = read_run(workspace, store, run_id) if made and not lineage else None
    if made is not None:
        problems += [text for text in made.problems if text not in problems]

    data = lineage or _told(detail)
    things = _things(store, table(lineage.get("artifacts")), detail)
    frames = store.find(str(data.get("frames") or ""))
    rebuild_run = str(data.get("rebuild_run") or "")
    rebuild = next((run for run in runs if run.run_id == rebuild_run), None)
    verdict = texts(table(metrics.get("verdict")).get("reasons"))
    started = table(data.get("started_from"))
    return Lineage(
        path=str(path),
        number=number if own else _int((manifest or {}).get("number")),
        created=str((manifest or {}).get("created") or ""),
        origin=str((manifest or {}).get("origin") or "trained"),
        run_id=run_id,
        code_version=str(data.get("code_version") or ""),
        headline=headline(metrics) or (made.headline if made else None),
        # Of the data, which the rebuild has as well where the run is gone.
        beside_score=next((run.beside_score for run in (made, rebuild) if run), ""),
        verdict=verdict or (made.reasons if made else ()),
        evaluation=things.get("evaluation"),
        models=tuple(things[model] for model in _MODELS if model in things),
        imported={key: lineage[key] for key in ("imported", "source") if key in lineage},
        started_from=started or None,
        rebuild_run=rebuild_run,
        rebuild=rebuild,
        manifest=_thing(store, "manifest", frames, "") if frames else None,
        corpus_digest=str(data.get("manifest_digest") or ""),
        videos=_videos(frames, problems) if frames else (),
        used_by=tuple(_uses(runs, run_id, path, number, _digest(manifest), rebuild_run)),
        problems=tuple(problems),
    )


def _folder(workspace: Workspace, name: str) -> Path:
    if _NUMBER.fullmatch(name):
        return workspace.releases / f"{int(name):04d}"
    if name == LATEST:
        numbers = _numbers(workspace)
        if not numbers:
            raise InputError(_offer(workspace))
        return workspace.releases / numbers[-1]
    return Path(os.path.abspath(name))


def _numbers(workspace: Workspace) -> list[str]:
    found = workspace.releases.glob(f"[0-9]*/{MANIFEST}")
    names = [path.parent.name for path in found if path.parent.name.isdecimal()]
    return sorted(names, key=int)


def _offer(workspace: Workspace) -> str:
    """What there is instead."""
    names = _numbers(workspace)
    if not names:
        return f"{workspace.releases} holds no release; 'affectflow release' makes one"
    return f"{workspace.releases} holds {', '.join(names)}"


def _document(path: Path, manifest: Any, problems: list[str]) -> Mapping[str, Any]:
    if manifest is None:
        return {}
    values, problem = read_object(path)
    problems += [problem] if problem else []
    return values or {}


def _told(detail: RunDetail | None) -> dict[str, Any]:
    """What a run was told, as a release's own lineage has it."""
    if detail is None:
        return {}
    return {
        "rebuild_run": detail.data.get("run_id"),
        "frames": detail.data.get("frames"),
        "manifest_digest": detail.data.get("corpus_digest"),
        "started_from": detail.facts.started_from,
        "code_version": detail.facts.code_version,
    }


def _things(
    store: Store, artifacts: Mapping[str, Any], detail: RunDetail | None
) -> dict[str, Thing]:
    found = {}
    for name, (node, key) in _MADE.items():
        listed = artifacts.get(name)
        if isinstance(listed, list) and listed:
            given = table(listed[0])
            uri, digest = store.find(str(given.get("uri") or "")), str(given.get("digest") or "")
        else:
            nodes = detail.nodes if detail else ()
            outputs = (a for n in nodes if n.node == node for a in n.outputs if a.key == key)
            uri, digest = next((a.uri for a in outputs), ""), ""
        if uri:
            found[name] = _thing(store, name, uri, digest)
    return found


def _thing(store: Store, name: str, uri: str, digest: str) -> Thing:
    # By URI: numbers of artifacts mean something in one store alone.
    makers = store.makers(artifact.id for artifact in store.artifacts_at(uri))
    exists = os.path.exists(local_path(uri))
    if not makers:
        return Thing(name, uri, exists, digest)
    place = store.place(min(makers.values()))
    return Thing(name, uri, exists, digest, place.run_id, place.node)


def _videos(frames: str, problems: list[str]) -> tuple[Video, ...]:
    path = Path(local_path(frames), MANIFEST_FILE)
    values, problem = read_object(path)
    if values is None:
        problems.append(problem)
        return ()
    try:
        return tuple(
            Video(**{name: str(clip[name]) for name in Video.__annotations__})
            for clip in values["clips"]
        )
    except (KeyError, TypeError) as error:
        problems.append(f"{path} is damaged ({error!r})")
        return ()


def _digest(manifest: Mapping[str, Any] | None) -> str:
    """Of all its models, as ``Release.models_digest`` has it; "" when not known."""
    try:
        files = table(manifest)["files"].items()
        models = {name: FileEntry(**entry) for name, entry in files if name.startswith("model/")}
        return entries_digest(models)
    except (KeyError, TypeError, AttributeError):
        return ""


def _uses(
    runs: Sequence[RunFacts],
    run_id: str,
    path: Path,
    number: int | None,
    digest: str,
    rebuild_run: str,
) -> Iterator[Use]:
    for run in reversed(runs):
        started = run.started_from or {}
        for how, holds in (
            (STARTED, started.get("release") == str(path) or started.get("digest") == digest),
            (COMPARED, number is not None and run.compared_with == number),
            (SAME_DATA, bool(rebuild_run) and run.rebuild_run == rebuild_run),
        ):
            if holds and run.run_id != run_id and not (how == STARTED and not started):
                yield Use(how, run.run_id, run.state, run.verdict, run.release)


def _int(value: Any) -> int | None:
    return value if isinstance(value, int) else None
