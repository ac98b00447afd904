"""Values to HTML. Every word comes from outside and is escaped; only templates write marks of HTML."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipelines.site import places

TEMPLATES = Path(__file__).parent / "templates"
_UNITS = ("kB", "MB", "GB", "TB")
_KILO = 1000


@dataclass(frozen=True, slots=True)
class SitePage:
    """A page to be: where it stands, which template makes it, and of what: values, or what gives them when asked.

    `stamp` is a digest of all that the page is made of, where asking for the values takes time.
    """

    place: str
    template: str
    values: Mapping[str, Any] | Callable[[], Mapping[str, Any]] = field(default_factory=dict)
    stamp: str = ""


def page_html(page: SitePage, *, is_offered: bool = True) -> bytes:
    """The HTML of a page: the same bytes for the same values. Where no release is offered, few pages can be linked."""
    template = _environment().get_template(page.template)
    values = page.values() if callable(page.values) else page.values
    here = {
        "here": page.place,
        "to": partial(places.link_between, page.place),
        "is_offered": is_offered,
        "stamp": page.stamp,
    }
    return template.render(here | dict(values)).encode()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["places"] = places
    environment.filters |= {"count": count, "size": size, "share": share, "spaced": spaced, "sentence": sentence}
    return environment


def _shown(value: object) -> object:
    """What a template prints: marks of HTML that a template made, a number, or text with hidden characters named."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def count(number: int, one: str = "", many: str = "") -> str:
    """A number with its thousands apart, and the word for so many of it: `1 row`, `10,000 rows`.

    >>> count(1, "row"), count(10000, "row"), count(2, "match", "matches")
    ('1 row', '10,000 rows', '2 matches')
    """
    word = one if number == 1 else many or (f"{one}s" if one else "")
    return f"{number:,} {word}".rstrip()


def size(number: int) -> str:
    """Bytes as people read them.

    >>> size(999), size(1500)
    ('999 bytes', '1.5 kB')
    """
    if number < _KILO:
        return count(number, "byte")
    amount = float(number)
    for unit in _UNITS:
        amount /= _KILO
        if amount < _KILO or unit == _UNITS[-1]:
            break
    return f"{amount:.1f} {unit}"


def share(part: float) -> str:
    """A part of one in percent; never 0 % or 100 % where that is only nearly so.

    >>> share(0.0), share(0.00001), share(0.25), share(0.99999)
    ('0 %', '< 0.1 %', '25 %', '> 99.9 %')
    """
    if 0 < part < 0.001:  # noqa: PLR2004  (what one place after the point can show)
        return "< 0.1 %"
    if 0.999 < part < 1:  # noqa: PLR2004
        return "> 99.9 %"
    return f"{part * 100:.1f}".removesuffix(".0") + " %"


def spaced(name: str) -> str:
    """The name of a table or column in words."""
    return name.replace("_", " ")


def sentence(words: str) -> str:
    """Words with a capital at the beginning; the others as they are.

    >>> sentence("no unit of RxNorm")
    'No unit of RxNorm'
    """
    return words[:1].upper() + words[1:]


def script(name: str, value: object) -> bytes:
    """A file of script that gives a page one value: JSON in ASCII, without a character that HTML takes for a mark."""
    told = json.dumps(value, ensure_ascii=True, separators=(",", ":")).replace("<", r"\u003c")
    return f"catalogue.give({json.dumps(name)},{told});\n".encode()


# ---- characters that a reader cannot see, or that turn the text around

# Controls but TAB, LF and CR; soft hyphen; what has no width; marks, overrides and isolates of direction; separators.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)


def visible(text: str) -> str:
    """The text with every hidden character named."""
    return text if text.isprintable() else _HIDDEN.sub(_named, text)


def _named(match: re.Match[str]) -> str:
    return f"⟨U+{ord(match[0]):04X}⟩"
