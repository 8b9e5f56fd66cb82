"""Exporter: both stages and the transform graph in, one served SavedModel out."""
