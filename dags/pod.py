"""Runs a node as a pod, by the same policy and with the same command line as a process."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk.exceptions import AirflowException, AirflowSkipException
from kubernetes.client import models as k8s

from dags.command import FAILED, SKIPPED, run_name
from dags.outcome import conclude, record_asset
from dags.report import RunReportLink, push_report_link
from dags.settings import Kubernetes
from dags.task import NodeTask

# Where the provider's sidecar looks for a task's result.
_RESULT = PurePosixPath("/airflow/xcom/return.json")
_METADATA, _PASSWORD = "AFFECTFLOW_METADATA", "AFFECTFLOW_METADATA_PASSWORD"
# What whoever runs the workers sets for all nodes; a pod does not inherit it.
_HANDED_ON = ("AFFECTFLOW_REPORT_PICTURES",)
_VOLUME = "workspace"


class NodePodOperator(KubernetesPodOperator):
    """Runs one node in a pod and returns what the node runner says of it.

    Args:
        node: the node as a task.
        kubernetes: image, namespace, volume claim and secret.
    """

    operator_extra_links = (RunReportLink(),)
    # No templates: Jinja must not read what a user wrote.
    template_fields = ()

    def __init__(self, *, node: NodeTask, kubernetes: Kubernetes, **keywords: Any):
        policy = node.policy
        super().__init__(
            image=kubernetes.image,
            namespace=kubernetes.namespace,
            service_account_name=kubernetes.service_account or None,
            name=node.command.node.lower(),
            env_vars=_variables(policy.environment, kubernetes.secret),
            container_resources=_resources(policy.gpu),
            volumes=[
                k8s.V1Volume(
                    name=_VOLUME,
                    persistent_volume_claim=k8s.V1PersistentVolumeClaimVolumeSource(
                        claim_name=kubernetes.volume_claim
                    ),
                )
            ],
            volume_mounts=[k8s.V1VolumeMount(name=_VOLUME, mount_path=node.command.workspace)],
            skip_on_exit_code=SKIPPED,
            do_xcom_push=True,
            # A first pull of an image with TensorFlow and CUDA takes minutes.
            startup_timeout_seconds=1800,
            termination_grace_period=30,
            deferrable=False,
            # The pod's spec, in a failed task's log, would hide the reason.
            log_pod_spec_on_failure=False,
            **keywords,
        )
        self.node = node
        self._result: dict[str, Any] | None = None

    def execute(self, context: Any) -> dict[str, Any]:
        """Runs the node; see dags.outcome.conclude for what is raised."""
        self.set_command(context)
        push_report_link(self, context)
        node = self.node.command.node
        try:
            super().execute(context)
        except AirflowSkipException:
            conclude(node, SKIPPED, self._result)
        except AirflowException:
            # The pod's own word for what went wrong, if it came to say one.
            if self._result is not None and self._result.get("state") == "failed":
                conclude(node, FAILED, self._result)
            raise
        outcome = conclude(node, 0, self._result)
        record_asset(context, self.outlets, outcome)
        return outcome

    def set_command(self, context: Any) -> None:
        """Fills in the command line of this run.

        Raises:
            AirflowFailException: the run was given a name that no parameter has.
        """
        command = self.node.command
        run = run_name(command.pipeline, context["run_id"])
        python, *arguments = command.argv(run, self.node.values(context), _RESULT)
        # Kubernetes replaces $(NAME) in a command line, and $$ stands for one $.
        self.cmds = [python]
        self.arguments = [argument.replace("$", "$$") for argument in arguments]

    def extract_xcom(self, pod: k8s.V1Pod, **keywords: Any) -> Any:
        """Keeps what the node runner left, which the provider hands on only from a good pod."""
        result = super().extract_xcom(pod, **keywords)
        self._result = result if isinstance(result, dict) else None
        return result


def _variables(environment: Mapping[str, str], secret: str) -> list[k8s.V1EnvVar]:
    handed = {name: os.environ[name] for name in _HANDED_ON if name in os.environ}
    variables = [
        k8s.V1EnvVar(name=name, value=value) for name, value in {**environment, **handed}.items()
    ]
    if secret:
        # By reference: the password itself stands neither in the DAG nor in Airflow's database.
        variables += [_reference(secret, _METADATA), _reference(secret, _PASSWORD, optional=True)]
    return variables


def _reference(secret: str, variable: str, optional: bool = False) -> k8s.V1EnvVar:
    key = k8s.V1SecretKeySelector(name=secret, key=variable, optional=optional)
    return k8s.V1EnvVar(name=variable, value_from=k8s.V1EnvVarSource(secret_key_ref=key))


def _resources(gpu: bool) -> k8s.V1ResourceRequirements | None:
    return k8s.V1ResourceRequirements(limits={"nvidia.com/gpu": "1"}) if gpu else None
