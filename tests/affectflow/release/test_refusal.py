import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affectflow.errors import InputError
from affectflow.files import file_name
from affectflow.release import RefusedRelease, latest, record_refusal

REASONS = ["rnn mean CCC 0.1000 is below min_ccc_mean 0.2200"]


@pytest.mark.parametrize(
    ("run_id", "name"),
    [
        ("release.2026-11-20T11:10", "release.2026-11-20T11%3A10.json"),
        ("../up", "%2E.%2Fup.json"),
        ("..", "%2E..json"),
    ],
)
def test_a_refusal_is_recorded_under_a_safe_name(tmp_path, run_id, name):
    path = record_refusal(tmp_path / "r", run_id, REASONS, {"ccc": 0.1})
    assert path == tmp_path / "r" / "refused" / name
    record = json.loads(path.read_text())
    assert record["run_id"] == run_id
    assert record["reasons"] == REASONS
    assert record["metrics"] == {"ccc": 0.1}
    assert record["format"] == 1
    # A refusal is no release.
    assert latest(tmp_path / "r") is None


def test_a_retry_replaces_its_record(tmp_path):
    record_refusal(tmp_path, "run", ["first"], {})
    path = record_refusal(tmp_path, "run", ["second"], {})
    assert [entry.name for entry in path.parent.iterdir()] == ["run.json"]
    assert json.loads(path.read_text())["reasons"] == ["second"]


@given(st.text(min_size=1, max_size=300), st.text(min_size=1, max_size=300))
def test_file_names_are_safe_and_differ_when_ids_do(one, other):
    name = file_name(one)
    assert "/" not in name
    assert not name.startswith(".")
    assert len(name.encode()) <= 160
    assert (name == file_name(other)) == (one == other)


def test_a_run_needs_an_id(tmp_path):
    with pytest.raises(InputError, match="run_id is empty"):
        record_refusal(tmp_path, "", REASONS, {})


def test_the_error_names_the_reasons_and_survives_pickling(tmp_path):
    error = RefusedRelease(REASONS, tmp_path / "x.json")
    assert REASONS[0] in str(error)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
