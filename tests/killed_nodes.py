"""A recipe's nodes as a scheduler runs them, one after another, in a workspace that is watched."""

from __future__ import annotations

import fcntl
import json
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from affectflow.release import latest_whole, load, publish
from affectflow.release.tree import FileEntry
from affectflow.settings import value_of
from dags.command import NodeCommand, run_name
from pipelines.compiled import Compiled, load_compiled
from pipelines.paper_table import table_of
from pipelines.recipe import load_recipe
from tests.canonical import EVENTS, contents
from tests.warm import NODE, Ended, Warm

KINDS = ("rebuild", "release")
# Workers beside each other add in another order each time, and a sum's last bit is another.
_BEAM = ("--direct_num_workers=1",)
# The property of such nodes, and the folder in a workspace.
RELEASES = "releases"
# TFX calls a driver's folder, which is empty, by the time.
_DRIVER = re.compile(r"(?<=/driver_execution/)\d+")


@dataclass(frozen=True)
class Node:
    """A node of a compiled pipeline.

    Attributes:
        compiled: the pipeline.
        id: the node's.
        kind: its class, with the module.
        releases: whether it looks at releases, or makes one.
    """

    compiled: Compiled
    id: str
    kind: str
    releases: bool

    def __str__(self) -> str:
        return f"{self.compiled.pipeline}.{self.id}"


def nodes_of(recipe: str, kinds: Iterable[str]) -> list[Node]:
    """All of some of its pipelines, as they may run: those that look at releases last."""
    found = []
    for kind in kinds:
        compiled = load_compiled(f"{recipe}_{kind}")
        nodes = []
        for wrapped in compiled.ir.nodes:
            node = wrapped.pipeline_node
            releases = RELEASES in node.parameters.parameters
            nodes.append(Node(compiled, node.node_info.id, node.node_info.type.name, releases))
        found += sorted(nodes, key=lambda node: node.releases)
    return found


def small_parameters(compiled: Compiled, data: Path) -> dict[str, Any]:
    """Those of the smallest run that the recipe's table knows, and a gate that lets it through."""
    table = table_of(load_recipe(compiled.recipe))
    (row,) = table.chosen(table.small.rows)
    texts = dict(one.split("=", 1) for one in (*row.settings, *table.small.settings))
    given: dict[str, Any] = {"data": str(data)} if compiled.kind == "rebuild" else {}
    for parameter in compiled.parameters:
        if parameter.name in texts:
            text = texts[parameter.name]
            given[parameter.name] = value_of(parameter.name, text, parameter.schema)
        elif parameter.name.startswith("gate.min_"):
            # What anything reaches: a CCC is -1 or more, a share 0 or more.
            given[parameter.name] = -1.0 if "_ccc_" in parameter.name else 0.0
    return given


