"""Evaluator: measures predictions with TFMA and lets the gate judge them."""
