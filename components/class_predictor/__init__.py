"""ClassPredictor: transformed crops in, classes of every image or clip to evaluate out."""
