import pytest

from pipelines import code_version as module


@pytest.fixture
def project(tmp_path, monkeypatch):
    for name, text in (("a/x.py", "1"), ("a/deep/y.py", "2"), ("b/z.py", "3"), ("b/s.pbtxt", "4")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(module, "_ROOT", tmp_path)
    module.code_version.cache_clear()
    yield tmp_path
    module.code_version.cache_clear()


def version(*packages):
    module.code_version.cache_clear()
    return module.code_version(*packages)


def test_it_is_16_hex_digits_and_order_does_not_count(project):
    assert int(version("a", "b"), 16) < 16**16
    assert len(version("a", "b")) == 16
    assert version("a", "b") == version("b", "a")


@pytest.mark.parametrize("changed", ["a/x.py", "a/deep/y.py", "b/s.pbtxt"])
def test_changed_code_is_another_version(project, changed):
    before = version("a", "b")
    (project / changed).write_text("other")
    assert version("a", "b") != before


def test_what_does_not_run_or_lies_elsewhere_does_not_count(project):
    before = version("a")
    (project / "a/notes.md").write_text("words")
    (project / "a/x.pyc").write_bytes(b"\0")
    (project / "b/z.py").write_text("other")
    assert version("a") == before


def test_a_moved_file_is_another_version(project):
    before = version("a")
    (project / "a/x.py").rename(project / "a/w.py")
    assert version("a") != before


def test_the_rooms_that_the_pipelines_name_are_there():
    # A misspelt room would give a version that never changes.
    import re

    named = set()
    for name in ("rebuild", "release"):
        text = (module._ROOT / "pipelines" / f"{name}.py").read_text()
        for call in re.findall(r"_version\((.*?)\)", text, re.DOTALL):
            named |= set(re.findall(r'"([a-z_/]+)"', call))
    assert {"affectflow/balance", "components/density_sampler", "trainer"} <= named
    roots = [module._ROOT, module._ROOT / "components", module._ROOT / "affectflow"]
    missing = [room for room in named if not any((root / room).is_dir() for root in roots)]
    assert missing == []
