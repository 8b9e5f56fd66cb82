"""``affectflow predict``: videos in, valence and arousal of the people in them out."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from pipelines.cli.console import FrameView, console, errors, note, say, user_errors
from pipelines.cli.options import DEFAULT_WORKSPACE, Verbose, WorkspacePath, own_options
from pipelines.progress_log import notes_to, told_in_lines
from pipelines.quiet import quiet_libraries

if TYPE_CHECKING:
    from affectflow.predict.inputs import Source
    from affectflow.predict.job import PredictOptions, VideoReport
    from affectflow.predict.predictor import ReleasePredictor

STDOUT = "-"


def predict(
    context: typer.Context,
    videos: Annotated[
        list[str],
        typer.Argument(
            metavar="VIDEO",
            help="Files, folders, patterns; - reads a video from standard input.",
            show_default=False,
        ),
    ],
    release: Annotated[
        Path | None,
        typer.Option(
            "--release",
            help="A release's folder, or a folder of releases; else the workspace's latest.",
        ),
    ] = None,
    out: Annotated[
        str, typer.Option("--out", "-o", help="Folder of the results; - writes rows to the screen.")
    ] = ".",
    interpolate: Annotated[
        bool, typer.Option("--interpolate", help="Fill frames in which no face is seen.")
    ] = False,
    annotate: Annotated[
        bool, typer.Option("--annotate", help="Write the video with boxes, values and a trace.")
    ] = False,
    plot: Annotated[
        bool, typer.Option("--plot", help="Draw the trajectory and the curves of each video.")
    ] = False,
    people: Annotated[
        str, typer.Option(help="all: tell people apart; one: follow one person, as training does.")
    ] = "all",
    on_corrupt: Annotated[
        str,
        typer.Option(
            help="reject or keep a video of which a part cannot be decoded; else as in training."
        ),
    ] = "",
    trust_release: Annotated[
        bool,
        typer.Option(
            "--trust-release",
            help="Run the release's model also if it can do more than compute, as a program can.",
        ),
    ] = False,
    workspace: WorkspacePath = DEFAULT_WORKSPACE,
    verbose: Verbose = False,
) -> None:
    """Predict valence and arousal in videos, frame by frame, with a release.

    Writes NAME.csv for each video, a row for every decoded frame and person; a frame without a
    face has a row without values. One video that cannot be read does not keep the others from
    their turn; the exit status is then 1. With --runner, videos are elements of a Beam job, and
    options that are not listed here go to Beam as they are.
    """
    with user_errors(), quiet_libraries(Path(os.devnull), verbose) as stderr:
        from affectflow.corpora.remarks import collected
        from affectflow.errors import InputError
        from affectflow.predict.inputs import find_sources
        from affectflow.predict.job import PredictOptions
        from affectflow.predict.predictor import ReleasePredictor
        from affectflow.release.find import find_release
        from affectflow.video.ffmpeg import STDIN

        options = PredictOptions(people, interpolate, annotate, plot, on_corrupt)
        beam, paths = _beam_apart(context, videos)
        with collected() as remarks:
            sources = find_sources(paths)
        streamed = any(source.path == STDIN for source in sources)
        folder = None if out == STDOUT else Path(out)
        if beam and (streamed or folder is None):
            raise InputError("a Beam job reads and writes files; leave out - or Beam's options")
        if folder is None and (len(sources) > 1 or annotate or plot):
            raise InputError("--out - is for the rows of one video; a folder would do")
        found = find_release(workspace / "releases" if release is None else release)
        predictor = ReleasePredictor(found, trust_release)
        if folder is not None:
            _check_writable(folder)
            say(f"release {found.path} ({found.origin}, {found.created[:10]})")
            for remark in remarks:
                note(remark)
        if beam and folder is not None:
            reports = _on_beam(beam, found.path, sources, folder, options, trust_release)
        else:
            predictor.load()
            try:
                reports = _here(predictor, sources, folder, options, stderr)
            except BrokenPipeError:
                # Whoever read the rows has enough of them; Python would complain at its end.
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                raise typer.Exit(0) from None
    if folder is not None:
        _show(reports)
    else:
        for words in [*remarks, *(words for report in reports for words in _met(report))]:
            say(words, errors)
    if any(report.problem for report in reports):
        raise typer.Exit(1)


def _here(
    predictor: ReleasePredictor,
    sources: Sequence[Source],
    out: Path | None,
    options: PredictOptions,
    stderr: TextIO,
) -> list[VideoReport]:
    """One video after another, in this process."""
    from affectflow.predict.job import predict_video, try_video
    from affectflow.video.ffmpeg import STDIN

    reports = []
    with FrameView(len(sources), rows=stderr if out is None else None) as view:
        for source in sources:
            with (
                view.video(_name(source.path)) as on_frame,
                _interrupt(source.path == STDIN) as stop,
            ):
                run = try_video if out is not None else predict_video
                report = run(predictor, source, out, options, on_frame, stop)
            reports.append(report)
            if out is not None:
                _say_report(report, on_frame.rate)
    return reports


def _beam_apart(context: typer.Context, given: list[str]) -> tuple[list[str], list[str]]:
    """Beam's options, ready for a runner ([] where none is given), and the videos."""
    if not any(text.startswith("-") and text != "-" for text in given):
        return [], given
    from pipelines.beam import apart, beam_args

    beam, paths = apart(given)
    slips = [text for text in paths if text.startswith("-") and text != "-"]
    # Says what is meant, if something is.
    args = beam_args([*beam, *slips], own_options(context))
    return args, paths


