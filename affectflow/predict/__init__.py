"""A release on videos: faces found, followed and read frame by frame, at constant memory."""
