"""Dose forms: as a field lists them, as a label names one, and as they stand among other words.

    field  = name { separator name }     Tablet, Injectable solution (Intrathecal)
    name   = item { "," item }           TABLET, FILM COATED, EXTENDED RELEASE     Capsule, hard     Eye drops, solution

A comma stands inside a name and between names. Of the readings, the longest name that stands in a table is taken
first; then an item that is no form by itself (`hard`) belongs to the form before it, and any other item is a new form.

An FDA name is a set of words: `TABLET, FILM COATED, EXTENDED RELEASE`. Each known spelling stands for some of them,
and a printed name is the form whose words are exactly those that its spellings stand for, in whatever order:

    prolonged-release   film-coated   tablets           EXTENDED RELEASE + FILM COATED + TABLET
    powder   for oral suspension                        POWDER + FOR + SUSPENSION

A set of words that is no FDA name has no code; there is no nearest form. The `kind` of a row of dose_form_words.csv:

    form       is a form by itself: FDA names and dose_form_synonyms.csv
    use        says how a form is given: `injection` is a form by itself, too; `use` is none
    quality    adds words, as `film-coated`             unclear   a quality of which the words are not certain
    container  holds a form and is none                 separator stands between two forms
    neutral    adds nothing, as `scored`                filler    adds nothing and belongs to no name, as `a`
    site       names a route: see route_synonyms.csv
    look       tells how the form looks, and adds nothing: see product_words.csv
    link       `for`: adds its word if a form follows, as in `powder for solution`, and not in `powder for injection`
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache

from pipelines.lexer import NUMBER, Tokens, cut, cut_words, read_text
from pipelines.lexicon import Piece, Vocabulary, pieces, with_role
from pipelines.normalize.routes import routes_in, sites
from pipelines.records import DoseForm, DoseFormCode, Finding, FindingCode, RouteCode
from schemas.codes import by_code, rows

UNKNOWN = FindingCode("FORM_UNKNOWN")
UNMAPPED = FindingCode("FORM_UNMAPPED")

_MOST_ITEMS = 8  # no name of the tables has more commas; a longer list is read in parts, so that time stays linear


@dataclass(frozen=True, slots=True)
class FormWord:
    """A spelling: its kind, the FDA words it stands for, and what a strength of it is measured by, if it tells.

    `reason` says why a form or quality that is known has no code; it is empty if it has one. `route` is the code of a
    site, if it has one.
    """

    kind: str
    words: frozenset[str] = frozenset()
    basis: str = ""
    reason: str = ""
    route: str = ""


FormPiece = Piece[FormWord]


@dataclass(frozen=True, slots=True)
class FormName:
    """One name among tokens: from `first` to `after`, and its code or the reason why it has none.

    `is_container` tells a name such as `ampoule`, which holds a form and is none.
    """

    first: int
    after: int
    code: DoseFormCode | None = None
    reason: FindingCode = UNKNOWN
    message: str = ""
    basis: str | None = None
    route: RouteCode | None = None
    is_container: bool = False

    def form(self, tokens: Tokens) -> DoseForm:
        """The name as a dose form."""
        return DoseForm(tokens.passage(self.first, self.after), self.code, route=self.route, basis=self.basis)

    def finding(self, tokens: Tokens) -> Finding:
        """Why the name has no code."""
        place = tokens.passage(self.first, self.after)
        return Finding(self.reason, f"{place.text!r} {self.message}", place, "dosage_forms")


# --- readers -------------------------------------------------------------------------------------------------------


def read_form(tokens: Tokens, first: int, after: int) -> DoseForm | Finding:
    """The one form that the words name.

    A Finding if they name none (FORM_UNKNOWN), several or one without a code (FORM_UNMAPPED).
    """
    named = form_names(tokens, first, after)
    if len(named) > 1:
        place = tokens.passage(first, after)
        return Finding(UNMAPPED, f"{place.text!r} names {len(named)} forms.", place, "dosage_forms")
    return named[0].form(tokens) if named[0].code else named[0].finding(tokens)


def read_forms(tokens: Tokens, first: int, after: int) -> tuple[tuple[DoseForm, ...], tuple[Finding, ...]]:
    """Every form of a dosage-form field, in order. One without a code is kept, and has a Finding of the same place."""
    named = form_names(tokens, first, after)
    forms = tuple(name.form(tokens) for name in named)
    return forms, tuple(name.finding(tokens) for name in named if name.code is None)


def form_names(tokens: Tokens, first: int, after: int) -> list[FormName]:
    """The names of a field, of which every word belongs to one; at least one."""
    named = [_read_name(tokens, name) for name in _names(tokens, form_pieces(tokens, first, after))]
    return named or [FormName(first, after, message="names no form.")]


def find_forms(tokens: Tokens, first: int, after: int) -> list[FormName]:
    """The forms and containers among other words, in order, with or without a code.

    `20 film-coated tablets in a blister` names a form and a container.
    """
    found: list[FormName] = []
    if not may_name_forms(tokens, first, after):
        return found
    for run in _known_runs(tokens, form_pieces(tokens, first, after)):
        for name in _names(tokens, run):
            named = _behind_rate(tokens, _trimmed(name))
            if any(kind(piece) in _NAMING for piece in named):
                read = _read_name(tokens, named)
                if read.code or read.is_container or any(kind(piece) in _STRONG for piece in named):
                    found.append(read)
    return found


def _behind_rate(tokens: Tokens, found: list[FormPiece]) -> list[FormPiece]:
    """A name without the time that the amount before it is released in, or its unit: `3 mg/24 h patch`, `250 IU`."""
    begin = found[0].first if found else 0
    if begin > 0 and tokens.kinds[begin - 1] == NUMBER and kind(found[0]) == "site":
        return found[1:]
    is_rate = begin > 0 and tokens.kinds[begin] == NUMBER and tokens.keys[begin - 1] in ("/", "per")
    return found[1:] if is_rate and kind(found[0]) == "quality" else found


def may_name_forms(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a word stands there that begins a form or a container: a quick look that most sentences fail."""
    return not _first_words().isdisjoint(tokens.keys[first:after])


