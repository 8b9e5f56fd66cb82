"""Beam's options: what a user gives reaches Beam unchanged, and what is left out is made sure."""

from __future__ import annotations

import argparse
import difflib
import os
from collections.abc import Sequence
from typing import Any

from affectflow.errors import InputError

IN_PROCESS = "pipelines.in_process.InProcessRunner"
"""Beam's name for the runner of this process (see ``pipelines.in_process``)."""

_ITS_OWN = "FnApiRunner"
_SHIPPING = (
    "--extra_package",
    "--setup_file",
    "--requirements_file",
    "--worker_harness_container_image",
    "--sdk_container_image",
)


def beam_args(given: Sequence[str], own: Sequence[str] = ()) -> list[str]:
    """Options for Beam's runner.

    Without ``--runner`` our in-process runner is named (``DirectRunner`` would first try to fetch
    another one from the network), with threads: decoding, detecting and TensorFlow all work
    outside Python's lock, and threads share one TensorFlow. It also takes the place of Beam's
    ``FnApiRunner``, which is the same but loses records; every other runner is left as it is.

    Args:
        given: as on a command line, e.g. ``["--runner=PortableRunner", ...]``.
        own: the command's own options, of which a misspelt one may be meant.

    Raises:
        InputError: an option that Beam does not know.
    """
    _check_known(given, own)
    args = _with_ours(given)
    if not _has(args, "--runner"):
        args.append(f"--runner={IN_PROCESS}")
        if not _has(args, "--direct_running_mode"):
            args.append("--direct_running_mode=multi_threading")
        if not _has(args, "--direct_num_workers"):
            args.append(f"--direct_num_workers={local_workers(len(os.sched_getaffinity(0)))}")
    if not any(_has(args, option) for option in _SHIPPING):
        # TFX otherwise builds a source package of itself for every component, to ship it to
        # workers. Ours have it installed, be they threads, processes or an image.
        args.append("--sdk_container_image=affectflow-worker")
    return args


def apart(given: Sequence[str]) -> tuple[list[str], list[str]]:
    """Beam's options, their values with them, and what is left, each in order.

    For a command that takes any number of arguments, among which click leaves options that it does
    not know. What is left may begin with a dash still: it is an option of nobody.
    """
    options: list[str] = []
    rest: list[str] = []
    if not any(text.startswith("--") for text in given):
        return options, list(given)
    known = _parser()._option_string_actions
    words = iter(given)
    for word in words:
        name, equals, _ = word.partition("=")
        if name not in known:
            rest.append(word)
            continue
        options.append(word)
        if not equals and known[name].nargs != 0:
            options += [value for value in [next(words, None)] if value is not None]
    return options, rest


def local_workers(cores: int) -> int:
    """Threads that keep some cores busy: one more, as each waits for its decoder now and then.

    On 2 cores, ingest with 3 threads was 1.09 times as fast as with 2.
    """
    return cores + 1


def _with_ours(given: Sequence[str]) -> list[str]:
    """The options, with our runner where Beam's in-process one is asked for."""
    args = list(given)
    for at, arg in enumerate(args):
        name, equals, value = arg.partition("=")
        if name == "--runner" and equals and value.lower() == _ITS_OWN.lower():
            args[at] = f"--runner={IN_PROCESS}"
        elif at and args[at - 1] == "--runner" and arg.lower() == _ITS_OWN.lower():
            args[at] = IN_PROCESS
    return args


def _has(args: Sequence[str], option: str) -> bool:
    return any(arg == option or arg.startswith((f"{option}=", f"{option}s=")) for arg in args)


def _check_known(given: Sequence[str], own: Sequence[str]) -> None:
    if not given:
        return
    parser = _parser()
    _, unknown = parser.parse_known_args(list(given))
    if unknown:
        name = unknown[0].partition("=")[0]
        options = [*own, *(text for a in parser._actions for text in a.option_strings)]
        near = difflib.get_close_matches(name, options, n=2)
        hint = f"did you mean {' or '.join(near)}?" if near else "see --help"
        raise InputError(f"{unknown[0]!r} is an option neither of this command nor of Beam; {hint}")


def _parser() -> argparse.ArgumentParser:
    """Of all options that Beam knows."""
    from apache_beam.options.pipeline_options import PipelineOptions

    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    for options in _all_subclasses(PipelineOptions):
        if "_add_argparse_args" in vars(options):
            options._add_argparse_args(parser)
    return parser


def _all_subclasses(cls: type[Any]) -> list[type[Any]]:
    direct: list[type[Any]] = cls.__subclasses__()
    return direct + [deep for sub in direct for deep in _all_subclasses(sub)]
