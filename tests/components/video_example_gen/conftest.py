"""Videos whose pictures say which frame of which video they are, and a detector that reads them."""

from __future__ import annotations

import errno
import json
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from affectflow.corpora.adapter import CorpusSettings
from affectflow.faces.align import TEMPLATE_112
from affectflow.faces.face import Face
from affectflow.faces.settings import FaceSettings
from affectflow.records.clips import load_clips
from affectflow.records.counts import load_counts
from affectflow.records.frames import FrameRecord, parse_frame
from affectflow.records.shards import read_shard, shards
from affectflow.video.ffmpeg import find_ffmpeg
from components.parameters import exec_properties
from components.video_example_gen import decode
from components.video_example_gen.settings import IngestSettings

WIDTH, HEIGHT = 64, 48
# Blue says that a frame shows nobody.
NOBODY = 255


def render(
    path: Path, code: int, frames: int, nobody: Iterable[int] = (), vfr: bool = False
) -> Path:
    """A lossless video: frame i has the red level 8 i everywhere, green is ``code``.

    At a constant rate frame i stands at i / 10 s, at a variable one at i (i + 1) / 50 s.
    """
    pictures = np.zeros((frames, HEIGHT, WIDTH, 3), np.uint8)
    pictures[..., 0] = 8 * np.arange(frames)[:, None, None]
    pictures[..., 1] = code
    pictures[list(nobody), ..., 2] = NOBODY
    # A time base of one frame, the default here, is too coarse for times of its own.
    uneven = "settb=1/1000,setpts=N*(N+1)/50/TB"
    times = ["-vf", uneven, "-fps_mode", "passthrough", "-enc_time_base", "1/1000"] if vfr else []
    argv = [
        find_ffmpeg(), "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24",
        "-s", f"{WIDTH}x{HEIGHT}", "-r", "10", "-i", "pipe:0", *times,
        "-c:v", "ffv1", "-pix_fmt", "gbrp", f"file:{path}",
    ]  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(argv, input=pictures.tobytes(), check=True, timeout=60)
    return path


class ReadingDetector:
    """Finds a face on the left and one on the right of every picture that shows anybody.

    Attributes:
        begun: clips begun, by all detectors.
        fail_after: of the clip after so many the machine fails; None = never.
    """

    begun = 0
    fail_after: int | None = None

    def detect(self, rgb: np.ndarray) -> list[Face]:
        if rgb[0, 0, 2] == NOBODY:
            return []
        faces = []
        for left in (0.05, 0.55):
            # A crop of the template's own proportions, half of the frame's width.
            points = TEMPLATE_112 / 112 * (0.4, 0.8) + (left, 0.1)
            size = 0.4 if left < 0.5 else 0.38
            faces.append(Face((left, 0.1, size, 0.8), points.astype(np.float32), 0.9))
        return faces

    def reset(self) -> None:
        kind = type(self)
        if kind.fail_after is not None and kind.begun >= kind.fail_after:
            raise OSError(errno.EIO, "the machine went down")
        kind.begun += 1

    def close(self) -> None:
        pass


@pytest.fixture
def detector(monkeypatch: pytest.MonkeyPatch) -> type[ReadingDetector]:
    """The reading detector in the place of the real one; counts from 0."""
    kind = type("CountingDetector", (ReadingDetector,), {})
    monkeypatch.setattr(decode, "create_detector", lambda settings: kind())
    return kind


@pytest.fixture(scope="session")
def render_clip() -> Callable[..., Path]:
    """render_clip(path, code, frames, nobody=(), vfr=False) -> path"""
    return render


class Ingested:
    """What VideoExampleGen left."""

    def __init__(self, outputs: dict[str, Any]):
        self.examples = outputs["examples"]
        self.uri = Path(outputs["examples"].uri)
        self.rejects = [
            json.loads(line)
            for line in Path(outputs["rejects"].uri, "rejects.jsonl")
            .read_text("utf-8")
            .splitlines()
        ]
        self.counts_uri = outputs["counts"].uri
        self.counts, self.clip_counts = load_counts(outputs["counts"].uri)

    def shards(self, split: str) -> list[list[FrameRecord]]:
        return [[parse_frame(r) for r in read_shard(path)] for path in shards(self.uri, split)]

    def records(self, split: str) -> list[FrameRecord]:
        return [record for shard in self.shards(split) for record in shard]

    def of(self, video_id: str) -> list[FrameRecord]:
        """A clip's records, found by what clips.json says."""
        (clip,) = [clip for clip in load_clips(self.uri) if clip.video_id == video_id]
        split = self.shards(clip.split)
        return [r for part in clip.parts for r in split[part.shard][part.start : part.stop]]

    def contents(self) -> dict[str, bytes]:
        """Every shard's bytes by its path below the artifact, and clips.json."""
        paths = [*self.uri.glob("Split-*/*"), self.uri / "clips.json"]
        return {str(path.relative_to(self.uri)): path.read_bytes() for path in paths}


@pytest.fixture
def ingest(execute, tmp_path) -> Callable[..., Ingested]:
    """ingest(root, corpus="folder", store=…, beam=(), faces=…, listing=…, folder=…, **settings)
    -> Ingested"""
    from tfx.types import standard_artifacts

    from components.artifacts import FrameCounts, Rejects
    from components.video_example_gen.executor import Executor

    def run(
        root: Path,
        corpus: str = "folder",
        store: str = "store",
        beam: Iterable[str] = (),
        faces: FaceSettings | None = None,
        listing: CorpusSettings | None = None,
        folder: Path | None = None,
        **ingest_settings: Any,
    ) -> Ingested:
        outputs = execute(
            Executor,
            {},
            {
                "examples": standard_artifacts.Examples,
                "rejects": Rejects,
                "counts": FrameCounts,
            },
            {
                "corpus": corpus,
                "corpus_root": str(root),
                "store": str(tmp_path / store),
                "code_version": "test",
                **exec_properties(
                    listing or CorpusSettings(),
                    faces or FaceSettings(image_format="png", size=32),
                    IngestSettings(**ingest_settings),
                ),
            },
            beam=beam,
            folder=folder,
        )
        return Ingested(outputs)

    return run


# Frame numbers, kept away from the labels' own: a row that slips by one is seen.
STEADY_NOBODY, STEADY_UNLABELLED = (0, 10, 11, 12), (5, 29)
COUNTS = {"steady": 30, "uneven": 20, "held out": 12}


@pytest.fixture(scope="session")
def labelled_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder corpus: ``steady`` (frames without a face, frames without a label), ``uneven`` (a
    variable frame rate) and ``held out`` of another subject. Frame i has the valence i / 100 and
    the arousal -i / 100.
    """
    root = tmp_path_factory.mktemp("corpus")
    rows = ["video,frame,valence,arousal,subject,split"]
    for code, (name, subject, split) in enumerate(
        [("steady", "anna", "train"), ("uneven", "anna", "train"), ("held out", "ben", "eval")]
    ):
        nobody = STEADY_NOBODY if name == "steady" else ()
        render(root / f"{name}.mkv", 40 * code, COUNTS[name], nobody, vfr=name == "uneven")
        for frame in range(COUNTS[name]):
            if name != "steady" or frame not in STEADY_UNLABELLED:
                rows.append(f"{name}.mkv,{frame},{frame / 100},{-frame / 100},{subject},{split}")
    (root / "labels.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return root