def find_form(tokens: Tokens, first: int, after: int) -> FormName | None:
    """The longest form with a code among other words; None if there is none, or the words tie it to another."""
    best: FormName | None = None
    for run in _known_runs(tokens, form_pieces(tokens, first, after)):
        trimmed = _trimmed(run)
        names = list(_names(tokens, trimmed)) if trimmed else []
        read = _read_name(tokens, names[0]) if len(names) == 1 else None
        if read and read.code and (best is None or read.after - read.first > best.after - best.first):
            best = read
    return best


def joined(tokens: Tokens, found: list[FormName], *, is_name: bool = False) -> list[FormName]:
    """Names of one statement, of which an injection and what it is, said apart, are one form.

    `Injection: 5 mg/mL, a clear solution` is an injectable solution. By the naming rule of the United States
    Pharmacopeia `X for injection` is a dry product that gives a solution: if a powder stands with it, or if the words
    are the name of the product itself. `For subcutaneous injection` names a route and no product.
    """
    injections = [name for name in found if name.code == injection()]
    if not injections:
        return found
    states = {name.code for name in found if name.code} - {injection()}
    has_site = any(name.route for name in found if name.code in states)  # an oral solution is no injection
    if len(states) > 1 or has_site:
        return found
    words = {word for code in states for word in words_of_code(code)}
    is_dry = "powder" in words or (is_name and not words)
    told = [name for name in injections if is_dry or _stands_with(tokens, name, found)]
    if not words:
        told = [name for name in told if not _names_route(tokens, name)]
    if is_dry and any(tokens.keys[name.first] in _links() for name in told):
        words |= {"powder", *_fda_words("FOR SOLUTION")}
    code = _codes().get(frozenset({*words, *words_of_code(injection())})) if words else None
    if code is None:
        return found
    basis = by_code("dose_forms")[code]["strength_basis"]
    one = {*told, *(name for name in found if name.code in states)} if told else set()
    return [replace(name, code=code, basis=basis) if name in one else name for name in found]


