"""Frames say how their crops were made: a release's model may have learnt from others."""

import json
from dataclasses import asdict

from affectflow.faces.settings import FaceSettings
from components.artifacts import FACE_SETTINGS


def test_frames_carry_the_settings_of_their_crops(ingest, labelled_corpus, detector):
    faces = FaceSettings(image_format="png", size=48)
    found = ingest(labelled_corpus, faces=faces).examples.get_string_custom_property(FACE_SETTINGS)
    assert json.loads(found) == asdict(faces)
