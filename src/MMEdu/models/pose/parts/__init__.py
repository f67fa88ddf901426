"""What networks of keypoints share."""