def _names_route(tokens: Tokens, name: FormName) -> bool:
    """Whether words stand between `for` and `injection` that tell where: `for IM injection`."""
    is_named = find_forms(tokens, name.first + 1, name.first + 2)
    return tokens.keys[name.first] in _links() and not is_named


def injected(injection_named: DoseForm, state: DoseForm) -> DoseForm | None:
    """What a product named as an injection is, of which a sentence says that it is a solution or a powder."""
    if injection_named.code is None or state.code is None or state.route:
        return None
    words, told = words_of_code(injection_named.code), words_of_code(state.code)
    code = _codes().get(words | told) if words_of_code(injection()) <= words and not told <= words else None
    basis = by_code("dose_forms")[code]["strength_basis"] if code else None
    return replace(state, code=code, basis=basis) if code and not words_of_code(injection()) <= told else None


def is_injected(form: DoseForm) -> bool:
    """Whether a form is an injection of any kind."""
    return form.code is not None and words_of_code(injection()) <= words_of_code(form.code)


def in_drops(form: DoseForm) -> DoseForm | None:
    """A solution or suspension as one that is given in drops; None for a form that the list has not as drops."""
    code = _codes().get(words_of_code(form.code) | _fda_words("DROPS")) if form.code else None
    return replace(form, code=code) if code and code != form.code else None


def _stands_with(tokens: Tokens, injected: FormName, found: list[FormName]) -> bool:
    """Whether no mark of a list stands between an injection and what it is, or the look of that follows the mark."""
    for name in found:
        if name.code and name.code != injection():
            between = tokens.keys[injected.after : name.first]
            begins = _looks().longest(tokens, name.first, name.after)
            if begins is None and any(key in (",", ";", "and", "or") for key in between):
                return False
    return True


@cache
def words_of_code(code: DoseFormCode) -> frozenset[str]:
    """The words of the FDA name of a form."""
    return _fda_words(by_code("dose_forms")[code]["name"])


@cache
def injection() -> DoseFormCode:
    """The code of an injection of which the words do not tell what it is."""
    return _codes()[_fda_words("INJECTION")]


@cache
def _injected_routes() -> frozenset[str]:
    """The routes of which a form says that it is an injection: `solution, intravenous`."""
    words = with_role("grammar_words", "injected route")
    names = ((row["code"], cut(read_text(row["name"]))) for row in rows("routes"))
    return frozenset(code for code, name in names if words.whole(name, 0, len(name)) is not None)


@cache
def _links() -> frozenset[str]:
    return frozenset(cut_words(row["text"])[0] for row in rows("dose_form_words") if row["kind"] == "link")


# --- pieces --------------------------------------------------------------------------------------------------------

_SHORTEST_WORD = 5  # letters; what is shorter before a full stop may be an abbreviation
_NAMING = frozenset({"form", "use", "container", "unclear"})
_STRONG = frozenset({"form", "container"})
_EDGES = frozenset({"", "filler", "separator", "look"})
_EDGES_OF_FORM = _EDGES | {"container"}


def form_pieces(tokens: Tokens, first: int, after: int) -> list[FormPiece]:
    """The tokens as spellings of the tables, marks and unknown words."""
    return pieces(tokens, first, after, _spellings(), _sites(), _looks())


def kind(piece: FormPiece) -> str:
    """The kind of a piece; empty for a mark or an unknown word."""
    return piece.meaning.kind if piece.meaning else ""


def _known_runs(tokens: Tokens, found: Iterable[FormPiece]) -> Iterator[list[FormPiece]]:
    """Stretches without an unknown word, the end of a sentence, of a line or of a bracket that other words began."""
    run: list[FormPiece] = []
    for piece in found:
        closes = piece.mark == ")" and not any(earlier.mark == "(" for earlier in run)
        is_end = piece.is_unknown or closes or piece.mark in ("\n", ":")
        if run and (is_end or _ends_sentence(tokens, run[-1].after)):
            yield run
            run = []
        if not is_end:
            run.append(piece)
    if run:
        yield run


