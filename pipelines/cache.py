"""TFX's cache for a workspace that may move: what was done in it stays done.

TFX's key is a digest of a node's inputs and properties, as they are written. They name folders of
the workspace by absolute paths, so after a move every key would be another. Here what lies in the
workspace counts by its place below it; all else counts as it does with TFX.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from ml_metadata.proto import metadata_store_pb2
from tfx.orchestration import metadata
from tfx.orchestration.portable import cache_utils
from tfx.orchestration.portable.mlmd import execution_lib
from tfx.types.artifact import Artifact

from pipelines.executions import output_artifacts
from pipelines.moved import local_path, placeless
from pipelines.workspace import Workspace


class WorkspaceCache:
    """Stands in for TFX's ``cache_utils``, of which the launcher calls these two.

    Args:
        workspace: where the node runs.
    """

    def __init__(self, workspace: Workspace):
        self._root = str(workspace.root)

    def get_cache_context(
        self,
        *,
        input_artifacts: Mapping[str, Sequence[Artifact]],
        parameters: Mapping[str, Any],
        **given: Any,
    ) -> metadata_store_pb2.Context:
        """The context named by the key, which belongs to all executions of the same work.

        Args:
            input_artifacts: by input key.
            parameters: properties of the execution.
            given: what names no folder (see ``cache_utils.get_cache_context``).
        """
        return cache_utils.get_cache_context(
            input_artifacts={
                key: [self._placeless(artifact) for artifact in artifacts]
                for key, artifacts in input_artifacts.items()
            },
            parameters=placeless(dict(parameters), self._root),
            **given,
        )

    def get_cached_outputs(
        self, metadata_handle: metadata.Metadata, cache_context: metadata_store_pb2.Context
    ) -> dict[str, list[Artifact]] | None:
        """What the newest of these executions gave that is whole and lies in this workspace.

        A key without places is the same in every workspace of a store that several share, and a
        node here may not take what lies in another, nor believe that this one's release was made.
        """
        done = filter(
            execution_lib.is_execution_successful,
            metadata_handle.store.get_executions_by_context(cache_context.id),
        )
        for execution in execution_lib.sort_executions_newest_to_oldest(done):
            outputs = output_artifacts(metadata_handle, execution.id)
            if all(map(self._holds, chain.from_iterable(outputs.values()))):
                return outputs
        return None

    def _placeless(self, artifact: Artifact) -> Artifact:
        known = copy.deepcopy(artifact)
        raw = known.mlmd_artifact
        raw.uri = placeless(raw.uri, self._root)
        for value in chain(raw.properties.values(), raw.custom_properties.values()):
            if value.HasField("string_value"):
                value.string_value = placeless(value.string_value, self._root)
        # It says when an address was brought up to date (see pipelines.moved.settle).
        raw.ClearField("last_update_time_since_epoch")
        return known

    def _holds(self, artifact: Artifact) -> bool:
        path = local_path(artifact.uri)
        return (
            artifact.mlmd_artifact.state == metadata_store_pb2.Artifact.LIVE
            and path.startswith(f"{self._root}/")
            and os.path.exists(path)
        )
