"""Settings come from Airflow's configuration, and each bad one is named with what would do."""

from __future__ import annotations

import pytest

from dags.settings import SettingsError, read_airflow_settings, read_settings, unknown_options
from tests.dags.toy import REPOSITORY, read, rebuild, release

GOOD = {"workspace": "/ws"}
KUBERNETES = {
    "execution": "kubernetes",
    "kubernetes_image": "affectflow:1",
    "kubernetes_volume_claim": "ws",
}


def test_defaults():
    settings = read_settings(GOOD)
    assert str(settings.workspace) == "/ws"
    assert settings.worker_python == str(REPOSITORY / ".venv/bin/python")
    assert settings.execution == "process"
    assert (settings.beam_options, settings.report_url, settings.kubernetes) == ((), "", None)
    assert settings.schedule("toy") is None


def test_options_come_from_airflows_environment(airflow_environment):
    # 007: a text that looks like a number stays the text that it is.
    airflow_environment(
        workspace="/ws", demo_data="007", beam_options="--runner='Flink Runner' --x=1"
    )
    settings = read_airflow_settings()
    assert settings.given["demo_data"] == "007"
    assert settings.beam_options == ("--runner=Flink Runner", "--x=1")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "affectflow.workspace = '': give the absolute path"),
        ({"workspace": "here"}, "affectflow.workspace = 'here'"),
        ({**GOOD, "execution": "docker"}, "execution = 'docker': give process or kubernetes"),
        ({**GOOD, "beam_options": "--a 'b"}, 'beam_options = "--a \'b".*No closing quotation'),
        ({**GOOD, "beam_options": "runner=x"}, "beam_options = 'runner=x': give each as --name"),
        ({**GOOD, "report_url": "javascript:x"}, "report_url = 'javascript:x'"),
        ({**GOOD, "execution": "kubernetes"}, "kubernetes_image = ''"),
        ({**GOOD, **KUBERNETES, "kubernetes_volume_claim": " "}, "kubernetes_volume_claim = ''"),
    ],
)
def test_a_bad_option_is_named(options, message):
    with pytest.raises(SettingsError, match=message):
        read_settings(options)


def test_kubernetes():
    settings = read_settings({**GOOD, **KUBERNETES, "kubernetes_secret": "metadata"})
    assert settings.kubernetes.image == "affectflow:1"
    assert settings.kubernetes.namespace == "default"
    assert settings.kubernetes.secret == "metadata"
    assert settings.worker_python == "python"  # of the image


def test_a_recipes_schedule_comes_before_the_general_one():
    settings = read_settings({**GOOD, "schedule": "@daily", "demo_schedule": "0 3 * * 1"})
    assert settings.schedule("demo") == "0 3 * * 1"
    assert settings.schedule("toy") == "@daily"
    # An empty one takes a recipe out of the general schedule.
    assert read_settings({**GOOD, "schedule": "@daily", "toy_schedule": ""}).schedule("toy") is None


@pytest.fixture
def by_name(tmp_path):
    graphs = read(tmp_path, rebuild()), read(tmp_path, release())
    return {parameter.name: parameter for graph in graphs for parameter in graph.parameters}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("data", "/corpus", "/corpus"),
        ("subset", "all", "all"),
        ("seed", "7", 7),
        ("fail_on_refusal", "True", True),
        ("fail_on_refusal", "false", False),
    ],
)
def test_a_parameters_default_can_be_set(by_name, name, text, value):
    for option in (name, f"toy_{name}"):
        assert read_settings({**GOOD, option: text}).default("toy", by_name[name]) == value
    both = read_settings({**GOOD, name: "not this", f"toy_{name}": text})
    assert both.default("toy", by_name[name]) == value
    assert read_settings(GOOD).default("toy", by_name[name]) == by_name[name].default


@pytest.mark.parametrize(
    ("option", "text", "message"),
    [
        ("seed", "x", "affectflow.seed = 'x': give an integer"),
        ("toy_seed", "1.5", "affectflow.toy_seed = '1.5'"),
        ("seed", "-1", "seed = '-1': give 0 or more"),
        ("seed", "10", "seed = '10': give 9 or less"),
        ("subset", "some", "subset = 'some': give one of all, max"),
        ("fail_on_refusal", "yes", "fail_on_refusal = 'yes': give true or false"),
    ],
)
def test_a_default_of_the_wrong_type_or_out_of_bounds_is_named(by_name, option, text, message):
    name = option.removeprefix("toy_")
    with pytest.raises(SettingsError, match=message):
        read_settings({**GOOD, option: text}).default("toy", by_name[name])


def test_an_option_that_means_nothing_is_named(tmp_path):
    graphs = [read(tmp_path, rebuild()), read(tmp_path, release())]
    good = {**GOOD, "toy_data": "/d", "toy_schedule": "@daily", "fail_on_refusal": "true"}
    assert unknown_options(read_settings(good), graphs) == []
    errors = unknown_options(read_settings({**good, "toy_dta": "/d", "listing.share": "1"}), graphs)
    assert len(errors) == 2
    assert "affectflow.toy_dta = '/d': no such option; did you mean 'toy_data'?" in map(str, errors)