def _ends_sentence(tokens: Tokens, at: int) -> bool:
    """Whether a full stop behind a whole word and a capital part two names: `solution. Oral: …`, not `inj. soln`."""
    if at + 1 >= len(tokens) or tokens.keys[at] != "." or len(tokens.keys[at - 1]) < _SHORTEST_WORD:
        return False
    return not tokens.is_tight(at + 1) and tokens.printed_case(at + 1)[0].isupper()


def _trimmed(found: list[FormPiece]) -> list[FormPiece]:
    """The pieces without what adds nothing at the ends, and without a container behind a form."""
    kinds = [kind(piece) for piece in found]
    ends = _EDGES_OF_FORM if "form" in kinds or "use" in kinds else _EDGES
    start, end = 0, len(found)
    while start < end and kinds[start] in ends:
        start += 1
    is_opened = any(piece.mark == "(" for piece in found[start:])
    while start < end and (kinds[end - 1] in ends or kinds[end - 1] == "link"):
        if is_opened and found[end - 1].mark == ")":
            break
        end -= 1
    return found[start:end]


# --- which items make one name -------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Item:
    """The pieces between two separators, and the separator before them; None at the beginning."""

    before: FormPiece | None
    pieces: list[FormPiece]

    @property
    def mark(self) -> str:
        """The mark before the item; empty if a word such as `and` stands there."""
        return self.before.mark if self.before else ","

    def has(self, *kinds: str) -> bool:
        return any(kind(piece) in kinds for piece in self.pieces)

    @property
    def has_unknown(self) -> bool:
        return any(piece.is_unknown for piece in self.pieces)

    @property
    def is_form(self) -> bool:
        """Whether the item names a form by itself."""
        return any(kind(piece) == "form" or (kind(piece) == "use" and _words_of([piece])) for piece in self.pieces)

    @property
    def is_unfinished(self) -> bool:
        """Whether it ends in `for …`, as `solution for intravenous` does before `or intramuscular injection`."""
        kinds = [kind(piece) for piece in self.pieces if kind(piece) in ("form", "use", "link")]
        return kinds[-1:] == ["link"]


def _names(tokens: Tokens, found: list[FormPiece]) -> Iterator[list[FormPiece]]:
    """The pieces of each name of a list."""
    items = list(_items(found))
    at = 0
    while at < len(items):
        count, name = _longest_listed(tokens, items[at : at + _MOST_ITEMS])
        last = min(at + _MOST_ITEMS, len(items))
        at += count
        while at < last and _belongs(name, items[at]):
            name.pieces += items[at].pieces
            at += 1
        yield name.pieces


def _items(found: list[FormPiece]) -> Iterator[_Item]:
    item = _Item(None, [])
    for piece in found:
        is_separator = piece.mark not in ("", "(", ")") or kind(piece) == "separator"
        if not is_separator or piece.depth:
            item.pieces.append(piece)
            continue
        if not all(part.mark for part in item.pieces):
            yield item
            item = _Item(piece, [])
        elif item.mark != "\n" and piece.mark != ",":  # of several separators a comma says least, a new line most
            item.before = piece
    if not all(part.mark for part in item.pieces):
        yield item


def _longest_listed(tokens: Tokens, items: list[_Item]) -> tuple[int, _Item]:
    """How many items make the longest name of the tables that begins here, and that name; else the first item."""
    for count in range(len(items), 0, -1):
        found = [piece for item in items[:count] for piece in item.pieces]
        core = _core(found)
        meaning = _listed_at(tokens, found) or (_listed_at(tokens, core) if len(core) < len(found) else None)
        if meaning is not None:
            site = next((piece.meaning.route for piece in found if piece.meaning and piece.meaning.route), "")
            told = FormWord(meaning.kind, meaning.words, meaning.basis, meaning.reason, site)
            last = next(piece for piece in reversed(found) if piece.mark != "(")
            whole = FormPiece(found[0].first, last.after, told)
            return count, _Item(items[0].before, [whole])
    return 1, _Item(items[0].before, list(items[0].pieces))


def _listed_at(tokens: Tokens, found: list[FormPiece]) -> FormWord | None:
    return _listed().whole(tokens, found[0].first, found[-1].after) if found else None