class Walk:
    """A workspace in which nodes run.

    Args:
        root: of the workspace.
        data: the recipe's corpus.
        warm: that starts the nodes.
        tmp: where they have their temporary files.
    """

    def __init__(self, root: Path, data: Path, warm: Warm, tmp: Path):
        self.root, self._data, self._warm, self._tmp = root, data, warm, tmp
        self._result = tmp.with_name("result.json")
        self._kept = root.with_name("kept")

    def run(self, node: Node) -> Ended:
        """Runs a node, which must end well."""
        ended = self._warm.start(NODE, self._argv(node)).wait()
        assert ended.status == 0, f"{node}: {json.loads(self._result.read_text())['reason']}"
        return ended

    def kill(self, node: Node, after_s: float, number: int, patience_s: float) -> Ended:
        """Runs a node until it is killed, see ``Child.kill_after``."""
        child = self._warm.start(NODE, self._argv(node))
        return child.kill_after(after_s, number, patience_s)

    def compare_with_exported(self, node: Node) -> None:
        """Before a node that looks at releases: one of which nothing was measured.

        So that who compares has something to do. Its model is what this run has exported.
        """
        if node.releases and latest_whole(self.root / RELEASES) is None:
            (model,) = self.root.glob(
                f"artifacts/{node.compiled.pipeline}/*/model/*/Format-Serving"
            )
            publish(self.root / RELEASES, {"serving": model}, {}, {}, {}, "unmeasured")

    def keep(self) -> None:
        """Copies the workspace as it is."""
        self.root.mkdir(exist_ok=True)
        shutil.rmtree(self._kept, ignore_errors=True)
        shutil.copytree(self.root, self._kept, symlinks=True)

    def restore(self) -> None:
        """Makes it what it was when it was copied."""
        shutil.rmtree(self.root)
        shutil.copytree(self._kept, self.root, symlinks=True)

    def is_complete(self, node: Node) -> bool:
        """Whether ML Metadata says so."""
        return bool(self._complete(node))

    def outputs(self, node: Node) -> dict[str, dict[str, FileEntry | str]]:
        """Output → file → content, of a node that is complete, once, and whose seals hold."""
        from tfx.orchestration import metadata

        from pipelines.executions import output_artifacts
        from pipelines.metadata_store import metadata_connection
        from pipelines.seal import check_seal
        from pipelines.workspace import Workspace

        # An Importer that was killed begins another execution.
        (execution,) = self._complete(node)
        connection = metadata_connection(Workspace(self.root), {})
        with metadata.Metadata(connection) as handle:
            found = output_artifacts(handle, execution.id)
        given = {}
        for key, artifacts in found.items():
            (artifact,) = artifacts
            check_seal(artifact)
            given[key] = contents(Path(artifact.uri))
        return given

    def release(self) -> dict[str, FileEntry | str]:
        """The newest release, whole to the last byte; nothing where there is none."""
        newest = latest_whole(self.root / RELEASES)
        return contents(load(newest.path, full=True).path) if newest else {}

    def paths(self) -> set[str]:
        """All there is in the workspace, and among the temporary files."""
        found = {path.relative_to(self.root).as_posix() for path in self.root.rglob("*")}
        found |= {f"TMPDIR/{path.relative_to(self._tmp)}" for path in self._tmp.rglob("*")}
        return {EVENTS.sub("#", _DRIVER.sub("#", path)) for path in found}

    def check_nobody_is_left(self) -> None:
        """No lock is held, no execution at work, and no artifact recorded twice."""
        from ml_metadata import MetadataStore
        from ml_metadata.proto import metadata_store_pb2

        from pipelines.metadata_store import metadata_connection
        from pipelines.workspace import Workspace

        for path in self.root.rglob("*.lock"):
            with path.open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        store = MetadataStore(metadata_connection(Workspace(self.root), {}))
        state = metadata_store_pb2.Execution.State
        left = [
            f"execution {e.id} {state.Name(e.last_known_state)}"
            for e in store.get_executions()
            if e.last_known_state in (state.NEW, state.RUNNING)
        ]
        assert left == []
        uris = [artifact.uri for artifact in store.get_artifacts()]
        assert sorted(uris) == sorted(set(uris))

    def _complete(self, node: Node) -> list[Any]:
        from pipelines.executions import CACHED, COMPLETE

        return [e for e in self._tries(node) if e.last_known_state in (COMPLETE, CACHED)]

    def _tries(self, node: Node) -> list[Any]:
        from ml_metadata import MetadataStore

        from pipelines.executions import executions_of_run
        from pipelines.metadata_store import metadata_connection
        from pipelines.workspace import Workspace

        if not (self.root / "metadata.sqlite").exists():
            return []
        store = MetadataStore(metadata_connection(Workspace(self.root), {}))
        tries = executions_of_run(store, run_name(node.compiled.pipeline, "r1"))
        return [execution for name, execution in tries if name == node.id]

    def _argv(self, node: Node) -> list[str]:
        self._result.unlink(missing_ok=True)
        compiled = node.compiled
        command = NodeCommand(
            "python", str(self.root), compiled.pipeline, node.id, compiled.code_version, _BEAM
        )
        argv = command.argv(
            run_name(node.compiled.pipeline, "r1"),
            small_parameters(node.compiled, self._data),
            self._result,
            self._warm.pid,
        )
        # What comes before are the interpreter and the module.
        return argv[3:]


def differences(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    """Names of what differs."""
    return (
        name for name in sorted({*wanted, *found}) if wanted.get(name) != found.get(name)
    )  # fmt: skip
