"""What the nodes are called, in ML Metadata, in Airflow and on pages.

A component's node has the name of its class, an importer's that of what it brings. A name is kept
for good: workspaces of earlier versions have it in their records.
"""

from __future__ import annotations

VIDEO_EXAMPLE_GEN = "VideoExampleGen"
AUDIO_EXTRACTOR = "AudioExtractor"
FRAMES_SCHEMA = "FramesSchema"
STATISTICS_GEN = "StatisticsGen"
EXAMPLE_VALIDATOR = "ExampleValidator"
DENSITY_SAMPLER = "DensitySampler"
TRANSFORM = "Transform"

FRAMES = "Frames"
BALANCED_FRAMES = "BalancedFrames"
TRANSFORM_GRAPH = "TransformGraph"
AUDIO = "Audio"

CNN_TRAINER = "CnnTrainer"
FEATURE_EXTRACTOR = "FeatureExtractor"
RNN_TRAINER = "RnnTrainer"
PREDICTOR = "Predictor"
CLASS_TRAINER = "ClassTrainer"
CLASS_PREDICTOR = "ClassPredictor"
BASELINE_PREDICTOR = "BaselinePredictor"
EVALUATOR = "Evaluator"
EXPORTER = "Exporter"
CLASS_EXPORTER = "ClassExporter"
PUSHER = "Pusher"
