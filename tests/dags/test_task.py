"""A run's values: refused names, and the rebuild that started a release."""

from __future__ import annotations

import pytest
from airflow.sdk.exceptions import AirflowFailException

from dags.render import render
from dags.settings import read_settings
from dags.task import triggering_run
from tests.dags.toy import context_of, event, read, rebuild, release


@pytest.fixture
def task_and_context(tmp_path):
    def make(content, conf, events=()):
        dag = render(read(tmp_path, content), read_settings({"workspace": "/ws", "toy_data": "/d"}))
        return dag.tasks[0].node, context_of(dag, conf, events)

    return make


def test_values_are_typed_and_by_name(task_and_context):
    node, context = task_and_context(rebuild(), {"seed": 3})
    assert node.values(context) == {
        **{"data": "/d", "subset": "max", "seed": 3},
        "listing.share": 0.5,
    }


def test_an_unknown_name_fails_without_a_retry(task_and_context):
    node, context = task_and_context(rebuild(), {"subst": "max"})
    with pytest.raises(AirflowFailException, match="did you mean 'subset'"):
        node.values(context)


def test_the_last_event_names_the_rebuild(task_and_context):
    # Several events may have come in while an earlier release was running.
    events = [event(5, run_id="toy_rebuild.b"), event(9, run_id="toy_rebuild.c"), event(1)]
    node, context = task_and_context(release(), {}, events)
    assert node.values(context)["rebuild_run"] == "toy_rebuild.c"


def test_a_rebuild_that_is_named_is_taken(task_and_context):
    node, context = task_and_context(release(), {"rebuild_run": "toy_rebuild.a"})
    assert node.values(context)["rebuild_run"] == "toy_rebuild.a"


def test_without_an_event_or_with_one_by_hand_the_latest_is_taken(task_and_context):
    node, context = task_and_context(release(), {})
    assert node.values(context)["rebuild_run"] == ""
    assert triggering_run({"triggering_asset_events": {"asset": [event(1)]}}) == ""
