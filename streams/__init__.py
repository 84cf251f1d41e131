"""The log and the messages on it."""
