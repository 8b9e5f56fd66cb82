"""What starting a node imports, looked at in processes of their own."""

from tests.loaded import loaded_after


def test_the_launcher_comes_without_tensorflow():
    loaded = loaded_after("import pipelines.node")
    assert "tfx.orchestration.portable.launcher" in loaded
    for name in ("tensorflow", "keras", "tfx.components.trainer.executor", "tensorflow_transform"):
        assert name not in loaded


def test_the_modules_of_a_run_come_without_tensorflow():
    modules = "bind, compiled, parameters, rebuild_data, recipe, report, run, run_record"
    loaded = loaded_after(f"import pipelines.node\nfrom pipelines import {modules}")
    assert "tensorflow" not in loaded


def test_one_of_tfxs_components_comes_without_the_others():
    module = "tfx.components.schema_gen.import_schema_gen.executor"
    loaded = loaded_after(f"import pipelines.node, importlib\nimportlib.import_module({module!r})")
    assert module in loaded
    assert "tfx.components.trainer.executor" not in loaded


def test_what_was_put_off_is_there_when_asked_for():
    loaded = loaded_after(
        "import pipelines.node\n"
        "from tfx.components import StatisticsGen\n"
        "import tfx.components, tensorflow\n"
        "assert StatisticsGen.__module__ == 'tfx.components.statistics_gen.component'\n"
        "assert tfx.components.StatisticsGen is StatisticsGen\n"
    )
    assert "tfx.components.trainer.executor" in loaded


def test_nothing_is_hidden_afterwards():
    loaded = loaded_after(
        "import pipelines.node, sys\n"
        "assert not [f for f in sys.meta_path if type(f).__name__ == '_Absent']\n"
        "import tensorflow\n"
    )
    assert "tensorflow" in loaded
