"""The gate: what was measured, what is asked of it, and whether a model passes."""

from affectflow.gate.settings import GateSettings
from affectflow.gate.summary import Score, StageScore, Summary, summarise
from affectflow.gate.tally import VideoKey, VideoTally, tally_from_json
from affectflow.gate.verdict import Baseline, Check, Verdict, judge

__all__ = [
    "Baseline",
    "Check",
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
