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

from pipelines.lexer import BREAK, BULLET, NUMBER, WORD, Tokens, cut_words, lines
from pipelines.lexicon import Piece, Vocabulary, pieces, vocabulary, with_role
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
    named = [piece for piece in named if not _says_less(tokens, piece)] or named  # topical application into the eye
    is_one = len({piece.meaning["code"] for piece in named if piece.meaning}) == 1
    for piece in named[:1] if is_one else named:
        row: Row = piece.meaning or {}
        place = whole if is_one else tokens.passage(piece.first, piece.after)
        if row["code"]:
            routes.append(Route(place, RouteCode(row["code"])))
        else:
            _keep(routes, findings, place, f"has no code: {row['note']}", _UNMAPPED)


def _says_less(tokens: Tokens, piece: _Piece) -> bool:
    words = with_role("grammar_words", "unspecific beside a place")
    return words.whole(tokens, piece.first, piece.after) is not None


def _keep(routes: list[Route], findings: list[Finding], place: Passage, why: str, code: FindingCode = _UNKNOWN) -> None:
    """A route without a code, and the finding that says why."""
    routes.append(Route(place))
    findings.append(Finding(code, f"{place.text!r} {why}", place, "routes"))


# --- statements ------------------------------------------------------------------------------------------------------


def stated_routes(tokens: Tokens, first: int, after: int) -> Iterator[Route]:
    """The routes that running words state; a route word in passing is none, and nothing is read after a negation.

    statement = "for" sites end                   for intravenous or subcutaneous use     for oral administration
              | "for" end place                   for injection into a vein
              | given { word } ( place | sites end )   administered by slow intravenous infusion     take … by mouth
              | whole                             swallow the tablets whole     For external use only
    sites     = site { separator site }

    `given` (administered), `end` (use, injection), `whole` and the prepositions of a `place` (under the skin) are roles
    of route_statements.csv, and so is `site`, for a way of giving that is no route of its own in a sentence (IV push).
    A place may also be an adverb (intravenously) or an abbreviation (IV).
    """
    begun = first
    for at in range(first, after):
        if tokens.kinds[at] == BREAK or tokens.keys[at] in (".", ";"):
            yield from _statements(tokens, begun, at)
            begun = at + 1
    yield from _statements(tokens, begun, after)


def routes_of_lines(tokens: Tokens, first: int, after: int) -> Iterator[Route]:
    """The routes of lines, or of labels at the beginning of a line, that say nothing else: `IV:`, `Oral use`."""
    for start, end in lines(tokens, first, after):
        begin = start + (tokens.kinds[start] == BULLET)
        label = next((at for at in range(begin, min(end, begin + _LONGEST_LINE)) if tokens.keys[at] in ":("), end)
        if label < end and tokens.keys[label] == "(" and not _is_label_of_people(tokens, label, end):
            continue
        if is_denied_behind(tokens, label + 1, end):
            continue
        if begin < label <= begin + _LONGEST_LINE and not _is_silent(tokens, begin, label):
            yield from (route for route in all_routes(tokens, begin, label) if route.code)


def is_denied_behind(tokens: Tokens, first: int, after: int) -> bool:
    """Whether what stands behind a label denies it: `IM: not recommended`, `Subcut: NO`."""
    denied = _spellings().longest(tokens, first, after) if first < after else None
    return denied is not None and denied[0]["role"] == "negation"


def routes_of_field(tokens: Tokens, first: int, after: int) -> tuple[Route, ...]:
    """The routes of a field that has several parts, such as `IM (in shock); IV (arrest only). Not for SC use`.

    A bracket explains the words before it, and a part that denies a route names none. All others are read, or none is.
    """
    found: list[Route] = []
    dashes = [at for at in range(first + 1, after - 1) if tokens.keys[at] == "-"]
    apart = {at for at in dashes if not (tokens.is_tight(at) or tokens.is_tight(at + 1))}  # `SC only - never IV`
    ends = [
        at for at in range(first, after) if tokens.keys[at] in (".", ";") or tokens.kinds[at] == BREAK or at in apart
    ]
    if not ends:
        return ()
    for begin, end in zip([first, *(at + 1 for at in ends)], [*ends, after], strict=True):
        bracket = next((at for at in range(begin, end) if tokens.keys[at] == "("), end)
        is_denied = any(row["role"] == "negation" for _, _, row in _spellings().find(tokens, begin, bracket))
        if begin == bracket or is_denied:
            continue
        routes = all_routes(tokens, begin, bracket)
        if not routes:
            return ()
        found += routes
    return tuple(found)


