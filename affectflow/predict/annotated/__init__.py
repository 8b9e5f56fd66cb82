"""A video with what is predicted drawn into it."""
