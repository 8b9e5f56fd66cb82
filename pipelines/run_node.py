"""The node runner: one node of one run as a process of its own, for a scheduler.

    python -m pipelines.run_node --pipeline demo_rebuild --node VideoExampleGen \\
        --run-id demo_rebuild.nightly-7 --workspace /data/ws --parameters '{"data": "/data/corpus"}'

Exit status 0: the node is complete (run now, reused, or complete before); 99: skipped; 1: failed.
ML Metadata's store is named by the environment (see pipelines.metadata_store). Standard output has
what concerns people: how far the node is, warnings, what came of it. What libraries write is in
``<workspace>/logs/<run>.<node>.log``.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import logging
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from affectflow.errors import AffectflowError, InputError, chain
from affectflow.files import file_name, write_json
from affectflow.private import private_folder
from affectflow.progress import LOGGER
from pipelines.lean_imports import lean_imports
from pipelines.log_stream import output_is_a_log
from pipelines.progress_log import told_in_lines
from pipelines.quiet import quiet_libraries, ready_streams
from pipelines.visible import VisibleFormatter, is_ours, visible

DONE, FAILED, SKIPPED = 0, 1, 99
_PR_SET_PDEATHSIG = 1

log = logging.getLogger("affectflow")


@dataclass
class Result:
    """What the scheduler is told.

    Attributes:
        node, run_id: of what.
        state: ``complete``, ``cached``, ``imported``, ``skipped`` or ``failed``.
        execution_id: in ML Metadata; None where there is none.
        outputs: URIs by output key.
        reason: why it was skipped or failed.
        retry: False when the same again would fail the same.
        extra: what an asset's event carries (see pipelines.asset), of the node that completes it.
    """

    node: str
    run_id: str
    state: str = "failed"
    execution_id: int | None = None
    outputs: dict[str, list[str]] = field(default_factory=dict)
    reason: str | None = None
    retry: bool = True
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """The process's exit status."""
        return {"failed": FAILED, "skipped": SKIPPED}.get(self.state, DONE)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the node that the arguments name; gives the exit status."""
    given = _parsed(sys.argv[1:] if arguments is None else arguments)
    if given.parent_pid:
        _end_with(given.parent_pid)
    result = Result(given.node, given.run_id)
    full_log = _full_log(given)
    folders = [Path(given.workspace).resolve()]
    with output_is_a_log(), _log_to_output():
        try:
            with _apart(full_log), told_in_lines(given.node):
                _run(given, result)
        except Exception as error:
            _fail(result, error, folders)
        if given.result:
            try:
                write_json(Path(given.result), asdict(result))
            except OSError as error:
                # Without it the scheduler knows nothing of what came of the node; another try finds
                # it done.
                _fail(result, error, [Path(given.result).parent])
        if result.reason:
            level = logging.ERROR if result.state == "failed" else logging.WARNING
            log.log(level, "%s", result.reason)
        if result.state == "failed" and full_log.is_file():
            log.info("what libraries wrote is in %s", full_log)
        log.info("%s %s", result.node, result.state)
    return result.status


def _run(given: argparse.Namespace, result: Result) -> None:
    # TFX is imported here, after the command line has been read, and the launcher first of it.
    from pipelines import node as nodes
    from pipelines.beam import beam_args
    from pipelines.compiled import load_compiled
    from pipelines.gone import close_gone
    from pipelines.moved import settle
    from pipelines.parameters import apply, checked_values
    from pipelines.recipe import load_recipe
    from pipelines.report import keep_report
    from pipelines.run import start_run
    from pipelines.run_record import RUN_FILE, Request, check_run_id
    from pipelines.workspace import Workspace, node_lock, workspace_lock

    check_run_id(given.run_id)
    compiled = load_compiled(given.pipeline)
    if given.node not in compiled.nodes:
        raise InputError(
            f"{given.pipeline} has no node {given.node!r}; it has {', '.join(compiled.nodes)}"
        )
    _check_version(compiled, given.node, given.code_version)
    values = checked_values(compiled.parameters, _json_object(given.parameters))
    recipe = apply(load_recipe(compiled.recipe), values, compiled.kind)
    if compiled.kind == "rebuild":
        run = {
            "data": os.path.abspath(values["data"]),
            "retry_rejects": values["retry_rejects"],
        }
    else:
        told = ("rebuild_run", "subset", "start_from", "fail_on_refusal")
        run = {key: values[key] for key in told}
    request = Request(recipe, **run)
    options = beam_args(given.beam)
    workspace = Workspace(Path(given.workspace).resolve())
    with workspace_lock(workspace, shared=True), node_lock(workspace, given.run_id, given.node):
        settle(workspace)
        close_gone(workspace, given.run_id)
        if workspace.warning and not (workspace.run(given.run_id) / RUN_FILE).exists():
            log.warning(workspace.warning)  # once a run
        record, pipeline = start_run(workspace, compiled, given.run_id, request)
        try:
            done = nodes.run_node(pipeline, given.node, workspace, options)
            _tell(result, done)
            if compiled.produces and given.node == compiled.produces[1]:
                from pipelines.asset import balanced_frames

                result.extra = balanced_frames(workspace, given.run_id)
        finally:
            keep_report(workspace, compiled, record, given.node)


def _tell(result: Result, done: Any) -> None:
    from components.artifacts import SKIPPED as WHY

    result.state, result.execution_id = done.state, done.execution_id
    result.outputs = {key: [a.uri for a in found] for key, found in done.outputs.items()}
    log.info("%s: execution %s, %s", done.node, done.execution_id, done.state)
    for key, artifacts in done.outputs.items():
        for artifact in artifacts:
            log.info("%s: %s %s", done.node, key, artifact.uri)
            if why := artifact.get_string_custom_property(WHY):
                result.state, result.reason = "skipped", visible(why)
    if done.state == "skipped":
        result.reason = "the node's condition does not hold"


def _fail(result: Result, error: Exception, folders: Sequence[Path]) -> None:
    from affectflow.room import no_room
    from pipelines.failure import reason_of

    links = list(chain(error))
    told = [link for link in links if isinstance(link, AffectflowError)]
    result.state = "failed"
    # The scheduler shows it to people.
    result.reason = visible(reason_of(error, folders))
    full = no_room(error, folders) is not None
    # Only what this process itself raised is known to come again: a worker's error is a text. A
    # full disk may have been cleared by then.
    result.retry = full or all(link.retry for link in told)
    if not (told or full):
        log.error("%s came upon what nobody foresaw", result.node, exc_info=error)


def _check_version(compiled: Any, node: str, expected: str) -> None:
    """Of the code, what this node runs is looked at; each other node looks at its own."""
    from pipelines.node_code import code_of, compiled_versions

    remedy = "bring both to the same version and run 'affectflow compile'"
    if expected not in ("", compiled.code_version):
        raise InputError(
            f"{compiled.pipeline}: the scheduler's compiled form is of code version {expected}, the"
            f" one here of {compiled.code_version}; {remedy}"
        )
    code = code_of(compiled.ir, node)
    then = compiled_versions(compiled.ir).get(node)
    if code is not None and code.version() != then:
        raise InputError(
            f"{compiled.pipeline}: the compiled form here has {node} of code version {then}, the"
            f" code here is of {code.version()}; {remedy}"
        )


def _json_object(text: str) -> dict[str, Any]:
    try:
        values = json.loads(text)
    except ValueError as error:
        raise InputError(f"--parameters is not JSON: {error}; a JSON object would do") from error
    if not isinstance(values, dict):
        raise InputError(f"--parameters is {text[:60]!r}; a JSON object would do")
    return values


def _end_with(parent: int) -> None:
    """Asks the kernel to end this process when its parent ends, however that is killed.

    Nobody could see or stop it any more.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(FAILED)


