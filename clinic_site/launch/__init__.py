"""What stands behind `make run` and `make dev`: install, prepare, start, end. Must not be imported by the site."""
