"""What a run was told, written once when it begins: every node of it then works on the same.

A scheduler starts each node as a process of its own, maybe days later when a task is cleared. If
each looked up "the latest rebuild" for itself, a rebuild that ends in between would mix two.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from affectflow.errors import InputError
from affectflow.files import file_name
from pipelines.moved import Finder, pipeline_of
from pipelines.workspace import Workspace, check_recordable

if TYPE_CHECKING:
    # Whoever only reads records, to list runs, needs neither TFX nor the recipes' settings.
    from pipelines.compiled import Compiled
    from pipelines.recipe import Recipe

RUN_FILE = "run.json"
"""In a run's folder of the workspace."""

_FORMAT = 1
_PART = ".run.{}.part"
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.~:+-]{0,249}")


@dataclass(frozen=True)
class Request:
    """What a run is asked for.

    Attributes:
        recipe: every setting.
        data: the corpus's folder, absolute; "" for a release.
        rebuild_run: the rebuild that a release trains on; "" = the latest.
        subset: of that rebuild; "" = whichever it has.
        start_from: the release whose weights training starts from, by its number in the workspace
            or by its folder; "" = new weights.
        fail_on_refusal: a refused model makes the run fail.
        retry_rejects: a rebuild tries clips again whatever was found of them before.
    """

    recipe: Recipe
    data: str = ""
    rebuild_run: str = ""
    subset: str = ""
    start_from: str = ""
    fail_on_refusal: bool = False
    retry_rejects: bool = False

    def as_json(self) -> dict[str, Any]:
        """Every field as plain JSON values."""
        return {**vars(self), "recipe": self.recipe.as_json()}


@dataclass(frozen=True)
class RunRecord:
    """What was settled when a run began.

    Attributes:
        run_id: its name.
        pipeline: the pipeline's.
        code_version: of all the code.
        request: ``Request.as_json``.
        data: the rebuild that a release trains on (see pipelines.rebuild_data); None for a rebuild.
        packages: versions of what decides a result.
        start: the release that training starts from (see pipelines.start_release); None = new
            weights.
        hardware: of the machine where the run began (see pipelines.hardware); None in the record
            of a run that began before it was noted.
        root: the workspace's folder when the run began; None likewise.
    """

    run_id: str
    pipeline: str
    code_version: str
    request: dict[str, Any]
    data: dict[str, Any] | None
    packages: dict[str, str]
    start: dict[str, Any] | None = None
    hardware: dict[str, Any] | None = None
    root: str | None = None


def check_run_id(run_id: str) -> None:
    """A run id names folders and is written in logs.

    Raises:
        InputError: characters that do not do, or too many.
    """
    if not _RUN_ID.fullmatch(run_id):
        raise InputError(
            f"run id {run_id!r} cannot be used; up to 250 letters, digits and any of _.~:+-"
            " would do, a letter or digit first"
        )


def begin_run(
    workspace: Workspace,
    compiled: Compiled,
    run_id: str,
    request: Request,
    choose_data: Callable[[], dict[str, Any] | None],
    choose_start: Callable[[], dict[str, Any] | None] = lambda: None,
) -> RunRecord:
    """The record of a run: the one there is, or a new one.

    Of several nodes that begin a run at once, one writes it and the others take that.

    Args:
        choose_data, choose_start: called for a run that has no record yet.

    Raises:
        InputError: the run id cannot be used, or the run began with another request or by other
            code; a run cannot change what it works on halfway.
    """
    from pipelines.hardware import hardware
    from pipelines.node_code import compiled_libraries
    from pipelines.versions import run_versions

    check_run_id(run_id)
    check_recordable("corpus folder", request.data)
    path = workspace.run(run_id) / RUN_FILE
    if not path.exists():
        record = RunRecord(
            run_id,
            compiled.pipeline,
            compiled.code_version,
            request.as_json(),
            choose_data(),
            run_versions(compiled_libraries(compiled.ir)),
            choose_start(),
            hardware(),
            str(workspace.root),
        )
        _write_first(path, record)
    _remove_parts(path)
    record = load_record(path)
    if record.code_version != compiled.code_version:
        raise InputError(
            f"run {run_id} began with code version {record.code_version} and this is"
            f" {compiled.code_version}; start a new run"
        )
    # JSON has no tuples: compared as the file holds it.
    if changed := sorted(_differences(record.request, json.loads(json.dumps(request.as_json())))):
        raise InputError(
            f"run {run_id} began with other parameters ({', '.join(changed)}); start a new run"
        )
    return record


def load_record(path: Path) -> RunRecord:
    """Reads ``run.json``; what it names in the workspace is given as it lies now.

    Raises:
        InputError: it is damaged or of another format.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if values.pop("format") != _FORMAT:
            raise ValueError(f"another format than {_FORMAT}")
        record = RunRecord(**values)
        if path.parent.name != file_name(record.run_id):
            raise ValueError(f"it is of run {record.run_id!r}")
        return replace(record, data=_here(path, record, "data"), start=_here(path, record, "start"))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(f"{path} is damaged ({error}); start a new run") from error


def _here(path: Path, record: RunRecord, name: str) -> dict[str, Any] | None:
    """Data or start of a record whose workspace may have been moved since."""
    values = getattr(record, name)
    workspace = Workspace(path.absolute().parent.parent.parent)
    if not isinstance(values, dict) or record.root == str(workspace.root):
        return values
    told = record.data if isinstance(record.data, dict) else {}
    finder = Finder(workspace, [pipeline_of(str(told.get("run_id") or record.run_id))])
    former = record.root or finder.former_root(str(told.get("frames") or ""))
    return finder.find_all(values, former)


def _write_first(path: Path, record: RunRecord) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"format": _FORMAT, **vars(record)}, indent=1, sort_keys=True) + "\n"
    # Not one of Python's temporary files, which the group may never read, whatever the umask. The
    # name is of this call alone: nodes on several machines begin one run at once.
    part = path.with_name(_PART.format(secrets.token_hex(8)))
    try:
        part.write_text(text, encoding="utf-8")
        # A link, unlike a rename, never replaces: the first one stays. Whose it is may have taken
        # this part for a killed process's.
        with suppress(FileExistsError, FileNotFoundError):
            os.link(part, path)
    finally:
        part.unlink(missing_ok=True)


def _remove_parts(path: Path) -> None:
    """Of a record that is there nobody needs what is begun, by a process that was killed or not."""
    for part in path.parent.glob(_PART.format("*")):
        part.unlink(missing_ok=True)


def _differences(old: Any, new: Any, name: str = "") -> set[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        return {
            found
            for key in old.keys() | new.keys()
            for found in _differences(old.get(key), new.get(key), f"{name}.{key}".lstrip("."))
        }
    return set() if old == new else {name}
