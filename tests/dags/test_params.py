"""Parameters as Airflow's own: what it must refuse, and which names are no parameters."""

from __future__ import annotations

import pytest
from airflow.sdk.definitions.param import ParamsDict
from airflow.sdk.exceptions import ParamValidationError

from dags.graph import COMPILED, compiled_files, read_graph
from dags.params import airflow_params, declared_values, unknown_names
from dags.settings import SettingsError, read_settings
from tests.dags.toy import parameter, read, rebuild, release


def params(tmp_path, content, **options):
    return airflow_params(read(tmp_path, content), read_settings({"workspace": "/ws", **options}))


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("data", "/d", ["", 3, None, ["/d"]]),
        ("subset", "all", ["some", "", None, 1]),
        ("seed", 9, [10, -1, "1", 1.5, True, None]),
        ("listing.share", 0.25, ["0.25", None, False]),
    ],
)
def test_wrong_types_and_values_out_of_bounds_are_refused(tmp_path, name, good, bad):
    # Airflow's own validation, by which it makes a run: see its Param.resolve.
    made = params(tmp_path, rebuild())
    assert made[name].resolve(good) == good
    for value in bad:
        with pytest.raises(ParamValidationError):
            made[name].resolve(value)


@pytest.mark.parametrize("path", compiled_files(COMPILED), ids=lambda path: path.stem)
def test_every_number_of_every_pipeline_is_bounded_when_triggered(path):
    graph = read_graph(path)
    made = airflow_params(graph, read_settings({"workspace": "/ws"}))
    for each in graph.parameters:
        if each.type not in ("integer", "number") or "enum" in each.schema:
            continue
        param = made[each.name]
        low, high = each.schema["minimum"], each.schema["maximum"]
        for good in (each.default, low, high):
            assert param.resolve(good) == good
        for bad in (low - 1, high + 1, 1e12):
            with pytest.raises(ParamValidationError):
                param.resolve(bad)


def test_a_number_that_is_no_multiple_is_refused(tmp_path):
    content = rebuild(
        parameters=[
            parameter("size", type="integer", default=96, minimum=32, maximum=512, multipleOf=8)
        ]
    )
    size = params(tmp_path, content)["size"]
    assert size.resolve(104) == 104
    with pytest.raises(ParamValidationError, match="100 is not a multiple of 8"):
        size.resolve(100)
    with pytest.raises(SettingsError, match=r"affectflow.size = '100': give a multiple of 8"):
        params(tmp_path, content, size="100")


def test_a_required_parameter_without_a_value_is_refused(tmp_path):
    made = params(tmp_path, rebuild())
    assert not made["data"].has_value
    with pytest.raises(ParamValidationError):
        ParamsDict(made).validate()
    assert ParamsDict(params(tmp_path, rebuild(), toy_data="/d")).validate()["data"] == "/d"


def test_a_schedule_needs_the_data_to_be_set(tmp_path):
    with pytest.raises(SettingsError, match=r"schedule '@daily'.*set affectflow\.toy_data"):
        params(tmp_path, rebuild(), toy_schedule="@daily")
    made = params(tmp_path, rebuild(), toy_schedule="@daily", data="/d")
    assert ParamsDict(made).validate()["data"] == "/d"
    # The release is started by the rebuild, never by the schedule.
    params(tmp_path, release(), schedule="@daily")


def test_the_form_shows_sections_and_descriptions(tmp_path):
    made = params(tmp_path, rebuild())
    assert list(made) == ["data", "subset", "seed", "listing.share"]
    assert made["listing.share"].schema["section"] == "listing"
    assert "section" not in made["seed"].schema
    assert made["seed"].description == "about seed"


def test_a_text_that_may_be_empty_takes_what_the_form_sends_for_it(tmp_path):
    # Airflow's form sends null for an emptied field.
    optional = rebuild(parameters=[parameter("subset", enum=["", "max"]), parameter("run")])
    made = params(tmp_path, optional)
    graph = read(tmp_path, optional)
    for name in ("subset", "run"):
        assert made[name].resolve(None) is None
    assert declared_values(graph.parameters, {"subset": None, "run": "r"}) == {
        "subset": "",
        "run": "r",
    }


def test_names_that_no_parameter_has(tmp_path):
    declared = read(tmp_path, rebuild()).parameters
    assert unknown_names(declared, {}) is None
    assert unknown_names(declared, {"data": "/d", "listing.share": 0.1}) is None
    complaint = unknown_names(declared, {"subst": "max", "data": "/d"})
    assert complaint == "no parameter 'subst' (given: 'max'); did you mean 'subset'?"
    assert "there are data, subset, seed, listing.share" in unknown_names(declared, {"qqq": 1})
