"""A release, ready to be used on videos."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from affectflow.errors import InputError
from affectflow.faces.settings import FaceSettings
from affectflow.predict.ahead import ahead
from affectflow.predict.fill import fill
from affectflow.predict.people import seen_frames
from affectflow.predict.rows import COLUMNS, FramePrediction
from affectflow.release import Release
from affectflow.video.decode import DecodeReport, OnCorrupt
from affectflow.video.ffmpeg import STDIN

if TYPE_CHECKING:
    import pandas as pd

    from affectflow.models.released import ReleasedModel
    from affectflow.predict.reader import Predicted

# Blocks of frames that wait for the network while it works: enough to keep both sides busy.
_DEPTH = 2
# Frames that are kept for drawing are large: fewer of them are held at a time.
_BLOCK_WITH_FRAMES = 16


class ReleasePredictor:
    """Predicts valence and arousal of the people in videos, by one release.

    TensorFlow is imported, and the model loaded, when the first video needs it. Several threads
    may share one.

        predictor = affectflow.load_release("ws/releases/0001")
        frame_by_frame = predictor.predict("clip.mp4")

    Args:
        release: from ``affectflow.release``.
        trusted: run its model whatever operations it holds, as one would a program.

    Attributes:
        release: the same.
        faces: how faces are found and cropped: as its training data were.
        smooth_radius: frames on either side over which its outputs are averaged.

    Raises:
        InputError: its recipe is of another version.
    """

    def __init__(self, release: Release, trusted: bool = False):
        self.release = release
        self._trusted = trusted
        self._lock = threading.Lock()
        try:
            self.faces = FaceSettings(**_group(release, "faces"))
            self.smooth_radius = int(_group(release, "predict").get("smooth_radius", 0))
        except (TypeError, ValueError, InputError) as error:
            raise InputError(
                f"release {str(release.path)!r}: its recipe is of another version of affectflow"
                f" ({error}); that version reads it, or 'affectflow release' makes one for this"
            ) from error

    @cached_property
    def _model(self) -> ReleasedModel:
        from affectflow.models.released import ReleasedModel

        model = ReleasedModel(self.release.models["serving"], self._trusted)
        model.begin_run()
        return model

    def load(self) -> None:
        """Loads the model now.

        Raises:
            InputError: the model is not one that this version can run; says what is missing.
        """
        with self._lock:
            _ = self._model

    def predict(
        self, video: str | Path, people: str = "all", interpolate: bool = False
    ) -> pd.DataFrame:
        """Every frame of a video.

        Args:
            video: a file, or "-" for standard input.
            people: ``all`` tells people apart; ``one`` follows one person, as training does.
            interpolate: fill frames without a face (see ``affectflow.predict.fill``).

        Returns:
            Columns as in ``affectflow.predict.rows``: a row a person and frame, and a row with
            missing values for each frame in which no face is seen.

        Raises:
            RejectedClip: the video cannot be read.
            InputError: the model cannot be run, or no usable ffmpeg.
        """
        with closing(self.frames(video, people=people)) as predicted:
            found: Iterable[FramePrediction] = (prediction for prediction, _ in predicted)
            return as_frame(fill(found) if interpolate else found)

    def frames(
        self,
        video: str | Path,
        *,
        people: str = "all",
        keep_rgb: bool = False,
        on_corrupt: str = "",
        report: DecodeReport | None = None,
        stop: threading.Event | None = None,
    ) -> Generator[Predicted, None, None]:
        """The same one by one, as (FramePrediction, picture), at constant memory.

        Decoding and looking for faces happen in another thread, a few blocks ahead.

        Args:
            video: as of :meth:`predict`.
            people: as of :meth:`predict`.
            keep_rgb: give the picture, uint8 [h, w, 3]; otherwise it is None.
            on_corrupt: ``reject`` or ``keep`` (see ``stream_frames``); "" = as the release's
                training data were read, but a pipe is never given up for a damaged stretch.
            report: filled while frames are read.
            stop: set from elsewhere, it ends the video early.

        Raises:
            As :meth:`predict`.
        """
        from affectflow.predict.reader import BLOCK, Reader, blocks

        source = video if video == STDIN else Path(video)
        faces = self.faces
        if on_corrupt or source == STDIN:
            # The settings refuse any other word.
            faces = replace(faces, on_corrupt=cast("OnCorrupt", on_corrupt or "keep"))
        # Whoever leaves before the end of a pipe does not wait for its next frame.
        stop = stop or threading.Event()
        seen = seen_frames(
            source, faces, people=people, keep_rgb=keep_rgb, report=report, stop=stop
        )
        size = _BLOCK_WITH_FRAMES if keep_rgb else BLOCK
        # Started before the model is loaded: the first frames are decoded meanwhile.
        with closing(ahead(blocks(seen, size), _DEPTH)) as made:
            reader = None
            try:
                for block in made:
                    if reader is None:
                        self.load()
                        reader = Reader(self._model, self.smooth_radius)
                    yield from reader.add(block)
                if reader is not None:
                    yield from reader.end()
            finally:
                stop.set()


def as_frame(predictions: Iterable[FramePrediction]) -> pd.DataFrame:
    """Rows as a DataFrame: ``frame`` and ``shot`` int64, ``person`` Int64, ``emotion``, floats."""
    import pandas as pd

    rows = [row for prediction in predictions for row in prediction.rows()]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    types = dict.fromkeys(COLUMNS, "float64")
    whole = {"frame": "int64", "person": "Int64", "shot": "int64"}
    return table.astype({**types, **whole, "emotion": "object"})


def _group(release: Release, name: str) -> Mapping[str, Any]:
    found = release.recipe.get(name, {})
    if not isinstance(found, Mapping):
        raise InputError(f"{name} is {found!r}")
    return found