def _core(found: list[FormPiece]) -> list[FormPiece]:
    """The pieces without a site before them (`eye drops, solution`), and without brackets and containers behind."""
    start = next((i for i, piece in enumerate(found) if kind(piece) not in ("site", "neutral", "filler")), len(found))
    end = len(found)
    while end > start and (found[end - 1].depth or kind(found[end - 1]) in ("neutral", "filler", "container")):
        end -= 1
    return found[start:end]


def _belongs(name: _Item, item: _Item) -> bool:
    """Whether an item goes on with the name before it, and is no new one."""
    if item.mark == "\n" or name.has_unknown or item.has_unknown:
        return False
    if not name.is_form:
        return not name.has("container") and (bool(item.mark) or not name.has("quality", "unclear"))
    if item.has("form"):
        return False
    if item.is_form:
        return name.is_unfinished or _words_of(item.pieces) <= _words_of(name.pieces)
    if item.has("container"):
        return False
    return bool(item.mark) or not item.has("quality", "unclear")


# --- what the words of a name mean together ------------------------------------------------------------------------


def _read_name(tokens: Tokens, found: list[FormPiece]) -> FormName:
    """The form that the pieces name together."""
    first, after, route = found[0].first, found[-1].after, _route_of(found)
    meanings = [piece.meaning for piece in found if piece.meaning]
    unknown = next((piece for piece in found if piece.is_unknown), None)
    unclear = next((meaning.reason for meaning in meanings if meaning.reason), "")
    words = _words_of(found)
    code = _codes().get(words) if unknown is None and not unclear else None
    if code is not None and _is_injected(found):
        code = _codes().get(words | words_of_code(injection()), code)
    basis = _basis_of(meanings, code)
    if code is not None:
        return FormName(first, after, code, basis=basis, route=route or _route_within(tokens, found))
    if unknown is not None:
        word = tokens.passage(unknown.first, unknown.after).text
        message = f"was not read because of {word!r}; add a row to dose_form_synonyms.csv if it is a form."
        return FormName(first, after, message=message, basis=basis, route=route)
    if unclear:
        return FormName(first, after, None, UNMAPPED, f"has no code: {unclear}", basis, route)
    if kind(found[0]) == "link" and len(found) > 1:
        return _read_name(tokens, found[1:])  # `a label for tablets`
    if not words and any(meaning.kind == "container" for meaning in meanings):
        message = "has no code: it is a container and not a form."
        return FormName(first, after, None, UNMAPPED, message, basis, route, is_container=True)
    message = "is no form of the FDA list; its words are known, and no name of the list has just these."
    return FormName(first, after, message=message if words else "names no form.", basis=basis, route=route)


def _words_of(found: Iterable[FormPiece]) -> frozenset[str]:
    """The FDA words that the pieces stand for together."""
    words: set[str] = set()
    link: frozenset[str] = frozenset()
    for piece in found:
        if piece.meaning is None:
            continue
        if piece.meaning.kind == "link":
            link = piece.meaning.words
            continue
        words |= piece.meaning.words
        if piece.meaning.kind == "form":
            words |= link
        if piece.meaning.kind in ("form", "use"):
            link = frozenset()
    return frozenset(words)


def _route_of(found: Iterable[FormPiece]) -> RouteCode | None:
    """The form's own route: the only one that its words name."""
    named = {piece.meaning.route for piece in found if piece.meaning and piece.meaning.route}
    return RouteCode(named.pop()) if len(named) == 1 else None


def _is_injected(found: Iterable[FormPiece]) -> bool:
    """Whether all routes that the words name are by a needle: `solution for intramuscular or intravenous use`."""
    named = {piece.meaning.route for piece in found if piece.meaning and piece.meaning.route}
    return bool(named) and named <= _injected_routes()


def _route_within(tokens: Tokens, found: list[FormPiece]) -> RouteCode | None:
    """The route that stands inside the spelling of a form: `inhalation powder`, `for oral suspension`."""
    routes = routes_in(tokens, found[0].first, found[-1].after)
    return routes[0].code if len(routes) == 1 else None


