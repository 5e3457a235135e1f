"""What detectors measured, in the words that other centres read."""
