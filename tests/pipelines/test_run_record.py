import dataclasses
import json
import shutil
import threading

import pytest

from affectflow.errors import InputError
from affectflow.models.settings import RnnSettings
from pipelines.compile import compile_release
from pipelines.recipe import load_recipe
from pipelines.run_record import Request, begin_run, check_run_id
from pipelines.workspace import Workspace

RECIPE = load_recipe("demo")
REQUEST = Request(RECIPE)


@pytest.fixture(scope="module")
def release():
    return compile_release(RECIPE)


@pytest.fixture
def begin(tmp_path, release):
    """begin(request, data): the record of run r1, whose rebuild would be ``data``."""

    def run(request=REQUEST, data="first", compiled=release, run_id="demo_release.r1"):
        return begin_run(
            Workspace(tmp_path), compiled, run_id, request, lambda: {"run_id": data}
        )  # fmt: skip

    return run


def test_what_was_settled_first_stays(begin):
    assert begin(data="first").data == {"run_id": "first"}
    # Another rebuild has ended since.
    again = begin(data="second")
    assert again.data == {"run_id": "first"}
    assert again.request["recipe"]["rnn"]["cell"] == RECIPE.rnn.cell
    assert begin(data="second", run_id="demo_release.r2").data == {"run_id": "second"}


def test_of_many_at_once_one_settles_it(begin, tmp_path):
    barrier = threading.Barrier(8)
    found = []

    def go(number):
        barrier.wait()
        found.append(begin(data=str(number)).data["run_id"])

    threads = [threading.Thread(target=go, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert [path.name for path in (tmp_path / "runs/demo_release.r1").iterdir()] == ["run.json"]


def test_what_a_killed_process_began_goes(begin, tmp_path):
    class Killed(BaseException):
        pass

    folder = tmp_path / "runs/demo_release.r1"
    begun = []

    def killed(part, _):
        # Who is killed here clears nothing away.
        begun.append(shutil.copy(part, part.with_name(".run.1.part")))
        raise Killed

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("os.link", killed)
        with pytest.raises(Killed):
            begin(data="first")
    assert list(folder.iterdir()) == begun
    assert begin(data="second").data == {"run_id": "second"}
    assert [path.name for path in folder.iterdir()] == ["run.json"]


def test_a_run_does_not_change_halfway(begin, release):
    begin()
    changed = dataclasses.replace(RECIPE, rnn=RnnSettings(cell="gru1"))
    with pytest.raises(InputError, match=r"began with other parameters \(recipe.rnn.*start a new"):
        begin(Request(changed))
    other = dataclasses.replace(release, code_version="0123")
    with pytest.raises(InputError, match=r"began with code version \w+ and this is 0123"):
        begin(compiled=other)


def test_a_damaged_record(begin, tmp_path):
    begin()
    path = tmp_path / "runs/demo_release.r1/run.json"
    path.write_text("{")
    with pytest.raises(InputError, match=r"run.json is damaged"):
        begin()
    path.write_text(json.dumps({"format": 2}))
    with pytest.raises(InputError, match=r"another format than 1"):
        begin()


def test_the_record_of_another_run(begin, tmp_path):
    begin(run_id="demo_release.r1")
    begin(run_id="demo_release.r2")
    one, other = (tmp_path / f"runs/demo_release.r{n}/run.json" for n in (1, 2))
    one.write_bytes(other.read_bytes())
    with pytest.raises(InputError, match=f"{one} is damaged .it is of run 'demo_release.r2'"):
        begin(run_id="demo_release.r1")


@pytest.mark.parametrize(
    "run_id",
    ["", "../up", "a/b", "a b", "a\nb", "$(touch x)", "-rf", ".hidden", "é", "a\0", "x" * 251],
)
def test_odd_run_ids_are_refused(run_id, begin, tmp_path):
    with pytest.raises(InputError, match="cannot be used"):
        begin(run_id=run_id)
    assert list(tmp_path.iterdir()) == []


def test_airflows_run_ids_will_do():
    check_run_id("demo_rebuild.manual__2026-11-24T15:00:00.123456+00:00_x~1")
