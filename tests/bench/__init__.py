"""`make bench`: ratios within one run, on one machine. Must not be part of the suite: it needs a quiet machine."""
