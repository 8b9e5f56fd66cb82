"""BaselinePredictor: the latest release's own predictions on the frames at hand."""
