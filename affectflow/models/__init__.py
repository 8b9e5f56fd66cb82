"""The networks, their settings and their losses (Keras 3).

Nothing is imported here, so that settings can be read without loading TensorFlow.
"""
