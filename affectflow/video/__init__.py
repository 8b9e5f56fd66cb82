"""Video files: finding ffmpeg, looking into a file, streaming its frames, naming its content."""
