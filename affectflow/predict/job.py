"""One video to its files: the work of a loop on one machine and of a Beam job alike."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from affectflow.errors import AffectflowError, InputError, RejectedClip
from affectflow.predict.csv_file import Write, csv_file, csv_rows
from affectflow.predict.fill import fill
from affectflow.predict.inputs import Source
from affectflow.predict.people import PEOPLE
from affectflow.predict.predictor import ReleasePredictor
from affectflow.predict.results import ANNOTATED, PLOT, ROWS, check_ours, result_path
from affectflow.predict.rows import FramePrediction
from affectflow.video.decode import ON_CORRUPT, DecodeReport
from affectflow.video.ffmpeg import STDIN

_log = logging.getLogger(__name__)

OnFrame = Callable[[int, "int | None"], None]


@dataclass(frozen=True)
class PredictOptions:
    """What is wanted of each video.

    Attributes:
        people: ``all`` or ``one`` (see ``affectflow.predict.people``).
        interpolate: fill frames without a face.
        annotate: write ``<name>.annotated.mp4``.
        plot: write ``<name>.plot.png``.
        on_corrupt: ``reject`` or ``keep``; "" = as the release says.

    Raises:
        InputError: a value that will not do.
    """

    people: str = "all"
    interpolate: bool = False
    annotate: bool = False
    plot: bool = False
    on_corrupt: str = ""

    def __post_init__(self) -> None:
        for name, allowed in (("people", PEOPLE), ("on_corrupt", ("", *ON_CORRUPT))):
            if getattr(self, name) not in allowed:
                raise InputError(
                    f"{name} is {getattr(self, name)!r}; one of"
                    f" {', '.join(filter(None, allowed))} would do"
                )


@dataclass(frozen=True)
class VideoReport:
    """What came of a video.

    Attributes:
        path: the video.
        csv: the file with its rows; "" when there is none.
        frames: decoded.
        frames_with_face: of them.
        people: how many were told apart.
        decode_errors: stretches that could not be decoded and were passed over.
        remarks: messages that the decoder calls errors though no picture is damaged.
        unmapped_hdr: ``PQ`` or ``HLG`` where pictures of high dynamic range were taken as they are.
        fixed_aspect: whether a change of the pixels' shape would have gone unseen.
        problem: why it was not predicted; "" when it was.
        cause: of a video that was rejected (``RejectedClip.CAUSES``); "" for other problems.
    """

    path: str
    csv: str = ""
    frames: int = 0
    frames_with_face: int = 0
    people: int = 0
    decode_errors: int = 0
    remarks: int = 0
    unmapped_hdr: str = ""
    fixed_aspect: bool = False
    problem: str = ""
    cause: str = ""


def predict_video(
    predictor: ReleasePredictor,
    source: Source,
    out: Path | None,
    options: PredictOptions,
    on_frame: OnFrame | None = None,
    stop: threading.Event | None = None,
) -> VideoReport:
    """Predicts a video and writes what is wanted of it.

    Args:
        out: folder of the files, made when absent; None writes rows to standard output.
        on_frame: told (frames so far, frames to expect or None).
        stop: set from elsewhere, it ends the video early; what there is by then is kept.

    Raises:
        RejectedClip: the video cannot be read.
        InputError: the model, or what the options ask for, cannot be had.
        OSError: a file cannot be written. In all three cases no file is left half-written; where
            it is the plot alone that fails, the others stay.
    """
    report = DecodeReport()
    tally = _Tally(report, on_frame)
    target = None if out is None else result_path(out, source.name, ROWS)
    if out is not None:
        # Now, and not after hours of work.
        for wanted, ending in ((options.annotate, ANNOTATED), (options.plot, PLOT)):
            if wanted:
                check_ours(result_path(out, source.name, ending))
    with ExitStack() as files:
        write, flush = _writer(target, files)
        predicted = files.enter_context(
            closing(
                predictor.frames(
                    source.path,
                    people=options.people,
                    keep_rgb=options.annotate,
                    on_corrupt=options.on_corrupt,
                    report=report,
                    stop=stop,
                )
            )
        )
        counted = tally.counted(_drawn(predicted, source, out, options, report, files))
        for prediction in fill(counted) if options.interpolate else counted:
            write(prediction)
            flush()
    if options.plot and out is not None and target is not None:
        from affectflow.predict.plot import draw_plot

        draw_plot(target, result_path(out, source.name, PLOT), Path(source.path).name)
    return VideoReport(
        path=source.path,
        csv=str(target or ""),
        frames=tally.frames,
        frames_with_face=tally.with_face,
        people=tally.people,
        decode_errors=report.errors,
        remarks=report.remarks,
        unmapped_hdr=report.unmapped_hdr,
        fixed_aspect=report.fixed_aspect,
    )


def try_video(
    predictor: ReleasePredictor,
    source: Source,
    out: Path | None,
    options: PredictOptions,
    on_frame: OnFrame | None = None,
    stop: threading.Event | None = None,
) -> VideoReport:
    """The same, but what is wrong with a video goes into its report: others have their turn."""
    try:
        return predict_video(predictor, source, out, options, on_frame, stop)
    except RejectedClip as error:
        return VideoReport(path=source.path, problem=str(error), cause=error.cause)
    except (AffectflowError, OSError) as error:
        return VideoReport(path=source.path, problem=str(error))
    except Exception as error:
        # Nobody foresaw it: the log has all of it, and the other videos are not to blame.
        _log.exception("%r could not be predicted", source.path)
        return VideoReport(path=source.path, problem=f"{type(error).__name__}: {error}")


def _writer(target: Path | None, files: ExitStack) -> tuple[Write, Callable[[], None]]:
    if target is None:
        # Whoever reads the other end of the pipe wants each row when it is there.
        return csv_rows(sys.stdout), sys.stdout.flush
    target.parent.mkdir(parents=True, exist_ok=True)
    return files.enter_context(csv_file(target)), lambda: None


def _drawn(
    predicted: Generator,
    source: Source,
    out: Path | None,
    options: PredictOptions,
    report: DecodeReport,
    files: ExitStack,
) -> Iterator[FramePrediction]:
    """The predictions, each drawn into the annotated video where one is wanted."""
    annotator = None
    for prediction, rgb in predicted:
        if options.annotate and out is not None:
            if annotator is None:
                from affectflow.predict.annotated.annotator import Annotator

                # Only now is it known how fast the video runs.
                fps = report.info.fps if report.info else None
                sound = None if source.path == STDIN else Path(source.path)
                annotator = files.enter_context(
                    Annotator(result_path(out, source.name, ANNOTATED), fps, sound)
                )
            annotator.add(rgb, prediction)
        yield prediction


class _Tally:
    """Counts frames as they pass."""

    def __init__(self, report: DecodeReport, on_frame: OnFrame | None):
        self.frames = self.with_face = self.people = 0
        self._report = report
        self._on_frame = on_frame

    def counted(self, predictions: Iterator[FramePrediction]) -> Iterator[FramePrediction]:
        for prediction in predictions:
            self.frames += 1
            self.with_face += bool(prediction.people)
            # Numbers are given in the order of appearance.
            self.people = max([self.people, *(one.person or 0 for one in prediction.people)])
            if self._on_frame is not None:
                self._on_frame(self.frames, self._expected())
            yield prediction

    def _expected(self) -> int | None:
        info = self._report.info
        if info is None or not info.fps or not info.duration_s:
            return None
        return max(self.frames, round(info.fps * info.duration_s))
