"""A toy recipe as compiled, a stand-in for the node runner, and a task's context."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

REPOSITORY = Path(__file__).parents[2]

# Does what its DATA parameter says, in the node runner's terms; writes down how it was called.
STUB = """#!{python}
import json, os, signal, subprocess, sys, time
def option(name):
    return sys.argv[sys.argv.index(name) + 1]
def leave(state, status, **more):
    result = {{"node": option("--node"), "run_id": option("--run-id"), "state": state,
              "execution_id": 7, "outputs": {{}}, "reason": None, "retry": True, "extra": {{}}}}
    with open(option("--result"), "w") as file:
        json.dump({{**result, **more}}, file)
    sys.exit(status)
folder = os.path.dirname(sys.argv[0])
with open(folder + "/calls.jsonl", "a") as file:
    file.write(json.dumps({{"argv": sys.argv, "environment": dict(os.environ), "cwd": os.getcwd(),
                           "stdin": sys.stdin.read(), "pid": os.getpid()}}) + "\\n")
print("a line of", option("--node"))
sys.stdout.flush()
sys.stderr.buffer.write(b"a stray byte: \\xff\\n")
sys.stderr.flush()
try:
    wish = json.loads(json.loads(option("--parameters")).get("data") or "{{}}")
except ValueError:
    wish = {{}}
wish = wish if isinstance(wish, dict) else {{}}
if "child" in wish:  # something that the node started and that outlives it
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    open(folder + "/child", "w").write(str(child.pid))
if wish.get("deaf"):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "started" in wish:
    open(folder + "/started", "w").close()
time.sleep(wish.get("sleep", 0))
if "kill" in wish:
    os.kill(os.getpid(), wish["kill"])
if "exit" in wish:
    sys.exit(wish["exit"])
leave(wish.get("state", "complete"), wish.get("status", 0), **wish.get("result", {{}}))
"""


class Worker:
    """A stand-in for the worker environment's Python."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.python = folder / "python"
        self.python.write_text(STUB.format(python=sys.executable))
        self.python.chmod(0o755)

    @property
    def calls(self) -> list[dict[str, Any]]:
        """How it was called, in order: argv, environment, cwd, stdin, pid."""
        path = self.folder / "calls.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def parameter(
    name: str, required: bool = False, section: str = "", **schema: Any
) -> dict[str, Any]:
    """A parameter as compiled, a text with default "" unless its schema says otherwise."""
    usual = {"type": "string", "default": "", "description": f"about {name}"}
    return {
        "name": name,
        "required": required,
        "section": section,
        "schema": {**usual, **schema},
    }


def node(id: str, type: str, *upstream: str) -> dict[str, Any]:
    """A node as protobuf writes it: an empty list is left out."""
    entry: dict[str, Any] = {"node_info": {"id": id, "type": {"name": type}}}
    if upstream:
        entry["upstream_nodes"] = list(upstream)
    return {"pipeline_node": entry}


def rebuild(recipe: str = "toy", **fields: Any) -> dict[str, Any]:
    """A compiled rebuild of three nodes in two stages."""
    return {
        "format": 2,
        "pipeline": f"{recipe}_rebuild",
        "recipe": recipe,
        "kind": "rebuild",
        "description": "Faces of a toy",
        "documentation": "A toy recipe.",
        "code_version": "0123456789abcdef",
        "parameters": [
            parameter("data", required=True),
            parameter("subset", default="max", enum=["all", "max"]),
            parameter("seed", type="integer", default=0, minimum=0, maximum=9),
            parameter("listing.share", type="number", default=0.5, section="listing"),
        ],
        "stages": [
            {"name": "ingest", "nodes": ["VideoExampleGen", "FramesSchema"]},
            {"name": "balance", "nodes": ["Transform"]},
        ],
        "produces": {"asset": f"{recipe}_balanced_frames", "node": "Transform"},
        "started_by": None,
        "ir": {
            "nodes": [
                node("FramesSchema", "tfx.components.ImportSchemaGen"),
                node("VideoExampleGen", "components.video_example_gen.component.VideoExampleGen"),
                node("Transform", "tfx.components.Transform", "FramesSchema", "VideoExampleGen"),
            ]
        },
        **fields,
    }


def release(recipe: str = "toy", **fields: Any) -> dict[str, Any]:
    """A compiled release of two nodes in one stage."""
    return {
        **rebuild(recipe),
        "pipeline": f"{recipe}_release",
        "kind": "release",
        "parameters": [
            parameter("rebuild_run"),
            parameter("fail_on_refusal", type="boolean", default=False),
        ],
        "stages": [{"name": "cnn", "nodes": ["CnnTrainer", "Pusher"]}],
        "produces": None,
        "started_by": f"{recipe}_balanced_frames",
        "ir": {
            "nodes": [
                node("CnnTrainer", "components.trainer.component.CnnTrainer"),
                node("Pusher", "components.pusher.component.Pusher", "CnnTrainer"),
            ]
        },
        **fields,
    }


def write(folder: Path, *compiled: dict[str, Any]) -> list[Path]:
    """Writes compiled pipelines under their names."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for content in compiled:
        paths.append(folder / f"{content['pipeline']}.json")
        paths[-1].write_text(json.dumps(content))
    return paths


def read(folder: Path, content: dict[str, Any]) -> Any:
    """The graph of a compiled pipeline."""
    from dags.graph import read_graph

    return read_graph(write(folder, content)[0])


class TaskInstance:
    """As much of Airflow's as an operator of dags/ uses."""

    def __init__(self, dag_id: str, run_id: str):
        self.dag_id = dag_id
        self.run_id = run_id
        self.xcoms: dict[str, Any] = {}

    def xcom_push(self, key: str, value: Any) -> None:
        self.xcoms[key] = value


def context_of(dag: Any, conf: dict[str, Any] | None = None, events: Any = ()) -> dict[str, Any]:
    """A task's context as Airflow makes it for a run of the DAG with a configuration."""
    conf = conf or {}
    params = {**dag.params.dump(), **conf}
    return {
        "dag_run": SimpleNamespace(conf=conf),
        "params": params,
        "run_id": "manual__2026-01-02T03:04:05+00:00",
        "ti": TaskInstance(dag.dag_id, "manual__2026-01-02T03:04:05+00:00"),
        "outlet_events": _OutletEvents(),
        "triggering_asset_events": {"asset": list(events)} if events else {},
    }


class _OutletEvents(dict):
    def __missing__(self, asset: Any) -> Any:
        self[asset] = SimpleNamespace(extra={})
        return self[asset]


def event(second: int, **extra: Any) -> Any:
    """An asset's event, so many seconds into 2026."""
    return SimpleNamespace(timestamp=datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC), extra=extra)
