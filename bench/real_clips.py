"""Frames/s of the real clips, where they are present: shown, without a bound."""

from __future__ import annotations

import os
import time
from pathlib import Path

from affectflow.corpora.adapter import CorpusSettings
from affectflow.corpora.listing import list_clips
from affectflow.errors import RejectedClip
from affectflow.faces.detectors import create_detector
from affectflow.faces.extract import extract_faces
from affectflow.faces.settings import FaceSettings
from affectflow.faces.store import FaceStore
from bench.result import Result
from bench.workbench import Workbench

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "realdata"


def measure(bench: Workbench) -> list[Result]:
    """No ratio: says how fast each clip went."""
    folder = Path(os.environ.get("AFFECTFLOW_REALDATA", BESIDE))
    if not folder.is_dir():
        bench.say(f"{folder} is not there; AFFECTFLOW_REALDATA names another folder of videos")
        return []
    settings = FaceSettings()
    store = FaceStore(bench.root / "real_clips")
    detector = create_detector(settings)
    try:
        for clip in list_clips("folder", folder, CorpusSettings()):
            numbers: list[int] = [0]
            began = time.perf_counter()
            try:
                faces = extract_faces(
                    clip, settings, store, clip.video_id, detector, on_frame=numbers.append
                )
                found = f"{len(faces)} faces"
            except RejectedClip as reject:
                found = f"rejected: {reject.cause}"
            speed = numbers[-1] / (time.perf_counter() - began)
            bench.say(f"{clip.video_id}: {numbers[-1]} frames, {speed:.0f} frames/s, {found}")
    finally:
        detector.close()
    return []
