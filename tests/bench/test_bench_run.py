from __future__ import annotations

import json
import os
from collections.abc import Iterator

import pytest

from bench.result import Result
from bench.run import NAMES, Measure, find_measure, main
from bench.workbench import Workbench


@pytest.fixture(autouse=True)
def _same_processors() -> Iterator[None]:
    # The bench keeps its process on two; the tests after it want theirs back.
    mine = os.sched_getaffinity(0)
    yield
    os.sched_setaffinity(0, mine)


def _measures(values: dict[str, float], asked: list[str]):
    def find(name: str) -> Measure:
        def measure(bench: Workbench) -> list[Result]:
            asked.append(name)
            bench.say(f"measuring {name}")
            return [Result(name, values[name], 0.5)] if name in values else []

        return measure

    return find


def test_all_are_measured_in_order_and_the_last_line_is_json(capfd) -> None:
    asked: list[str] = []
    status = main([], _measures({"ingest": 0.6, "rebuild": 0.5}, asked))
    out = capfd.readouterr().out.splitlines()
    assert status == 0
    assert asked == list(NAMES)
    assert json.loads(out[-1]) == {
        "ingest": {"value": 0.6, "bound": 0.5, "ok": True},
        "rebuild": {"value": 0.5, "bound": 0.5, "ok": True},
    }
    assert any("measuring memory" in line for line in out)


def test_one_missed_bound_is_exit_status_1_and_the_others_are_still_shown(capfd) -> None:
    status = main([], _measures({"ingest": 0.4, "rebuild": 0.5}, []))
    found = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert status == 1
    assert [found[name]["ok"] for name in ("ingest", "rebuild")] == [False, True]


def test_only_measures_what_is_named() -> None:
    asked: list[str] = []
    main(["--only", "memory", "--only", "ingest"], _measures({}, asked))
    assert asked == ["memory", "ingest"]


def test_an_unknown_name_is_refused(capfd) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--only", "speed"], _measures({}, []))
    assert ended.value.code == 2
    assert "real_clips" in capfd.readouterr().err


def test_the_process_and_its_children_stay_on_two_processors() -> None:
    seen: list[int] = []

    def find(name: str) -> Measure:
        def measure(bench: Workbench) -> list[Result]:
            seen.append(len(os.sched_getaffinity(0)))
            assert bench.cores == seen[-1]
            return []

        return measure

    main(["--only", "ingest"], find)
    assert seen == [min(2, len(os.sched_getaffinity(0)))]


# The other measurements import TFX, which costs each worker of the tests seconds.
@pytest.mark.parametrize("name", ["ingest", "memory", "rebuild", "real_clips"])
def test_every_name_is_a_measurement(name: str) -> None:
    assert callable(find_measure(name))