def _on_beam(
    beam: list[str],
    release: Path,
    sources: Sequence[Source],
    out: Path,
    options: PredictOptions,
    trusted: bool,
) -> list[VideoReport]:
    from pipelines.scoring import score

    # Workers elsewhere are not heard of; those of this process are, in a terminal as well.
    with told_in_lines("predict"), notes_to(console.file):
        reports = score(release, sources, out, options, beam, trusted)
    for report in reports:
        _say_report(report)
    return reports


@contextmanager
def _interrupt(ends_the_video: bool) -> Iterator[threading.Event]:
    """For a camera Ctrl-C is how the video ends: what was seen by then is written as usual."""
    stop = threading.Event()
    if not ends_the_video or threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def interrupted(*_: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def _check_writable(folder: Path) -> None:
    import tempfile

    from affectflow.errors import InputError
    from affectflow.private import private_folder

    try:
        private_folder(folder)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(
            f"folder {str(folder)!r} cannot be written ({error.strerror}); choose another with"
            " --out"
        ) from error


def _say_report(report: VideoReport, rate: float | None = None) -> None:
    if report.problem:
        console.print("[bold red]failed[/]", end="  ")
        say(f"{_name(report.path)}: {report.problem}")
        return
    told = [
        f"{report.frames} frames, {report.frames_with_face} with a face",
        f"{report.people} {'person' if report.people == 1 else 'people'}",
    ]
    if rate is not None:
        told.append(f"{rate:.0f} frames/s")
    say(f"{_name(report.csv)}  {', '.join([*told, *_met(report)])}")


def _met(report: VideoReport) -> Iterator[str]:
    """What decoding met, in words."""
    if report.decode_errors:
        yield f"{report.decode_errors} decode errors, so frame numbers are not certain"
    if report.remarks:
        yield f"{report.remarks} complaints of the decoder, none of a picture"
    if report.unmapped_hdr:
        yield f"{report.unmapped_hdr} without tone mapping, so values may be off"
    if report.fixed_aspect:
        yield "pixels taken as they begin, so a change of their shape on the way was not seen"


def _show(reports: Sequence[VideoReport]) -> None:
    if len(reports) < 2:
        return
    from affectflow.records.rejects import group_rejects

    failed = [report for report in reports if report.problem]
    say(f"{len(reports) - len(failed)} of {len(reports)} videos predicted")
    for group in group_rejects(
        (_name(r.path), r.cause, r.problem.removeprefix(f"{r.cause}: ")) for r in failed
    ):
        say(f"  failed {group.told('videos')}")


def _name(path: str) -> str:
    # A file's name may be no text at all, and then a terminal cannot show it.
    from affectflow.corpora.files import as_id

    return as_id(path)
