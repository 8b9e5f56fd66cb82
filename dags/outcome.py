"""What a node's end means to Airflow, for every way of running it."""

from __future__ import annotations

import json
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

from airflow.sdk import Asset
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from dags.command import DONE, SKIPPED


def read_result(path: Path) -> dict[str, Any] | None:
    """What the node runner left, or None where it was killed before it could."""
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return result if isinstance(result, dict) else None


def conclude(node: str, status: int, result: dict[str, Any] | None) -> dict[str, Any]:
    """The result of a node that is done.

    Args:
        node: for messages.
        status: exit status; negative: the signal that ended it.

    Raises:
        AirflowSkipException: it was skipped.
        AirflowFailException: it failed, and another try would fail the same.
        AirflowException: it failed or was killed; Airflow may try again.
    """
    reason = (result or {}).get("reason")
    if status == SKIPPED:
        raise AirflowSkipException(reason or f"{node} was skipped")
    if status == DONE:
        if result is None:
            raise AirflowException(f"{node} ended well but left no result")
        return result
    if status < 0:
        raise AirflowException(f"{node} was ended by signal {-status}")
    if result is not None and result.get("retry") is False:
        raise AirflowFailException(reason or f"{node} failed with exit status {status}")
    raise AirflowException(reason or f"{node} failed with exit status {status} and gave no reason")


def record_asset(
    context: MutableMapping[str, Any], outlets: list[Any], result: Mapping[str, Any]
) -> None:
    """Puts what the node says of its product into the asset's event, for whom it starts."""
    for asset in outlets:
        if isinstance(asset, Asset):
            context["outlet_events"][asset].extra = dict(result.get("extra") or {})
