"""What libraries are not shown while they are imported, looked at in processes of their own."""

import pytest

from tests.loaded import loaded_after

LEAN = "from pipelines.lean_imports import lean_imports\nlean_imports()\n"


@pytest.mark.parametrize(
    ("library", "without"),
    [
        # What each of them found when it could, in the environment of the lock files.
        ("tensorflow", {"googleapiclient.discovery"}),
        ("keras", {"matplotlib", "pandas", "sklearn", "IPython"}),
        ("apache_beam", {"pandas", "pymongo", "google.cloud.bigquery", "google.cloud.storage"}),
    ],
)
def test_a_library_comes_without_what_it_only_looks_for(library, without):
    assert without <= loaded_after(f"import {library}")
    assert not without & loaded_after(f"{LEAN}import {library}")


def test_whoever_else_asks_gets_it():
    code = (
        f"{LEAN}import tensorflow as tf\n"
        "import matplotlib.pyplot, pandas, sklearn, google.cloud.storage\n"
        "from sklearn.discriminant_analysis import LinearDiscriminantAnalysis\n"
        "assert pandas.DataFrame({'a': [1]}).sum().a == 1\n"
        # A library's own loader is found where its files are asked for.
        "import importlib.resources, inspect, keras\n"
        "assert type(keras.__spec__.loader).__name__ == 'SourceFileLoader'\n"
        "assert 'Keras' in inspect.getsource(keras)\n"
        "assert importlib.resources.files('tensorflow').joinpath('__init__.py').is_file()\n"
    )
    assert {"pandas", "matplotlib.pyplot"} <= loaded_after(code)


def test_what_is_imported_before_is_seen():
    # Keras has its own wrapper of scikit-learn then.
    loaded_after(
        f"import sklearn\n{LEAN}import keras\n"
        "from keras.src.wrappers import fixes\n"
        "assert fixes.sklearn is not None\n"
    )


def test_it_is_said_once():
    loaded_after(
        f"{LEAN}{LEAN}import sys\n"
        "assert sum(type(f).__name__ == '_Lean' for f in sys.meta_path) == 1\n"
    )


def test_another_thread_sees_all_that_there_is():
    code = (
        "import threading\n"
        "from pipelines.lean_imports import hidden\n"
        "def look(found):\n"
        "    try:\n"
        "        import pymongo\n"
        "        found.append(True)\n"
        "    except ModuleNotFoundError:\n"
        "        found.append(False)\n"
        "found = []\n"
        "with hidden(['pymongo']):\n"
        "    look(found)\n"
        "    thread = threading.Thread(target=look, args=[found])\n"
        "    thread.start()\n"
        "    thread.join()\n"
        "assert found == [False, True], found\n"
    )
    assert "pymongo" in loaded_after(code)
