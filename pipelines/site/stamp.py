"""Digests that say what was made from what, so that what has not changed is not made again."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent


def stamp_of(*parts: object) -> str:
    """A digest of values, and of the code and templates that make pages of them."""
    told = json.dumps([_code(), *parts], sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()


@cache
def _code() -> str:
    digest = hashlib.sha256()
    for path in sorted(_HERE.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(path.read_bytes())
    return digest.hexdigest()
