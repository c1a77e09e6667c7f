"""Template tags of the content. Must not hold rules."""
