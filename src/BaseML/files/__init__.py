"""Files of trained models: joblib's form of the original, read behind an allow-list."""
