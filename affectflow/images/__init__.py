"""From an encoded face crop to the image that a model sees."""
