"""The algorithms by name, a file a family; scikit-learn is imported when one is first used."""
