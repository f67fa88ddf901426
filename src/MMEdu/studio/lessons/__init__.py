"""Teaching: pictures are seen as they come, a last layer learns from them, live answers follow."""
