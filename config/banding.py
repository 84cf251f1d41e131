"""What a banding of MinHash signatures finds (locality-sensitive hashing)."""

RECALL = 0.95
"""Least share of the pairs at a threshold of similarity that a banding must find to be accepted."""


def recall(jaccard: float, bands: int, rows: int) -> float:
    """Probability that texts of this similarity agree in all rows of some band."""
    return float(1 - (1 - jaccard**rows) ** bands)


def shortcoming(permutations: int, rows: int, jaccard: float) -> str | None:
    """Why signatures of so many permutations in bands of so many rows miss too many pairs of this similarity, and
    what to set instead; None when they do not."""
    found = recall(jaccard, permutations // rows, rows)
    if found >= RECALL:
        return None
    enough = [r for r in range(1, rows) if recall(jaccard, permutations // r, r) >= RECALL]
    remedy = f"set rows to at most {max(enough)}" if enough else "raise permutations"
    return (
        f"{permutations} permutations in bands of {rows} rows find {found:.0%} of the pairs with a Jaccard "
        f"similarity of {jaccard}, at least {RECALL:.0%} are needed: {remedy}"
    )
