import errno

import pytest

from affectflow.errors import AffectflowError, InputError
from pipelines.failure import explain, interruption


def raised(error, cause=None):
    """The error as it is caught, with a cause behind it."""
    try:
        raise error from cause
    except BaseException as caught:
        return caught


def test_our_own_message_is_the_one():
    assert explain(InputError("fields is 3; 2 would do")) == "fields is 3; 2 would do"


def test_it_is_found_behind_what_was_raised_of_it():
    assert explain(raised(RuntimeError("job failed"), AffectflowError("no faces"))) == "no faces"


def test_beam_names_its_step_and_that_is_left_out():
    # Beam raises an error of the same class with the step at the end of the message.
    assert explain(InputError("x is 1 [while running 'Decode-ptransform-12']")) == "x is 1"


def test_a_worker_sends_the_traceback_as_text():
    text = """bundle 3 failed: Traceback (most recent call last):
  File "worker.py", line 1, in process
affectflow.errors.InputError: faces.size is 0; 16 or more would do [while running 'Decode']

During handling of the above exception, another exception occurred:
RuntimeError: x"""
    assert explain(RuntimeError(text)) == "faces.size is 0; 16 or more would do"


@pytest.mark.parametrize("code", [errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM])
def test_a_disk_that_cannot_be_written_says_what_to_do(code):
    reason = explain(raised(RuntimeError("job"), OSError(code, "words", "/w/faces/a.zip")))
    assert "/w/faces/a.zip" in reason
    assert "choose another folder with --workspace" in reason
    remote = explain(
        RuntimeError(f"...\nOSError: [Errno {code}] words: '/w/a' [while running 'W']")
    )
    assert remote.startswith(f"[Errno {code}] words: '/w/a'. Free some space")


def test_a_database_that_cannot_be_written():
    # As ML Metadata says it, with SQLite's words inside.
    error = RuntimeError("Error when executing query: disk I/O error query: COMMIT;")
    reason = explain(error)
    assert reason.startswith("ML Metadata cannot be written (disk I/O error). Free some space")


def test_a_full_disk_comes_before_what_was_made_of_it(tmp_path):
    full = OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "ws/releases/x"))
    reason = explain(raised(InputError("releases folder cannot be written"), full), [tmp_path])
    assert reason.startswith(f"no room in {tmp_path} (No space left on device): ")
    assert "choose another folder" in reason


@pytest.mark.parametrize(
    "error",
    [ValueError("shapes differ"), OSError(errno.ENOENT, "No such file", "x"), RuntimeError("")],
)
def test_what_a_user_cannot_mend_is_not_made_up(error):
    assert explain(error) is None


def test_a_circle_of_errors_ends():
    first, second = RuntimeError("a"), RuntimeError("b")
    first.__context__, second.__context__ = second, first
    assert explain(first) is None


@pytest.mark.parametrize(
    ("error", "end"),
    [
        # As Beam 2.74 words it when Ctrl-C meets a step in this process, and one in another.
        (RuntimeError("KeyboardInterrupt [while running 'Predict']"), "KeyboardInterrupt()"),
        (RuntimeError("bundle 3 failed: Traceback:\n  File x\nKeyboardInterrupt\n"),
         "KeyboardInterrupt()"),
        (raised(RuntimeError("job failed"), KeyboardInterrupt()), "KeyboardInterrupt()"),
        # 143 = 128 + 15, what a shell says of SIGTERM, and what the command ends with.
        (RuntimeError("SystemExit: 143 [while running 'Predict']"), "SystemExit(143)"),
        (raised(RuntimeError("job failed"), SystemExit(143)), "SystemExit(143)"),
        (RuntimeError("SystemExit: 2 [while running 'Predict']"), "None"),
        (raised(RuntimeError("job failed"), SystemExit(2)), "None"),
        (InputError("KeyboardInterrupt.mp4 is no video"), "None"),
        (raised(RuntimeError("job failed"), ValueError("x")), "None"),
    ],
)  # fmt: skip
def test_a_signal_in_a_beam_job_is_one(error, end):
    assert repr(interruption(error)) == end
