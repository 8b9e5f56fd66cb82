"""TensorBoard's events where they can be written, and where they cannot."""

import logging

import tensorflow as tf

from affectflow.training.event_log import EventLog


def scalars(folder):
    """(step, name) of each scalar, as TensorFlow reads the files."""
    return [
        (event.step, value.tag)
        for path in sorted(folder.glob("events.*"))
        for event in tf.compat.v1.train.summary_iterator(str(path))
        for value in event.summary.value
    ]


def test_each_epoch_has_its_logs(tmp_path):
    log = EventLog(tmp_path)
    log.write(0, {"loss": 1.0, "val_loss": 2.0})
    log.write(1, {"loss": 0.5})
    log.close()
    assert scalars(tmp_path) == [(0, "loss"), (0, "val_loss"), (1, "loss")]


def test_a_folder_that_takes_nothing_stops_nothing(tmp_path, caplog):
    (tmp_path / "taken").write_text("a file stands where the folder would be")
    with caplog.at_level(logging.WARNING):
        log = EventLog(tmp_path / "taken")
        for epoch in range(3):
            log.write(epoch, {"loss": 1.0})
        log.close()
    assert len(caplog.records) == 1
    assert "events cannot be written" in caplog.text


def test_events_that_break_off_stop_nothing(tmp_path, monkeypatch, caplog):
    log = EventLog(tmp_path)
    log.write(0, {"loss": 1.0})

    def full(*_):
        raise tf.errors.ResourceExhaustedError(None, None, "No space left on device")

    monkeypatch.setattr(tf.summary, "scalar", full)
    log.write(1, {"loss": 1.0})
    log.write(2, {"loss": 1.0})
    log.close()
    assert len(caplog.records) == 1
    assert scalars(tmp_path) == [(0, "loss")]
