"""The TFX components, a folder each: component.py says what, executor.py does it."""
