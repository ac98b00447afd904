"""Routes of administration, as the route field lists them and as they stand inside the names of forms.

    field  = item { separator item }       Oral, Intrathecal      IM-IV      PO/IV      Oral and intravenous use
    item   = { filler | route }            For intravenous use only      by mouth

Routes, fillers and separators are rows of routes.csv and route_synonyms.csv. The `role` of a spelling:

    route      is read wherever it stands
    field      is read in a route field, and not inside other words
    alone      is read in a route field, where its item names no other route: `injection`, but `subcutaneous injection`
    filler     adds nothing             negation   says where the drug does not go: nothing is read beside it
    separator  stands between two items

An item with a word that is no row is not read at all: `not` might be said in words that nobody foresaw. Nor is what
follows a negation on its line: `not for intrathecal, epidural or oral use`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from pipelines.normalize.phrases import PhraseBook, Piece
from pipelines.records import Finding, FindingCode, Passage, Route, RouteCode
from schemas.codes import Row, rows

_UNKNOWN = FindingCode("ROUTE_UNKNOWN")
_UNMAPPED = FindingCode("ROUTE_UNMAPPED")
_NAMES_A_PLACE = frozenset({"route", "field"})

_Piece = Piece[Row]


@dataclass(frozen=True, slots=True)
class _Reading:
    """One route of a text: where it stands, and its code or the reason why it has none."""

    start: int
    end: int
    code: RouteCode | None = None
    reason: FindingCode = _UNKNOWN
    message: str = ""


def read_route(words: Passage) -> tuple[Route, ...] | Finding:
    """The routes that `words` name; a Finding (ROUTE_UNKNOWN, ROUTE_UNMAPPED) where one of them has no code."""
    routes, findings = read_routes(words)
    return findings[0] if findings else routes


def read_routes(field: Passage) -> tuple[tuple[Route, ...], tuple[Finding, ...]]:
    """Every route of a route field, in order. One without a code is kept, and has a Finding of the same place."""
    readings = _read_field(field.text)
    routes = tuple(Route(field.part(reading.start, reading.end), reading.code) for reading in readings)
    findings = tuple(
        Finding(reading.reason, reading.message, field.part(reading.start, reading.end), "routes")
        for reading in readings
        if reading.code is None
    )
    return routes, findings


def find_routes(words: Passage) -> tuple[Route, ...]:
    """Each route with a code that is named inside other words, once; none where the words deny a route.

    >>> [route.place.text for route in find_routes(Passage("Injectable solution (Intrathecal)"))]
    ['Intrathecal']
    """
    pieces = _book().read(words.text)
    if any(_role(piece) == "negation" for piece in pieces):
        return ()
    found: dict[str, Route] = {}
    for piece in pieces:
        if piece.meaning and _role(piece) == "route" and piece.meaning["code"]:
            code = RouteCode(piece.meaning["code"])
            found.setdefault(code, Route(words.part(piece.start, piece.end), code))
    return tuple(found.values())


def sites(text: str) -> tuple[tuple[int, int], ...]:
    """Where words that name a route stand, with or without a code."""
    return tuple((piece.start, piece.end) for piece in _book().read(text) if _role(piece) in _NAMES_A_PLACE)


@cache
def _book() -> PhraseBook[Row]:
    names = ((row["name"], {"code": row["code"], "role": "route", "note": ""}) for row in rows("routes"))
    return PhraseBook([*names, *((row["text"], row) for row in rows("route_synonyms"))])


def _role(piece: _Piece) -> str:
    return piece.meaning["role"] if piece.meaning else ""


@lru_cache(maxsize=8192)
def _read_field(text: str) -> tuple[_Reading, ...]:
    items = [item for item in _items(_book().read(text)) if any(_says_something(piece) for piece in item)]
    if not items:
        place = Passage(text).strip() or Passage(text)
        return (_Reading(place.start, place.end, message=f"{place.text!r} names no route."),)
    return tuple(reading for item in items for reading in _read_item(text, item))


def _says_something(piece: _Piece) -> bool:
    return not piece.mark and _role(piece) not in ("filler", "separator")


def _items(pieces: tuple[_Piece, ...]) -> Iterator[list[_Piece]]:
    """The pieces between separators; none separates inside brackets, nor after a negation on its line."""
    item: list[_Piece] = []
    is_denied = False
    for piece in pieces:
        is_separator = piece.mark not in ("", "(", ")", ":") or _role(piece) == "separator"
        is_denied = (is_denied or _role(piece) == "negation") and piece.mark != "\n"
        if is_separator and not piece.depth and not is_denied:
            yield item
            item = []
        else:
            item.append(piece)
    yield item


def _read_item(text: str, item: list[_Piece]) -> list[_Reading]:
    start, end = item[0].start, item[-1].end
    printed = text[start:end]
    unclear = next((piece for piece in item if piece.is_unknown or _role(piece) == "negation"), None)
    if unclear is not None:
        return [_Reading(start, end, message=_unread(printed, text[unclear.start : unclear.end], unclear))]
    named = _named(item)
    if len({piece.meaning["code"] for piece in named if piece.meaning}) == 1:
        return [_coded(text, named[0], start, end)]
    return [_coded(text, piece, piece.start, piece.end) for piece in named]


def _unread(printed: str, word: str, piece: _Piece) -> str:
    if piece.is_unknown:
        return f"{printed!r} was not read because of {word!r}; add a row to route_synonyms.csv if it is understood."
    return f"{printed!r} was not read because {word!r} may say where the drug does not go."


def _named(item: list[_Piece]) -> list[_Piece]:
    places = [piece for piece in item if _role(piece) in _NAMES_A_PLACE]
    return places or [piece for piece in item if _role(piece) == "alone"][:1]


def _coded(text: str, piece: _Piece, start: int, end: int) -> _Reading:
    row: Row = piece.meaning or {}
    if row["code"]:
        return _Reading(start, end, RouteCode(row["code"]))
    return _Reading(start, end, None, _UNMAPPED, f"{text[start:end]!r} has no code: {row['note']}")
