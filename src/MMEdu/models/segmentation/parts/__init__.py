"""What several segmenters share."""
