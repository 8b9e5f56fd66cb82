"""Nothing is lost between threads. Expected: what went in, each element once."""

from __future__ import annotations

from collections import Counter
from unittest.mock import Mock

import apache_beam as beam
import pytest
from apache_beam.portability import python_urns
from apache_beam.runners.portability.fn_api_runner import worker_handlers
from apache_beam.runners.worker import data_plane

from pipelines.beam import IN_PROCESS, beam_args
from pipelines.in_process import InProcessRunner

COUNT = 36_000


class Number(beam.DoFn):
    def process(self, element):
        yield str(element[0])


def test_a_timer_of_twenty_milliseconds_loses_nothing(tmp_path, monkeypatch):
    # Beam's own runner lost elements in every one of some rounds with this timer, of its second 4
    # of 7 on a busy machine.
    monkeypatch.setattr(worker_handlers, "DATA_BUFFER_TIME_LIMIT_MS", 20)
    items = [(i, {"name": "x" * 100, "rest": ("y" * 50,) * 3}, "d" * 64) for i in range(COUNT)]
    out = tmp_path / "out.txt"
    with beam.Pipeline(argv=beam_args(["--direct_num_workers=3"])) as pipeline:
        _ = (
            pipeline
            | beam.Create(items)
            | beam.Reshuffle()
            | beam.ParDo(Number())
            | beam.io.WriteToText(str(out), shard_name_template="")
        )
    found = Counter(map(int, out.read_text().splitlines()))
    assert found == Counter(range(COUNT))


@pytest.mark.parametrize("mode", ["multi_threading", "multi_processing", "in_memory"])
def test_no_stream_is_given_a_timer_in_either_direction(mode, monkeypatch, tmp_path):
    def refuse(*args, **kwargs):
        raise AssertionError("a stream that is flushed by time")

    monkeypatch.setattr(worker_handlers, "DATA_BUFFER_TIME_LIMIT_MS", 1000)
    monkeypatch.setattr(data_plane.TimeBasedBufferingClosableOutputStream, "__init__", refuse)
    out = tmp_path / "out.txt"
    options = [f"--runner={IN_PROCESS}", f"--direct_running_mode={mode}", "--direct_num_workers=1"]
    with beam.Pipeline(argv=beam_args(options)) as pipeline:
        _ = (
            pipeline
            | beam.Create(["a", "b"])
            | beam.Reshuffle()
            | beam.io.WriteToText(str(out), shard_name_template="")
        )
    assert sorted(out.read_text().split()) == ["a", "b"]


def test_a_beam_that_keeps_its_timer_elsewhere_is_refused(monkeypatch):
    monkeypatch.delattr(worker_handlers, "DATA_BUFFER_TIME_LIMIT_MS")
    with pytest.raises(RuntimeError, match="has no DATA_BUFFER_TIME_LIMIT_MS"):
        beam.Pipeline(runner=InProcessRunner()).run()


def test_a_process_of_beams_begins_as_ours_do():
    # As Beam 2.74 words it. What begins so was tried with standard error on /dev/full, where Beam's
    # own worker never answered.
    handler = worker_handlers.WorkerHandler._registered_environments[python_urns.SUBPROCESS_SDK][0]
    begun = handler(b"python3 -m apache_beam.runners.worker.sdk_worker_main", *[Mock()] * 3)
    assert begun._worker_command_line == b"python3 -m pipelines.worker"
    with pytest.raises(RuntimeError, match="begins a worker by python3 -m other"):
        handler(b"python3 -m other", *[Mock()] * 3)
