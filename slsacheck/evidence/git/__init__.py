"""git, read without running anything that the target brings."""
