"""Predictor: features in, one prediction for every frame that has a face out."""
