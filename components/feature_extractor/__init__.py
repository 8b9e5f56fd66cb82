"""FeatureExtractor: all frames in, the frame model's feature vectors out, as gap-free runs."""
