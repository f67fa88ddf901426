"""What several detectors share, from the arithmetic of boxes to whole heads."""
