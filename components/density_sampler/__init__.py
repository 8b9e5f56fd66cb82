"""DensitySampler: `frames` in, a subset balanced over the valence-arousal plane out."""
