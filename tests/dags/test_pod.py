"""The same nodes as pods: the pod that would be asked for, and how its end is read."""

from __future__ import annotations

import json

import pytest
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk import Asset
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from dags.render import render
from dags.settings import read_settings
from tests.dags.toy import context_of, read, rebuild, release

OPTIONS = {
    "workspace": "/ws",
    "execution": "kubernetes",
    "kubernetes_image": "affectflow:1",
    "kubernetes_volume_claim": "claim",
    "kubernetes_namespace": "affect",
    "kubernetes_secret": "metadata",
    "kubernetes_service_account": "runner",
    "toy_data": "$(touch x) $HOME {{ 1 + 1 }}",
}


@pytest.fixture
def task(tmp_path):
    def make(content, node):
        dag = render(read(tmp_path, content), read_settings(OPTIONS))
        return dag.get_task(node), context_of(dag)

    return make


@pytest.fixture
def pod_of(task):
    """A node's pod, which needs no cluster."""

    def make(content, node):
        operator, context = task(content, node)
        operator.set_command(context)
        return operator.build_pod_request_obj(dry_run=True)

    return make


def test_the_pod_runs_the_node_in_the_image(pod_of):
    pod = pod_of(rebuild(), "Transform")
    base = pod.spec.containers[0]
    assert (base.image, pod.metadata.namespace) == ("affectflow:1", "affect")
    assert pod.spec.service_account_name == "runner"
    assert base.command == ["python"]
    assert base.args[:6] == [
        *("-m", "pipelines.run_node", "--pipeline", "toy_rebuild", "--node", "Transform")
    ]
    assert base.args[base.args.index("--result") + 1] == "/airflow/xcom/return.json"
    assert "--parent-pid" not in base.args


def test_a_value_reaches_the_container_verbatim(pod_of):
    args = pod_of(rebuild(), "Transform").spec.containers[0].args
    text = args[args.index("--parameters") + 1]
    # Kubernetes expands $(NAME) and reads $$ as one $: no single $ may be left.
    assert "$" not in text.replace("$$", "")
    assert json.loads(text.replace("$$", "$"))["data"] == OPTIONS["toy_data"]


def test_the_workspace_is_the_volume(pod_of):
    pod = pod_of(rebuild(), "Transform")
    claims = {
        volume.name: volume.persistent_volume_claim.claim_name
        for volume in pod.spec.volumes
        if volume.persistent_volume_claim
    }
    [mount] = [mount for mount in pod.spec.containers[0].volume_mounts if mount.mount_path == "/ws"]
    assert claims[mount.name] == "claim"


def test_gpu_nodes_alone_ask_for_a_gpu(pod_of):
    trainer = pod_of(release(), "CnnTrainer").spec.containers[0]
    assert trainer.resources.limits == {"nvidia.com/gpu": "1"}
    assert "CUDA_VISIBLE_DEVICES" not in {each.name for each in trainer.env}
    pusher = pod_of(release(), "Pusher").spec.containers[0]
    assert not (pusher.resources and pusher.resources.limits)
    assert {each.name: each.value for each in pusher.env}["CUDA_VISIBLE_DEVICES"] == "-1"


def test_the_workers_choice_of_pictures_reaches_the_pod(pod_of, monkeypatch):
    def env():
        found = pod_of(rebuild(), "Transform").spec.containers[0].env
        return {each.name: each.value for each in found}

    monkeypatch.delenv("AFFECTFLOW_REPORT_PICTURES", raising=False)
    assert "AFFECTFLOW_REPORT_PICTURES" not in env()
    monkeypatch.setenv("AFFECTFLOW_REPORT_PICTURES", "0")
    assert env()["AFFECTFLOW_REPORT_PICTURES"] == "0"


def test_the_metadata_store_comes_from_the_secret_by_reference(pod_of):
    env = {each.name: each for each in pod_of(rebuild(), "Transform").spec.containers[0].env}
    for name, optional in (("AFFECTFLOW_METADATA", False), ("AFFECTFLOW_METADATA_PASSWORD", True)):
        assert env[name].value is None
        key = env[name].value_from.secret_key_ref
        assert (key.name, key.key, key.optional) == ("metadata", name, optional)


def test_policy_is_the_same_as_for_a_process(task):
    trainer, _ = task(release(), "CnnTrainer")
    assert (trainer.pool, trainer.queue, trainer.retries) == ("gpu", "default", 4)
    assert trainer.template_fields == ()
    assert [link.name for link in trainer.operator_extra_links] == ["Run report"]


@pytest.fixture
def finish(task, monkeypatch):
    """Runs a node whose pod ends as given, in place of the provider's own execute."""

    def run(result, error=None, node="Transform"):
        operator, context = task(rebuild(), node)

        def execute(self, context):
            self._result = result
            if error:
                raise error

        monkeypatch.setattr(KubernetesPodOperator, "execute", execute)
        return operator.execute(context), context

    return run


def test_a_pod_that_is_done(finish):
    result, context = finish({"state": "complete", "extra": {"run_id": "r"}})
    assert result["state"] == "complete"
    assert context["outlet_events"][Asset("toy_balanced_frames")].extra == {"run_id": "r"}


@pytest.mark.parametrize(
    ("result", "error", "expected", "message"),
    [
        (
            {"state": "skipped", "reason": "refused"},
            AirflowSkipException("Pod x returned exit code 99"),
            AirflowSkipException,
            "refused",
        ),
        (
            {"state": "failed", "reason": "bad", "retry": False},
            AirflowException("Pod x returned a failure"),
            AirflowFailException,
            "bad",
        ),
        (
            {"state": "failed", "reason": "lost", "retry": True},
            AirflowException("Pod x returned a failure"),
            AirflowException,
            "lost",
        ),
        (None, AirflowException("evicted"), AirflowException, "evicted"),
    ],
)
def test_a_pod_that_ends_otherwise(finish, result, error, expected, message):
    with pytest.raises(expected) as caught:
        finish(result, error)
    assert type(caught.value) is expected
    assert message in str(caught.value)


def test_an_unknown_name_asks_for_no_pod(task):
    operator, context = task(rebuild(), "Transform")
    context["dag_run"].conf["subst"] = "max"
    with pytest.raises(AirflowFailException, match="did you mean 'subset'"):
        operator.execute(context)
    assert operator.pod is None


def test_what_the_pod_left_is_kept(task, monkeypatch):
    operator, _ = task(rebuild(), "Transform")
    monkeypatch.setattr(KubernetesPodOperator, "extract_xcom", lambda self, pod: {"state": "x"})
    assert operator.extract_xcom(pod=None) == {"state": "x"}
    assert operator._result == {"state": "x"}
