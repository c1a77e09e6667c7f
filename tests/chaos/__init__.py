"""`make chaos`: real workers, web and database against a lying provider, killed at random. Must not change the product:
what is shortened here are waits, and the judge is the provider's own log."""
