"""A workspace that was moved: what it holds is found below it, whatever address was recorded.

ML Metadata, records of runs and lineages name folders by absolute paths, of the place where the
workspace was when they were written. What nodes give lies below ``artifacts/<pipeline>/``, so a
recorded path itself says which folder the workspace was then.
"""

from __future__ import annotations

import json
import os
import urllib.parse
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from affectflow.files import whole_file
from pipelines.workspace import Workspace

# No path: those that are recorded are absolute.
_HERE = "<workspace>"


@dataclass(frozen=True)
class Finder:
    """Finds what a workspace holds.

    Attributes:
        workspace: as it stands now.
        pipelines: names of those that have run in it.
    """

    workspace: Workspace
    pipelines: Collection[str]

    def former_root(self, uri: str) -> str | None:
        """The folder that the workspace was when a node's output was recorded; None = not told."""
        path = local_path(uri)
        for pipeline in self.pipelines:
            head, found, _ = path.partition(f"/{self.workspace.artifacts.name}/{pipeline}/")
            if found:
                return head
        return None

    def find(self, recorded: str, former: str | None = None) -> str:
        """Where something is now: below the workspace if it is there, else where it was recorded.

        Args:
            recorded: a URI or a path.
            former: the folder that the workspace was then; None = the path itself tells.
        """
        former = former or self.former_root(recorded)
        path = local_path(recorded)
        if not former or not path.startswith(f"{former}/"):
            return recorded
        here = str(self.workspace.root / path[len(former) + 1 :])
        return here if here != path and os.path.exists(here) else recorded

    def find_all(self, values: Any, former: str | None) -> Any:
        """Plain JSON values in which every text that is such a path is where that is now."""
        if isinstance(values, dict):
            return {key: self.find_all(value, former) for key, value in values.items()}
        if isinstance(values, list):
            return [self.find_all(value, former) for value in values]
        return self.find(values, former) if isinstance(values, str) else values


def local_path(uri: str) -> str:
    """The path that a URI names."""
    return urllib.parse.unquote(uri[7:]) if uri.startswith("file://") else uri


def placeless(values: Any, root: str) -> Any:
    """Plain values in which every path in a workspace begins with a word, not the folder's name.

    Equal for equal work wherever the workspace stands. A text of JSON is looked into; one that
    names nothing of the workspace stays as it is.

    Args:
        root: the workspace's folder.
    """
    if isinstance(values, dict):
        return {key: placeless(value, root) for key, value in values.items()}
    if isinstance(values, list):
        return [placeless(value, root) for value in values]
    if not isinstance(values, str):
        return values
    if values.startswith(("{", "[")):
        try:
            held = json.loads(values)
        except ValueError:
            return values
        found = placeless(held, root)
        return values if found == held else json.dumps(found)
    path = local_path(values)
    return _HERE + path[len(root) :] if f"{path}/".startswith(f"{root}/") else values


def pipeline_of(run_id: str) -> str:
    """The pipeline that a run's name begins with."""
    return run_id.partition(".")[0]


def settle(workspace: Workspace) -> int:
    """Brings ML Metadata's addresses up to where the workspace is; gives how many it changed.

    Nodes take what earlier ones gave by the address that is recorded there. Where the workspace is
    known to stand as it did, nothing is read. In a store that several workspaces share nothing
    changes that is still where it was recorded.
    """
    here = str(workspace.root)
    if settled_root(workspace) == here or not workspace.root.is_dir():
        return 0
    changed = _rewrite(workspace)
    with whole_file(_mark(workspace)) as part:
        part.write_text(here, encoding="utf-8", errors="surrogateescape")
    return changed


def settled_root(workspace: Workspace) -> str:
    """The folder that the workspace was when ML Metadata's addresses were last right; "" = never.

    Documents of before that name others still.
    """
    try:
        return _mark(workspace).read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""


def _rewrite(workspace: Workspace) -> int:
    from ml_metadata import MetadataStore, errors

    from pipelines.metadata_store import metadata_connection

    connection = metadata_connection(workspace)
    own = connection.HasField("sqlite")
    if own and not os.path.exists(connection.sqlite.filename_uri):
        return 0
    store = MetadataStore(connection)
    try:
        pipelines = [context.name for context in store.get_contexts_by_type("pipeline")]
    except errors.NotFoundError:  # no run was ever recorded here
        return 0
    finder = Finder(workspace, pipelines)
    changed = []
    for artifact in store.get_artifacts():
        former = finder.former_root(artifact.uri)
        if former in (None, str(workspace.root)):
            continue
        if not own and os.path.exists(local_path(artifact.uri)):
            continue
        found = finder.find(artifact.uri, former)
        if found != artifact.uri:
            artifact.uri = found
            for value in artifact.custom_properties.values():
                if value.HasField("string_value"):
                    value.string_value = finder.find(value.string_value, former)
            changed.append(artifact)
    if changed:
        store.put_artifacts(changed)
    return len(changed)


def _mark(workspace: Workspace) -> Path:
    return workspace.root / ".root"
