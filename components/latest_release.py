"""Lets TFX's cache see the latest release, on which some nodes depend."""

from __future__ import annotations

from pathlib import Path

from tfx.dsl.components.base import base_driver
from tfx.orchestration import metadata
from tfx.orchestration.portable import base_driver as portable_base_driver
from tfx.orchestration.portable import data_types
from tfx.proto.orchestration import driver_output_pb2

from affectflow.release import latest_whole

LATEST_RELEASE = "latest_release"


class LatestReleaseDriver(base_driver.BaseDriver, portable_base_driver.BaseDriver):
    """Adds the execution property ``latest_release``: its number and content digest, or "none".

    TFX keys its cache by inputs and execution properties. The folder in the component's property
    ``releases`` is neither, so its outputs would be reused although another model has been
    released since.
    """

    # A component's DRIVER_CLASS must be the first kind; what the launcher calls is the second.
    def __init__(self, mlmd_connection: metadata.Metadata) -> None:
        base_driver.BaseDriver.__init__(self, mlmd_connection)
        portable_base_driver.BaseDriver.__init__(self, mlmd_connection)

    def run(self, execution_info: data_types.ExecutionInfo) -> driver_output_pb2.DriverOutput:
        """Called by the launcher before it looks into the cache."""
        release = latest_whole(Path(execution_info.exec_properties["releases"]))
        known = "none" if release is None else f"{release.number}:{release.digest}"
        output = driver_output_pb2.DriverOutput()
        output.exec_properties[LATEST_RELEASE].string_value = known
        return output