def _is_label_of_people(tokens: Tokens, at: int, after: int) -> bool:
    """Whether a bracket before the colon of a label opens at a token: `PO (Adults and children 6-12 yr):`."""
    closed = next(
        (place for place in range(at, min(after - 1, at + _LONGEST_BRACKET)) if tokens.keys[place] == ")"), at
    )
    return closed > at and tokens.keys[closed + 1] == ":"


def routes_of_doses(tokens: Tokens, first: int, after: int) -> Iterator[Route]:
    """The routes of doses that an abbreviation tells, close behind the unit: `2 g IV`, `50 mg/kg IM`."""
    for at in range(first + 2, after):
        if tokens.kinds[at] != WORD or tokens.kinds[at - 1] != WORD or len(tokens.keys[at]) > _LONGEST_ABBREVIATION:
            continue
        is_dose = tokens.kinds[at - 2] == NUMBER or tokens.keys[at - 2] == "/"
        site = _site(tokens, at, after) if is_dose and tokens.printed_case(at).isupper() else None
        begin = at
        while site is not None:
            yield Route(tokens.passage(begin, site[1]), site[0])
            begin = site[1] + 1  # `15 mg PO/SC/IM`
            is_joined = begin < after and tokens.keys[begin - 1] == "/" and tokens.printed_case(begin).isupper()
            site = _site(tokens, begin, after) if is_joined else None


def routes_named(tokens: Tokens, first: int, after: int) -> Iterator[Route]:
    """The routes of `intravenous infusion` and the like in sentences that deny none: what an injection is given by."""
    begun = first
    for at in [
        *(at for at in range(first, after) if tokens.kinds[at] == BREAK or tokens.keys[at] in (".", ";")),
        after,
    ]:
        words = [row["roles"] for _, _, row in _words().find(tokens, begun, at)]
        if "end" in words and "negation" not in words and not _denies(tokens, begun, at):
            place = begun
            while place < at:
                routes, end = _sites_then_end(tokens, place, at, is_named=False)
                yield from routes
                place = max(end, place + 1)
        begun = at + 1


def _denies(tokens: Tokens, first: int, after: int) -> bool:
    return any(row["role"] == "negation" for _, _, row in _spellings().find(tokens, first, after))


_LONGEST_LINE = 10  # tokens
_LONGEST_BRACKET = 24
_FARTHEST = 12  # tokens between a verb and the place


def is_of_use(tokens: Tokens, route: Route) -> bool:
    """Whether a route is stated in so many words, as `for oral use` does, and not by what is to be done."""
    first, after = tokens.span(route.place)
    following = _words().longest(tokens, after, min(len(tokens), after + 3)) if after < len(tokens) else None
    words = {tokens.keys[at] for at in range(first, after)}
    return bool(words & {"use", "administration"}) or (following is not None and following[0]["roles"] == "end")


def is_silent(tokens: Tokens, route: Route) -> bool:
    """Whether the words of a route are the name of a part of the body or of a tube, which alone states none."""
    return _is_silent(tokens, *tokens.span(route.place))


def _statements(tokens: Tokens, first: int, after: int) -> Iterator[Route]:
    if _triggers().isdisjoint(tokens.keys[first:after]):
        return
    at, is_passing = first, False
    while at < after:
        found = _words().longest(tokens, at, after)
        is_passing = (is_passing or (found is not None and found[0]["roles"] == "passing")) and tokens.keys[at] != ","
        if found is None or is_passing:
            known = _spellings().longest(tokens, at, after)
            if known is not None and known[0]["role"] == "negation":
                return
            at += 1
            continue
        row, end = found
        if row["roles"] == "negation":
            return
        routes, after_them = _statement(tokens, row, at, end, after)
        yield from routes
        at = max(end, after_them)


