"""The embedded log: one SQLite file on one machine."""
