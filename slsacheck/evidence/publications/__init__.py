"""Everything that a build configuration publishes, and how."""