def _statement(tokens: Tokens, row: Row, at: int, end: int, after: int) -> tuple[list[Route], int]:
    """The routes of the statement that a word begins, and the token after it."""
    if row["roles"] == "whole":
        return [Route(tokens.passage(at, end), RouteCode(row["code"]))], end
    if row["roles"] == "for":
        place = end
        while place < after and (last := _words().longest(tokens, place, after)) and last[0]["roles"] == "end":
            place = last[1]
        return _sites_then_end(tokens, place, after, is_named=place > end)
    if row["roles"] == "given":
        return _place_of_giving(tokens, end, after)
    return [], end


def _place_of_giving(tokens: Tokens, first: int, after: int) -> tuple[list[Route], int]:
    """The place to which something is given, within a few words of the verb."""
    last = min(after, first + _FARTHEST)
    for at in range(first, last):
        if tokens.keys[at] in ("for", "with", "after", "before", "when", "if", "while", "until"):
            break
        routes, end = _sites_then_end(tokens, at, after, is_named=False)
        if routes:
            return routes, end
    return [], first


def _sites_then_end(tokens: Tokens, at: int, after: int, *, is_named: bool) -> tuple[list[Route], int]:
    """Routes in a row; adjectives count only if `use` or the like follows, or (`is_named`) went before."""
    found: list[Route] = []
    is_sure = is_named
    after = min(after, at + _FARTHEST)
    while at < after:
        site = _site(tokens, at, after)
        if site is not None:
            found.append(Route(tokens.passage(at, site[1]), site[0]))
            is_sure = is_sure or _is_place(tokens, at) or _ends_statement(tokens, site[1] - 1)
            at = site[1]
            continue
        last, known = _words().longest(tokens, at, after), _spellings().longest(tokens, at, after)
        if found and last is not None and last[0]["roles"] == "end":
            is_sure, at = True, last[1]
        elif known is not None and known[0]["role"] in (("separator", "filler") if found else ("filler",)):
            at = known[1]
        elif known is not None and known[0]["role"] == "route" and not known[0]["code"]:
            at = known[1]  # a place that the list has no code for stands among others
        elif found and tokens.keys[at] in (",", "(", ")", "-"):
            at += 1
        else:
            break
    return (found if is_sure else []), at


def _site(tokens: Tokens, at: int, after: int) -> tuple[RouteCode, int] | None:
    """The code of the place that is named at a token, and the token after it."""
    told = _words().longest(tokens, at, after)
    if told is not None and told[0]["roles"] in ("site", "whole"):
        return RouteCode(told[0]["code"]), told[1]
    found = _spellings().longest(tokens, at, after)
    if found is None or found[0]["role"] != "route" or not found[0]["code"] or _is_silent(tokens, at, found[1]):
        return None
    return RouteCode(found[0]["code"]), found[1]


def _is_place(tokens: Tokens, at: int) -> bool:
    """Whether the words of a site stand for themselves: `under the skin`, `orally`, `IV`."""
    key = tokens.keys[at]
    row = _words().longest(tokens, at, at + 1)
    if row is not None and row[0]["roles"] == "preposition":
        return True
    whole = _words().longest(tokens, at, len(tokens))
    if whole is not None and whole[0]["roles"] == "whole":
        return True
    return key.endswith("ly") or (len(key) <= _LONGEST_ABBREVIATION and key.isalpha())


def _ends_statement(tokens: Tokens, at: int) -> bool:
    """Whether the last word of a site is one of use: `intravenous infusion`."""
    found = _words().longest(tokens, at, at + 1)
    return found is not None and found[0]["roles"] == "end"


def is_unspecific(tokens: Tokens, route: Route) -> bool:
    """Whether a route says only what many routes are, and nothing beside one of them: `parenteral`, `external`."""
    words = with_role("grammar_words", "unspecific route")
    return next(iter(words.find(tokens, *tokens.span(route.place))), None) is not None


def _is_silent(tokens: Tokens, first: int, after: int) -> bool:
    """Whether the words are the name of a part of the body or of a tube, which alone states no route."""
    row = _words().whole(tokens, first, after)
    return row is not None and row["roles"] == "noun"


_LONGEST_ABBREVIATION = 3


@cache
def _words() -> Vocabulary[Row]:
    return vocabulary("route_statements")


@cache
def _triggers() -> frozenset[str]:
    """The words one of which stands in every statement."""
    rows_ = (row for row in rows("route_statements") if row["roles"] in ("whole", "for", "given"))
    return frozenset(cut_words(row["text"])[0] for row in rows_)
