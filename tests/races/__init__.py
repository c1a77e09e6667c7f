"""Rivals for the same time, in processes of their own, over HTTP and in the admin. `make race` runs all of it."""
