"""Balancing: density sampling of frames over the valence-arousal plane."""
