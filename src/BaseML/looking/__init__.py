"""Pictures that explain: regions, trees, clusters, what was confused."""
