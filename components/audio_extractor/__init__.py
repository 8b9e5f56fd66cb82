"""AudioExtractor: the clips of the frames in, the sound of each as one vector out."""
