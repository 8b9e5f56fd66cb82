"""Everything of one run."""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from affectflow.files import file_name
from affectflow.models.files import HISTORY_FILE
from affectflow.records.rejects import REJECTS_FILE
from pipelines.moved import local_path
from pipelines.node_names import VIDEO_EXAMPLE_GEN
from pipelines.review.begun import find_run
from pipelines.review.documents import (
    read_lines,
    read_object,
    read_record,
    table,
)
from pipelines.review.facts import ArtifactFacts, NodeFacts, RunDetail
from pipelines.review.runs import Found, Sources, look_up
from pipelines.review.states import BROKEN, DONE, IMPORTER, LAST, failure_of
from pipelines.review.store import Execution, Link, Place, Store, properties
from pipelines.run_record import RUN_FILE, RunRecord
from pipelines.workspace import Workspace

COMPILED = Path(__file__).resolve().parents[2] / "dags" / "compiled"
# Groups of a recipe's settings that a release takes from its rebuild (see pipelines.parameters).
_OF_THE_DATA = ("listing", "faces", "ingest", "sampler", "image")
_TRAINER = "Trainer"


def read_run(workspace: Workspace, store: Store, name: str) -> RunDetail:
    """Everything that is known of a run.

    Args:
        name: of the run, or the beginning of its name alone, or ``latest``.

    Raises:
        InputError: there is no such run, or ML Metadata's store cannot be read.
    """
    sources = Sources.of(workspace, store)
    return detail_of(sources, look_up(sources, find_run(sources.runs, name)))


def detail_of(sources: Sources, run: Found) -> RunDetail:
    """The same, of a run that was looked up."""
    workspace, record = sources.workspace, run.record
    nodes = _nodes(sources.store, run)
    rejects = str(((record.data or {}) if record else {}).get("rejects") or "")
    rejects = rejects or _output(nodes, VIDEO_EXAMPLE_GEN, "rejects")
    return RunDetail(
        facts=run.facts,
        nodes=nodes,
        data=(record.data or {}) if record else {},
        settings=settings_of(workspace, record, run.facts.kind) if record else {},
        packages=record.packages if record else {},
        clips=run.clips,
        rejects=read_lines(Path(rejects, REJECTS_FILE))[0] if rejects else (),
        summary=run.summary,
        histories=_histories(nodes),
        report=_existing(workspace.reports / f"{file_name(run.begun.run_id)}.html"),
        log=_log(workspace.root / "logs", run.begun.run_id),
        hardware=(record.hardware or {}) if record else {},
    )


def settings_of(workspace: Workspace, record: RunRecord, kind: str) -> dict[str, Any]:
    """group.field -> value as the run used them, and ``corpus``."""
    recipe = table(record.request.get("recipe"))
    groups: dict[str, Any] = {name: row for name, row in recipe.items() if isinstance(row, dict)}
    if kind == "release":
        data = record.data or {}
        rebuild, _ = read_record(workspace.run(str(data.get("run_id") or "?")) / RUN_FILE)
        used = table(table(rebuild.request).get("recipe")) if rebuild else {}
        for group in _OF_THE_DATA:
            groups.pop(group, None)
            if values := table(data.get(group)) or table(used.get(group)):
                groups[group] = values
        if size := table(data.get("image")).get("image_size"):
            groups["cnn"] = {**table(groups.get("cnn")), "image_size": size}
    elif kind == "rebuild":
        groups = {name: groups[name] for name in _OF_THE_DATA if name in groups}
    found = {
        f"{group}.{name}": value
        for group, row in sorted(groups.items())
        for name, value in sorted(row.items())
    }
    return {"corpus": recipe.get("corpus"), **found}


def _nodes(store: Store, run: Found) -> tuple[NodeFacts, ...]:
    by_node: dict[str, list[Execution]] = {}
    for execution in run.executions:
        by_node.setdefault(store.place(execution.id).node, []).append(execution)
    last = {node: executions[-1] for node, executions in by_node.items()}
    links = store.links(execution.id for execution in last.values())
    makers = store.makers(link.artifact.id for link in links) | _imported(store, links, last)
    places = {execution: store.place(execution) for execution in sorted(set(makers.values()))}
    found = [
        _node(
            node,
            execution,
            len(by_node[node]),
            [
                (link, places.get(makers.get(link.artifact.id, 0)))
                for link in links
                if link.execution_id == execution.id
            ],
            run.facts.state,
        )
        for node, execution in last.items()
    ]
    if run.facts.state != "complete":
        wanted = node_order(run.pipeline) if run.facts.kind in LAST else ()
        found += [NodeFacts(node, "not begun") for node in wanted if node not in last]
    return tuple(found)


