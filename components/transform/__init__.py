"""What tensorflow-transform does to a face crop; the same graph sits in the served model."""