@contextmanager
def _log_to_output() -> Iterator[None]:
    """Standard output gets the runner's own lines, notes of progress, the project's warnings."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(VisibleFormatter("%(levelname)s %(name)s: %(message)s"))
    handler.addFilter(_concerns_people)
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    # TFX logs whole protocol buffers through absl, screens of them for every node.
    logging.getLogger("absl").setLevel(logging.WARNING)
    try:
        yield
    finally:
        root.removeHandler(handler)


def _concerns_people(record: logging.LogRecord) -> bool:
    if record.name in (log.name, LOGGER.name):
        return True
    return record.levelno >= logging.WARNING and is_ours(record)


def _full_log(given: argparse.Namespace) -> Path:
    return Path(given.workspace).resolve() / "logs" / f"{file_name(given.run_id)}.{given.node}.log"


@contextmanager
def _apart(full_log: Path) -> Iterator[None]:
    """Has libraries write into the full log; where that cannot be, among all else."""
    with ExitStack() as open_:
        try:
            private_folder(full_log.parent.parent)
            open_.enter_context(quiet_libraries(full_log))
        except OSError as error:
            log.warning("%s cannot be written (%s)", full_log, error.strerror)
        yield


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(FAILED, f"{self.prog}: {visible(message)}\n")


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = _Parser("run_node", description="Runs one node of a compiled pipeline.")
    parser.add_argument("--pipeline", required=True, help="as in dags/compiled")
    parser.add_argument("--node", required=True, help="its id")
    parser.add_argument("--run-id", required=True, help="the run's name in ML Metadata")
    parser.add_argument("--workspace", required=True, help="folder of the runs' data")
    parser.add_argument("--parameters", default="{}", help="JSON object, by parameter name")
    parser.add_argument("--code-version", default="", help="that the scheduler's form is of")
    parser.add_argument("--result", default="", help="file to write the result to, as JSON")
    parser.add_argument("--parent-pid", type=int, default=0, help="end when that process ends")
    parser.add_argument("beam", nargs="*", help="after --: options for Beam")
    return parser.parse_args(list(arguments))


if __name__ == "__main__":
    ready_streams()
    lean_imports()
    sys.exit(main())
