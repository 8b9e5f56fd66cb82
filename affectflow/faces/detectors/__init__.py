"""Face detectors behind one protocol, built by name."""

from affectflow.faces.detectors.detector import Detector, create_detector

__all__ = ["Detector", "create_detector"]
