"""What Airflow is told of a node's end. Expected mapping: the contract between the planes."""

from __future__ import annotations

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from dags.outcome import conclude, read_result


def failed(**fields):
    return {"state": "failed", "reason": "why", "retry": True, **fields}


def test_done():
    result = {"state": "cached"}
    assert conclude("N", 0, result) is result


def test_done_without_a_result_is_a_failure():
    with pytest.raises(AirflowException, match="N ended well but left no result"):
        conclude("N", 0, None)


@pytest.mark.parametrize(
    ("status", "result", "error", "message"),
    [
        (99, {"reason": "mean CCC .1 < .4"}, AirflowSkipException, "mean CCC .1 < .4"),
        (99, None, AirflowSkipException, "N was skipped"),
        (1, failed(), AirflowException, "why"),
        (1, failed(retry=False), AirflowFailException, "why"),
        (1, None, AirflowException, "exit status 1 and gave no reason"),
        (3, failed(reason=None, retry=False), AirflowFailException, "exit status 3"),
        (-9, None, AirflowException, "signal 9"),
        # A killed node is tried again, whatever it wrote before.
        (-15, failed(retry=False), AirflowException, "signal 15"),
    ],
)
def test_not_done(status, result, error, message):
    with pytest.raises(error) as caught:
        conclude("N", status, result)
    assert type(caught.value) is error
    assert message in str(caught.value)


@pytest.mark.parametrize("text", [None, "", "{", "[]"])
def test_no_or_half_a_result_is_none(tmp_path, text):
    path = tmp_path / "result.json"
    if text is not None:
        path.write_text(text)
    assert read_result(path) is None
