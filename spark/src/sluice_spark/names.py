"""The nearest of some names, for what is misspelt."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, valid: Iterable[str]) -> str:
    """A sentence with a blank in front, or nothing."""
    found = get_close_matches(name.lower(), list(valid), n=1, cutoff=0.6)
    return f" Did you mean {found[0]}?" if found else ""
