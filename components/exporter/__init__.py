"""Exporter: both stages and the transform graph in, the served models out."""
