"""Registers the admin of the content: one module for each part. Must not define anything."""

from pages.admin import clinic, facts, page, questions, redirects, versions

__all__ = ["clinic", "facts", "page", "questions", "redirects", "versions"]
