"""The trainers: a frame model on balanced crops, then a sequence model on cached features."""
