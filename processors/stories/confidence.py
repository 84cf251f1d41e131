"""How likely a decision is right, from its story score.

A logistic curve fitted to decisions on labelled articles (`python -m training.confidence`).
"""

import math

MIDDLE, SLOPE = 0.98, 0.60
"""The score at which joining is as often right as wrong, and how fast that changes with it."""
DIGITS = 3
"""After the decimal point."""


def confidence(score: float, joined: bool) -> float:
    """How likely it is right that an article joined its best story, or did not, by that story's score (log
    odds)."""
    right = 1 / (1 + math.exp(-SLOPE * (score - MIDDLE)))
    return round(right if joined else 1 - right, DIGITS)
