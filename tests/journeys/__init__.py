"""Journeys of people through the real site, in a browser. Must not touch the database: they see what people see."""
