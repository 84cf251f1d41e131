"""URLs of articles and feeds: one form for all spellings of one address."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from tld import get_fld
from w3lib.url import canonicalize_url

from streams.messages import storable

MAX_URL_CHARS = 2_048
"""Longer ones are no addresses of articles; browsers and servers refuse them from about here."""

_TRACKING = re.compile(
    r"(utm_\w+|mtm_\w+|pk_\w+|at_\w+|hsa_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|igshid|igsh"
    r"|mc_cid|mc_eid|_hsenc|_hsmi|ocid|cmpid|ncid|xtor|smid|wt_mc|ns_mchannel|ns_source|ns_campaign)",
    re.IGNORECASE,
)
"""Query parameters that say how a reader came, never what is read: of the analytics tools (Google, Matomo, AT
Internet, HubSpot, Mailchimp, Meta, Microsoft, Yandex), and of large outlets' feeds (BBC at_ and ns_, MSN ocid, CNN
cmpid, NYT smid, German public broadcasters wt_mc)."""

_DEFAULT_PORTS = {"http": 80, "https": 443}


def canonical_url(url: str | None) -> str | None:
    """The one form of an article's address: tracking parameters and fragment out, parameters in order.

    None for what is no absolute http or https URL.
    """
    url = storable(url or "").strip()
    if not 0 < len(url) <= MAX_URL_CHARS:
        return None
    try:
        parts = urlsplit(canonicalize_url(url, keep_fragments=False))
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            return None
        host = parts.netloc.rpartition("@")[2]
        if parts.port == _DEFAULT_PORTS[parts.scheme]:
            host = host.removesuffix(f":{parts.port}")
    except ValueError:  # unclosed brackets, ports that are no numbers, labels that are no host names
        return None
    kept = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.fullmatch(k)]
    return urlunsplit((parts.scheme, host, parts.path, urlencode(kept), ""))


def host_of(url: str) -> str:
    """The host of a URL in lower case, without port; empty where it has none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def domain_of(url: str | None) -> str | None:
    """The registered domain (bbc.co.uk), by the public suffix list; else the host; None without one."""
    if not url:
        return None
    return get_fld(url, fail_silently=True) or host_of(url) or None
