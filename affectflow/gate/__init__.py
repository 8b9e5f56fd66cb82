"""The gate: what was measured, what is asked of it, and whether a model passes."""

from affectflow.gate.class_score import ClassScore
from affectflow.gate.score import Score, StageScore
from affectflow.gate.settings import GateSettings
from affectflow.gate.summarise import summarise
from affectflow.gate.summary import Summary
from affectflow.gate.tally import VideoKey, VideoTally, tally_from_json
from affectflow.gate.verdict import Baseline, Check, Verdict, judge

__all__ = [
    "Baseline",
    "Check",
    "ClassScore",
    "GateSettings",
    "Score",
    "StageScore",
    "Summary",
    "Verdict",
    "VideoKey",
    "VideoTally",
    "judge",
    "summarise",
    "tally_from_json",
]
