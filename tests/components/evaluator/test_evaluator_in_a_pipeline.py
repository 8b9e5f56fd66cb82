"""Evaluator and Pusher in TFX's own runner, where caching and the custom driver are at work."""

import json

import pytest
from tfx.dsl.components.common.importer import Importer
from tfx.orchestration import metadata, pipeline
from tfx.orchestration.local.local_dag_runner import LocalDagRunner
from tfx.types import standard_artifacts

from affectflow.gate import GateSettings
from affectflow.release import latest
from components.evaluator.component import Evaluator
from components.pusher.component import Pusher
from tests.beam import BEAM


@pytest.fixture
def rerun(tmp_path, predictions, saved_model):
    """Runs the pipeline and gives the state of the last execution of each component."""
    predictions(frames=4).write(tmp_path / "p")
    connection = metadata.sqlite_metadata_connection_config(str(tmp_path / "mlmd.sqlite"))

    def importer(name, kind, uri, **properties):
        return Importer(source_uri=str(uri), artifact_type=kind, **properties).with_id(name)

    def run(**gate):
        examples = importer(
            "examples",
            standard_artifacts.Examples,
            tmp_path / "p",
            properties={"split_names": '["eval"]'},
        )
        model = importer("model", standard_artifacts.Model, saved_model.parent)
        evaluator = Evaluator(
            predictions=examples.outputs["result"],
            settings=GateSettings(bootstrap=5, **gate),
            releases=str(tmp_path / "r"),
        )
        pusher = Pusher(
            serving=model.outputs["result"],
            evaluation=evaluator.outputs["evaluation"],
            blessing=evaluator.outputs["blessing"],
            releases=str(tmp_path / "r"),
            recipe="{}",
            lineage="{}",
        )
        LocalDagRunner().run(
            pipeline.Pipeline(
                pipeline_name="gate",
                pipeline_root=str(tmp_path / "root"),
                components=[examples, model, evaluator, pusher],
                enable_cache=True,
                metadata_connection_config=connection,
                beam_pipeline_args=[*BEAM],
            )
        )
        with metadata.Metadata(connection) as handle:
            types = {kind.id: kind.name for kind in handle.store.get_execution_types()}
            last = {}
            for execution in sorted(handle.store.get_executions(), key=lambda one: one.id):
                name = types[execution.type_id].rsplit(".", 1)[-1]
                last[name] = execution.last_known_state
        state = metadata.metadata_store_pb2.Execution.State
        return state.Name(last["Evaluator"]), state.Name(last["Pusher"])

    return run


def test_a_release_is_made_once_and_judged_anew_when_releases_change(tmp_path, rerun):
    assert rerun() == ("COMPLETE", "COMPLETE")
    first = latest(tmp_path / "r")
    assert first.number == 1
    assert first.lineage["pipeline_run"] == first.run_id
    # There is a release now, so the verdict is due again. The model is that release's own.
    assert rerun() == ("COMPLETE", "COMPLETE")
    # Nothing has changed since.
    assert rerun() == ("CACHED", "CACHED")
    assert latest(tmp_path / "r").number == 1
    # A higher bound is another question.
    assert rerun(min_ccc_mean=0.99) == ("COMPLETE", "COMPLETE")
    assert latest(tmp_path / "r").number == 1
    (record,) = (tmp_path / "r" / "refused").iterdir()
    assert "is below min_ccc_mean 0.9900" in json.loads(record.read_text())["reasons"][0]
