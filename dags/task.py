"""What a task knows of its node and of the run it belongs to, for every way of running it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from airflow.sdk.exceptions import AirflowFailException

from dags.command import NodeCommand
from dags.graph import Parameter
from dags.params import declared_values, unknown_names
from dags.policy import Policy

REBUILD_RUN = "rebuild_run"


@dataclass(frozen=True)
class NodeTask:
    """A node as a task.

    Attributes:
        command: the node runner's command line.
        policy: how it is run.
        parameters: that the pipeline declares.
        report_url: address of the reports' folder.
    """

    command: NodeCommand
    policy: Policy
    parameters: tuple[Parameter, ...]
    report_url: str

    def values(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """The run's parameters, by name.

        Raises:
            AirflowFailException: the run was given a name that no parameter has.
        """
        complaint = unknown_names(self.parameters, context["dag_run"].conf or {})
        if complaint:
            # Airflow refuses wrong values by itself but takes any name; no try can mend that.
            raise AirflowFailException(f"{complaint}; nothing was started, trigger a new run")
        values = declared_values(self.parameters, context["params"])
        if values.get(REBUILD_RUN) == "":
            values[REBUILD_RUN] = triggering_run(context)
        return values


def triggering_run(context: Mapping[str, Any]) -> str:
    """The rebuild whose asset event started this run; "" for a run that was not started so.

    Events that came in while another run was going are handled by one run: the last one counts.
    """
    events = [
        event
        for of_asset in (context.get("triggering_asset_events") or {}).values()
        for event in of_asset
    ]
    if not events:
        return ""
    # An event made by hand, in Airflow's interface, need not name a run.
    return str((max(events, key=lambda event: event.timestamp).extra or {}).get("run_id", ""))
