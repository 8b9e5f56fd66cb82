"""Speed and memory as ratios of two sides that are measured beside each other in one run."""