def _imported(store: Store, links: Sequence[Link], last: Mapping[str, Execution]) -> dict[int, int]:
    """Artifact -> the execution that made it, of what importers gave.

    An importer may record a folder anew, so that only its URI leads to whoever made it.
    """
    importers = {execution.id for execution in last.values() if execution.type == IMPORTER}
    found = {}
    for link in links:
        if link.execution_id in importers:
            same = store.artifacts_at(link.artifact.uri)
            if makers := store.makers(artifact.id for artifact in same):
                found[link.artifact.id] = min(makers.values())
    return found


def node_order(pipeline: str) -> tuple[str, ...]:
    """The nodes of a pipeline as it is compiled for schedulers; none for one that is not."""
    values, _ = read_object(COMPILED / f"{file_name(pipeline)}.json")
    stages = (values or {}).get("stages")
    rows = stages if isinstance(stages, list) else []
    return tuple(str(node) for row in rows for node in table(row).get("nodes", ()))


def _node(
    node: str,
    execution: Execution,
    attempts: int,
    links: Sequence[tuple[Link, Place | None]],
    run_state: str,
) -> NodeFacts:
    outputs = tuple(_artifact(link, place) for link, place in links if link.is_output)
    skipped = next((a.properties["skipped"] for a in outputs if a.properties.get("skipped")), "")
    state = _state(execution, bool(skipped), run_state)
    over = state not in ("running", "interrupted")
    started, changed = (
        datetime.fromtimestamp(ms / 1000, UTC)
        for ms in (execution.create_time_since_epoch, execution.last_update_time_since_epoch)
    )
    return NodeFacts(
        node=node,
        state=state,
        started=started,
        ended=changed if over else None,
        duration_s=(changed - started).total_seconds() if over else None,
        attempts=attempts,
        execution_id=execution.id,
        inputs=tuple(_artifact(link, place) for link, place in links if not link.is_output),
        outputs=outputs,
        properties={k: v for k, v in properties(execution).items() if not k.startswith("__")},
        why=failure_of(execution) if state == "failed" else str(skipped),
    )


def _state(execution: Execution, skipped: bool, run_state: str) -> str:
    found = execution.last_known_state
    if found in BROKEN:
        return "failed"
    if found not in DONE:
        # Nobody works on a run that does not run, whatever was recorded last.
        return "running" if run_state == "running" else "interrupted"
    if execution.type == IMPORTER:
        return "imported"
    if skipped:
        return "skipped"
    return "cached" if found == Execution.CACHED else "run"


def _artifact(link: Link, place: Place | None) -> ArtifactFacts:
    artifact = link.artifact
    return ArtifactFacts(
        id=artifact.id,
        key=link.key,
        type=artifact.type,
        uri=artifact.uri,
        exists=bool(artifact.uri) and os.path.exists(local_path(artifact.uri)),
        properties=properties(artifact),
        made_by=place.run_id if place else "",
        made_by_node=place.node if place else "",
    )


def _output(nodes: Sequence[NodeFacts], node: str, key: str) -> str:
    return next(
        (a.uri for found in nodes if found.node == node for a in found.outputs if a.key == key), ""
    )


def _histories(nodes: Sequence[NodeFacts]) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for node in nodes:
        folder = _output([node], node.node, "model_run")
        values = read_object(Path(folder, HISTORY_FILE))[0] if folder else None
        if values is not None:
            stage = values.get("stage") or node.node.removesuffix(_TRAINER).lower()
            found[str(stage)] = values
    return found


def _log(folder: Path, run_id: str) -> str:
    """What libraries wrote: one file of a command's run, of a scheduler's one a node."""
    name = file_name(run_id)
    if any(folder.glob(f"{glob.escape(name)}.*.log")):
        return str(folder / f"{name}.*.log")
    return _existing(folder / f"{run_id.partition('.')[2]}.log")


def _existing(path: Path) -> str:
    return str(path) if path.is_file() else ""
