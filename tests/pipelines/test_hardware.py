"""What a run's record says of its machine."""

import json

from pipelines import hardware as module
from pipelines.hardware import hardware


def test_what_is_known_is_told_and_is_json():
    found = hardware()
    assert json.loads(json.dumps(found)) == found
    assert found["cpus"] >= 1
    assert found["memory_gib"] > 0
    assert found["system"].startswith("Linux")


def test_gpus_are_those_that_the_driver_names(tmp_path, monkeypatch):
    for number, text in enumerate(("Model: \t NVIDIA X\nIRQ: 1\n", "nothing\n")):
        path = tmp_path / f"000{number}" / "information"
        path.parent.mkdir()
        path.write_text(text)
    monkeypatch.setattr(module, "_GPUS", tmp_path)
    monkeypatch.setattr(module, "_CPUS", tmp_path / "none")
    assert hardware()["gpus"] == ["NVIDIA X"]
    assert "cpu" not in hardware()
