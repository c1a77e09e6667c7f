"""A part of schema.org's own vocabulary, kept here so that no test has to ask the network."""
