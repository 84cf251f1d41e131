"""Secrets in URLs: what may be shown of a URL that a person wrote, right or wrong."""

import re

_FILES = ("sqlite:", "jsonl:")
"""Schemes whose URLs name files: nobody logs in there."""

_WELL_FORMED = re.compile(r"([a-z0-9+]+://[^:/?#@]*)(:[^:/?#@]*)?(@[^@]*)")
"""One @, and before it nothing but a user and perhaps a password: there is no doubt where they end."""

_SCHEME = re.compile(r"([a-z0-9+]+:(?://)?)?")

_SECRET = re.compile(r"([?&](?!password_file=)[^=&]*(?:password|%)[^=&]*=)[^&]*", re.IGNORECASE)
"""Parameters that are passwords, however they are written."""


def masked(url: str) -> str:
    """The URL without passwords. Where it is in doubt what is one, all that may be one is left out."""
    if url.startswith(_FILES):
        return url
    if found := _WELL_FORMED.fullmatch(url):
        user, password, place = found.groups()
        return user + (":***" if password else "") + _SECRET.sub(r"\1***", place)
    scheme = _SCHEME.match(url)[0]  # type: ignore[index]  # the pattern matches everything
    before_query = url.partition("?")[0]
    if "@" in url[len(before_query) :]:  # then the question mark may be part of a password
        return f"{scheme}***"
    if "@" in before_query:
        return f"{scheme}***@{before_query.rpartition('@')[2]}"
    return _SECRET.sub(r"\1***", url)
