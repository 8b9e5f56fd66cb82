import os

import pytest

from affectflow.errors import InputError
from pipelines.beam import IN_PROCESS, apart, beam_args

IMAGE = "--sdk_container_image=affectflow-worker"


def test_the_in_process_runner_is_pinned_by_name():
    assert beam_args([]) == [
        f"--runner={IN_PROCESS}",
        "--direct_running_mode=multi_threading",
        f"--direct_num_workers={len(os.sched_getaffinity(0)) + 1}",
        IMAGE,
    ]


def test_a_runner_that_is_given_is_left_alone():
    given = ["--runner=PortableRunner", "--job_endpoint=localhost:8099"]
    assert beam_args(given) == [*given, IMAGE]
    assert beam_args(["--runner", "FlinkRunner"]) == ["--runner", "FlinkRunner", IMAGE]


@pytest.mark.parametrize("name", ["FnApiRunner", "fnapirunner"])
def test_ours_takes_the_place_of_beam_s_own_in_process_runner(name):
    assert beam_args([f"--runner={name}"]) == [f"--runner={IN_PROCESS}", IMAGE]
    assert beam_args(["--runner", name, "--save_main_session"]) == [
        "--runner", IN_PROCESS, "--save_main_session", IMAGE,
    ]  # fmt: skip


def test_what_is_given_is_not_given_twice():
    given = ["--direct_num_workers=1", "--direct_running_mode=in_memory"]
    assert beam_args(given) == [*given, f"--runner={IN_PROCESS}", IMAGE]


@pytest.mark.parametrize(
    "shipping", ["--setup_file=./setup.py", "--extra_packages=a.whl", "--sdk_container_image=mine"]
)
def test_who_ships_code_does_not_get_our_image(shipping):
    assert IMAGE not in beam_args([shipping])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("--runer=FlinkRunner", "did you mean --runner"),
        ("--job_endpont=localhost:1", "did you mean --job_endpoint"),
        ("--recpie=demo", "did you mean --recipe"),
        ("--qqq", "see --help"),
        ("stray", "'stray' is an option neither of this command nor of Beam"),
    ],
)
def test_a_typo_is_told_what_would_do(given, message):
    with pytest.raises(InputError) as error:
        beam_args([given], own=["--recipe", "--workspace"])
    assert message in str(error.value)


def test_beam_s_options_are_told_from_arguments():
    given = ["a.mp4", "--runner=FnApiRunner", "-", "--job_endpoint", "localhost:8099", "--plots",
             "--save_main_session", "b c.mp4"]  # fmt: skip
    options, rest = apart(given)
    assert options == ["--runner=FnApiRunner", "--job_endpoint", "localhost:8099",
                       "--save_main_session"]  # fmt: skip
    assert rest == ["a.mp4", "-", "--plots", "b c.mp4"]
    assert apart(["a.mp4", "-"]) == ([], ["a.mp4", "-"])
    # A value that is not there is for Beam to complain of.
    assert apart(["--runner"]) == (["--runner"], [])
