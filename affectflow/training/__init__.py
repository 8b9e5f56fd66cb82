"""Training that is seeded, fed as fast as the device takes it, and goes on after a kill.

Nothing is imported here, so that a part can be used without the others' dependencies.
"""
