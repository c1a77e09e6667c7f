"""Template tags of booking. Must not hold rules."""