def _basis_of(meanings: list[FormWord], code: str | None) -> str | None:
    """What a strength of the form is measured by: as its spelling says, as its code says, or as all its words say."""
    forms = list(_given(meanings))
    stated = {form.basis for form in forms if form.basis}
    if code is not None:
        return stated.pop() if len(stated) == 1 else by_code("dose_forms")[code]["strength_basis"]
    held = forms or [meaning for meaning in meanings if meaning.kind in ("use", "container")]
    bases = {meaning.basis or _basis_of_words(meaning) for meaning in held}
    return (bases.pop() or None) if len(bases) == 1 else None


def _given(meanings: Iterable[FormWord]) -> Iterator[FormWord]:
    """The forms that are given as they are, and not what is made of them: the powder of `powder for solution`."""
    before = ""
    for meaning in meanings:
        if meaning.kind == "form" and before != "link":
            yield meaning
        if meaning.kind in ("form", "use", "link"):
            before = meaning.kind


def _basis_of_words(meaning: FormWord) -> str:
    code = _codes().get(meaning.words)
    return by_code("dose_forms")[code]["strength_basis"] if code else ""


# --- the tables ----------------------------------------------------------------------------------------------------


@cache
def _codes() -> dict[frozenset[str], DoseFormCode]:
    """The code of each FDA name, by its words."""
    return {_fda_words(row["name"]): DoseFormCode(row["code"]) for row in rows("dose_forms")}


def _fda_words(name: str) -> frozenset[str]:
    return frozenset(word for word in cut_words(name) if word.isalnum())


def _forms() -> Iterator[tuple[str, FormWord]]:
    names = by_code("dose_forms")
    for row in rows("dose_forms"):
        yield row["name"], FormWord("form", _fda_words(row["name"]))
    for row in rows("dose_form_synonyms"):
        words = _fda_words(names[row["code"]]["name"]) if row["code"] else frozenset()
        yield row["text"], FormWord("form", words, row["basis"], "" if row["code"] else row["note"])


@cache
def _first_words() -> frozenset[str]:
    """The words that the spellings of forms and containers begin with."""
    return frozenset(cut_words(text)[0] for text, word, _ in _entries() if word.kind in _NAMING)


@cache
def _spellings() -> Vocabulary[FormWord]:
    """Every spelling without a mark."""
    return Vocabulary("dose_form_words", _entries())


def _entries() -> list[tuple[str, FormWord, bool]]:
    """The spellings without a mark; a word of dose_form_words.csv goes before a form of the same spelling.

    A name that begins with a link, `FOR SOLUTION`, is left to the words it is made of.
    """
    parts = {cut_words(row["text"]): (row["text"], _part(row)) for row in rows("dose_form_words")}
    links = {words for words, (_, part) in parts.items() if part.kind == "link"}
    kept = [
        (text, form, False)
        for text, form in _forms()
        if not _has_mark(text) and cut_words(text)[:1] not in links and cut_words(text) not in parts
    ]
    return [*kept, *((text, part, False) for text, part in parts.values())]


@cache
def _sites() -> Vocabulary[FormWord]:
    """The spellings that name a route."""
    words = ((text, FormWord("site", route=row["code"] if row["role"] == "route" else "")) for text, row in sites())
    return Vocabulary("route_synonyms", ((text, word, False) for text, word in words))


@cache
def _looks() -> Vocabulary[FormWord]:
    """The words that tell how a form looks."""
    kept = (row["text"] for row in rows("product_words") if row["roles"] == "look")
    return Vocabulary("product_words", ((text, FormWord("look"), False) for text in kept))


def _part(row: dict[str, str]) -> FormWord:
    reason = row["note"] if row["kind"] == "unclear" else ""
    return FormWord(row["kind"], _fda_words(row["fda_words"]), row["basis"], reason)


@cache
def _listed() -> Vocabulary[FormWord]:
    return Vocabulary("dose_form_synonyms", ((text, form, False) for text, form in _forms() if _has_mark(text)))


def _has_mark(text: str) -> bool:
    return not all(word.isalnum() or word == "/" for word in cut_words(text))
