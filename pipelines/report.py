"""One page a run: what it was told, what its nodes did, and what became of the model.

It is written anew after every node, so that it also stands for a run that failed or was given up.
"""

from __future__ import annotations

import fcntl
import html
import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from ml_metadata.proto import metadata_store_pb2
from tfx.orchestration import metadata

from affectflow.release.store import file_name
from pipelines.class_figures import COLUMNS, class_rows
from pipelines.compiled import Compiled
from pipelines.metadata_store import metadata_connection
from pipelines.node import executions_of_run, output_artifacts
from pipelines.run_record import RunRecord
from pipelines.workspace import Workspace

_log = logging.getLogger(__name__)

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0;
         border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
code { overflow-wrap: anywhere; }
.failed, .refused { color: light-dark(#b00020, #ff8a80); }
.complete, .blessed { color: light-dark(#1b6e20, #81c784); }
"""


@dataclass(frozen=True)
class NodeRow:
    """A node as ML Metadata has it.

    Attributes:
        state: in lower case; ``waiting`` for one that has no execution.
        seconds: from first to last change; None while it runs.
        uris: of what it gave.
    """

    node: str
    state: str
    execution_id: int | None
    seconds: float | None
    uris: tuple[str, ...]


def report_path(workspace: Workspace, run_id: str) -> Path:
    """Where a run's page is."""
    return workspace.reports / f"{file_name(run_id)}.html"


def keep_report(workspace: Workspace, compiled: Compiled, record: RunRecord) -> None:
    """Writes the page, or says why not: a page must not hide how its run ended."""
    try:
        write_report(workspace, compiled, record)
    except Exception as error:
        _log.warning("the report of run %s could not be written: %s", record.run_id, error)


def write_report(workspace: Workspace, compiled: Compiled, record: RunRecord) -> Path:
    """Writes the page; of nodes that end at once the last one's is the whole story."""
    path = report_path(workspace, record.run_id)
    with open(workspace.run(record.run_id) / "report.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        rows = _rows(workspace, compiled, record.run_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        page = "".join(_page(compiled, record, rows, f"{workspace.root}/"))
        part.write_text(page, encoding="utf-8")
        os.replace(part, path)
    return path


def _rows(workspace: Workspace, compiled: Compiled, run_id: str) -> list[NodeRow]:
    found: dict[str, NodeRow] = {}
    with metadata.Metadata(metadata_connection(workspace)) as handle:
        for node, execution in executions_of_run(handle.store, run_id):
            outputs = output_artifacts(handle, execution.id)
            state = metadata_store_pb2.Execution.State.Name(execution.last_known_state).lower()
            passed = execution.last_update_time_since_epoch - execution.create_time_since_epoch
            found[node] = NodeRow(
                node,
                state,
                execution.id,
                None if state == "running" else passed / 1000,
                tuple(a.uri for artifacts in outputs.values() for a in artifacts),
            )
    return [found.get(n, NodeRow(n, "waiting", None, None, ())) for n in compiled.nodes]


def _page(
    compiled: Compiled, record: RunRecord, rows: list[NodeRow], workspace: str
) -> Iterator[str]:
    title = html.escape(record.run_id)
    yield f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title>"
    yield f'<meta name=viewport content="width=device-width"><style>{_STYLE}</style>'
    yield f"<h1>{title}</h1><p>{html.escape(compiled.description)}"
    yield f"<p>As of {datetime.now(timezone.utc):%Y-%m-%d %H:%M:%S} UTC"
    yield f"<p>Workspace <code>{html.escape(workspace)}</code>"
    yield from _verdict(rows)
    yield "<h2>Nodes</h2><table><tr><th>node<th>state<th class=number>execution"
    yield "<th class=number>seconds<th>what it gave</tr>"
    for row in rows:
        seconds = "" if row.seconds is None else f"{row.seconds:.1f}"
        uris = "<br>".join(
            f"<code>{html.escape(uri.removeprefix(workspace))}</code>" for uri in row.uris
        )
        yield f"<tr><td>{html.escape(row.node)}<td class={row.state}>{row.state}"
        yield f"<td class=number>{row.execution_id or ''}<td class=number>{seconds}<td>{uris}</tr>"
    yield "</table>"
    if record.data is not None:
        yield from _table("Data", record.data)
    if record.start is not None:
        yield from _table("Started from", record.start)
    yield from _table("Asked for", record.request)
    versions = {"code": record.code_version, **record.packages}
    yield from _table("Versions", versions)


def _verdict(rows: list[NodeRow]) -> Iterator[str]:
    evaluated = [row for row in rows if row.node == "Evaluator" and row.uris]
    files = [Path(uri) / "summary.json" for row in evaluated for uri in row.uris]
    for file in files:
        if file.is_file():
            metrics = json.loads(file.read_text(encoding="utf-8"))
            verdict = metrics["verdict"]
            said = "blessed" if verdict["blessed"] else "refused"
            yield f"<h2>Gate: <span class={said}>{said}</span></h2><ul>"
            yield from (f"<li>{html.escape(reason)}" for reason in verdict["reasons"])
            yield "</ul>"
            yield from _classes(metrics)


def _classes(metrics: dict[str, Any]) -> Iterator[str]:
    """What ``affectflow release`` prints of classes, where they are measured."""
    heads = "".join(f"<th class=number>{html.escape(column)}" for column in COLUMNS)
    for task, rows in groupby(class_rows(metrics), key=attrgetter("task")):
        yield f"<h2>{html.escape(task.capitalize())}</h2><table><tr><th>{heads}</tr>"
        for row in rows:
            yield f"<tr><th>{html.escape(row.title)}"
            yield from (f"<td class=number>{html.escape(value)}" for value in row.values)
            yield "</tr>"
        yield "</table>"


def _table(title: str, values: dict[str, Any]) -> Iterator[str]:
    yield f"<h2>{title}</h2><table>"
    for name, value in _flat(values):
        yield f"<tr><th>{html.escape(name)}<td><code>{html.escape(str(value))}</code></tr>"
    yield "</table>"


def _flat(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        elif value not in ("", None):
            yield f"{prefix}{name}", value
