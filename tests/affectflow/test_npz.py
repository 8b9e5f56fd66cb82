"""Archives read in threads."""

from __future__ import annotations

import gc
import io
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from affectflow.npz import load_npz

ARRAYS = {f"a{i}": np.arange(i + 1, dtype=np.float32).reshape(1, -1) for i in range(20)}


@pytest.fixture
def yielding():
    """Collecting garbage, which is done all the time, lets another thread go on."""
    before, often = gc.get_threshold(), sys.getswitchinterval()

    def pause(phase, info):
        time.sleep(0)

    gc.callbacks.append(pause)
    gc.set_threshold(1, 1, 1)
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(often)
    gc.set_threshold(*before)
    gc.callbacks.remove(pause)


def archive():
    file = io.BytesIO()
    np.savez(file, **ARRAYS)
    return file.getvalue()


def in_threads(read, count):
    data = archive()

    def errors(number):
        try:
            return None if sorted(read(io.BytesIO(data))) == sorted(ARRAYS) else "other names"
        except SystemError as error:
            return str(error)

    with ThreadPoolExecutor(8) as pool:
        return [error for error in pool.map(errors, range(count)) if error]


def test_what_was_saved_is_there(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, **ARRAYS)
    for given in (path, str(path), io.BytesIO(path.read_bytes())):
        found = load_npz(given)
        assert sorted(found) == sorted(ARRAYS)
        for name, array in ARRAYS.items():
            np.testing.assert_array_equal(found[name], array)
            assert found[name].dtype == array.dtype


def test_objects_are_refused(tmp_path):
    np.savez(tmp_path / "o.npz", a=np.array([{}], object))
    with pytest.raises(ValueError, match="Object arrays"):
        load_npz(tmp_path / "o.npz")
    with pytest.raises(FileNotFoundError):
        load_npz(tmp_path / "none.npz")


def test_threads_do_not_meet_in_pythons_parser(yielding):
    assert in_threads(load_npz, 1000) == []
