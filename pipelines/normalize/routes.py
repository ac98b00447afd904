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
from functools import cache

from pipelines.lexer import Tokens
from pipelines.lexicon import Piece, Vocabulary, pieces
from pipelines.records import Finding, FindingCode, Passage, Route, RouteCode
from schemas.codes import Row, rows

_UNKNOWN = FindingCode("ROUTE_UNKNOWN")
_UNMAPPED = FindingCode("ROUTE_UNMAPPED")
_NAMES_A_PLACE = frozenset({"route", "field"})

_Piece = Piece[Row]
RoutesRead = tuple[tuple[Route, ...], tuple[Finding, ...]]


def read_routes(tokens: Tokens, first: int, after: int) -> RoutesRead:
    """Every route of a route field, in order. One without a code is kept, and has a Finding of the same place."""
    items = [item for item in _items(pieces(tokens, first, after, _spellings())) if any(map(_says_something, item))]
    routes: list[Route] = []
    findings: list[Finding] = []
    if not items:
        _keep(routes, findings, tokens.passage(first, after), "names no route.")
    for item in items:
        _read_item(tokens, item, routes, findings)
    return tuple(routes), tuple(findings)


def all_routes(tokens: Tokens, first: int, after: int) -> tuple[Route, ...]:
    """The routes of words that are read to the end; none if one word is not understood."""
    routes, findings = read_routes(tokens, first, after)
    return () if findings else routes


def routes_in(tokens: Tokens, first: int, after: int) -> tuple[Route, ...]:
    """Each route with a code that is named inside other words, once; none if the words deny a route.

    `Injectable solution (Intrathecal)` names one.
    """
    found: dict[str, Route] = {}
    for start, end, row in _spellings().find(tokens, first, after):
        if row["role"] == "negation":
            return ()
        if row["role"] == "route" and row["code"]:
            code = RouteCode(row["code"])
            found.setdefault(code, Route(tokens.passage(start, end), code))
    return tuple(found.values())


@cache
def _spellings() -> Vocabulary[Row]:
    return Vocabulary("route_synonyms", ((text, row, False) for text, row in spellings()))


def sites() -> Iterator[tuple[str, Row]]:
    """Each spelling that names a place, with or without a code, and its row."""
    return ((text, row) for text, row in spellings() if row["role"] in _NAMES_A_PLACE)


def spellings() -> Iterator[tuple[str, Row]]:
    """Each spelling, and what it is."""
    yield from ((row["name"], {"code": row["code"], "role": "route", "note": ""}) for row in rows("routes"))
    yield from ((row["text"], row) for row in rows("route_synonyms"))


def _role(piece: _Piece) -> str:
    return piece.meaning["role"] if piece.meaning else ""


def _says_something(piece: _Piece) -> bool:
    return not piece.mark and _role(piece) not in ("filler", "separator")


def _items(found: list[_Piece]) -> Iterator[list[_Piece]]:
    """The pieces between separators; none separates inside brackets, nor after a negation on its line."""
    item: list[_Piece] = []
    is_denied = False
    for piece in found:
        is_separator = piece.mark not in ("", "(", ")", ":") or _role(piece) == "separator"
        is_denied = (is_denied or _role(piece) == "negation") and piece.mark != "\n"
        if is_separator and not piece.depth and not is_denied:
            yield item
            item = []
        else:
            item.append(piece)
    yield item


def _read_item(tokens: Tokens, item: list[_Piece], routes: list[Route], findings: list[Finding]) -> None:
    whole = tokens.passage(item[0].first, item[-1].after)
    unclear = next((piece for piece in item if piece.is_unknown or _role(piece) == "negation"), None)
    if unclear is not None:
        word = tokens.passage(unclear.first, unclear.after).text
        known = f"{word!r} may say where the drug does not go."
        unknown = f"{word!r}; add a row to route_synonyms.csv if it is understood."
        _keep(routes, findings, whole, f"was not read because {f'of {unknown}' if unclear.is_unknown else known}")
        return
    places = [piece for piece in item if _role(piece) in _NAMES_A_PLACE]
    named = places or [piece for piece in item if _role(piece) == "alone"][:1]
    is_one = len({piece.meaning["code"] for piece in named if piece.meaning}) == 1
    for piece in named[:1] if is_one else named:
        row: Row = piece.meaning or {}
        place = whole if is_one else tokens.passage(piece.first, piece.after)
        if row["code"]:
            routes.append(Route(place, RouteCode(row["code"])))
        else:
            _keep(routes, findings, place, f"has no code: {row['note']}", _UNMAPPED)


def _keep(routes: list[Route], findings: list[Finding], place: Passage, why: str, code: FindingCode = _UNKNOWN) -> None:
    """A route without a code, and the finding that says why."""
    routes.append(Route(place))
    findings.append(Finding(code, f"{place.text!r} {why}", place, "routes"))
