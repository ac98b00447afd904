"""What the words of a dose form mean together.

An FDA name is a set of words: `TABLET, FILM COATED, EXTENDED RELEASE`. Each known spelling stands for some of them,
and a printed name is the form whose words are exactly those that its spellings stand for, in whatever order:

    prolonged-release   film-coated   tablets           EXTENDED RELEASE + FILM COATED + TABLET
    powder   for oral suspension                        POWDER + FOR + SUSPENSION

The `kind` of a spelling:

    form       is a form by itself: FDA names and dose_form_synonyms.csv
    use        says how a form is given: `injection` is a form by itself, too; `use` is none
    quality    adds words, as `film-coated`             unclear   a quality of which the words are not certain
    container  holds a form and is none                 separator stands between two forms
    neutral    adds nothing, as `scored`                filler    adds nothing and belongs to no name, as `a`
    site       names a route: see route_synonyms.csv
    link       `for`: adds its word where a form follows, as in `powder for solution`, and not in `powder for injection`

A set of words that is no FDA name has no code; there is no nearest form.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from pipelines.normalize.phrases import PhraseBook, Piece, key
from pipelines.normalize.route import sites
from pipelines.records import DoseFormCode, FindingCode
from schemas.codes import by_code, rows

UNKNOWN = FindingCode("FORM_UNKNOWN")
UNMAPPED = FindingCode("FORM_UNMAPPED")


@dataclass(frozen=True, slots=True)
class FormWord:
    """A spelling: its kind, the FDA words it stands for, and what a strength of it is measured by, where it tells.

    `reason` says why a form or quality that is known has no code; it is empty where it has one.
    """

    kind: str
    words: frozenset[str] = frozenset()
    basis: str = ""
    reason: str = ""


FormPiece = Piece[FormWord]
_SITE = FormWord("site")


@dataclass(frozen=True, slots=True)
class NameReading:
    """One name in a text: where it stands, and its code or the reason why it has none."""

    start: int
    end: int
    code: DoseFormCode | None = None
    reason: FindingCode = UNKNOWN
    message: str = ""


def kind(piece: FormPiece) -> str:
    """The kind of a piece; empty for a mark or an unknown word."""
    return piece.meaning.kind if piece.meaning else ""


def words_of(pieces: Iterable[FormPiece]) -> frozenset[str]:
    """The FDA words that the pieces stand for together."""
    words: set[str] = set()
    link: frozenset[str] = frozenset()
    for piece in pieces:
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


@lru_cache(maxsize=8192)
def pieces_of(text: str) -> tuple[FormPiece, ...]:
    """The text as spellings of the tables, marks and unknown words; words that name a route are of the kind `site`."""
    places = iter((*sites(text), (len(text), len(text))))
    start, end = next(places)
    pieces: list[FormPiece] = []
    for piece in _book().read(text):
        while end <= piece.start < len(text):
            start, end = next(places)
        is_site = piece.is_unknown and start <= piece.start < end
        pieces.append(replace(piece, meaning=_SITE) if is_site else piece)
    return tuple(pieces)


def listed(pieces: Iterable[FormPiece]) -> FormWord | None:
    """The meaning of a whole name with commas or brackets that stands in a table: `INJECTION, SOLUTION`."""
    return _listed().get(tuple(word for piece in pieces for word in piece.words))


def read_name(text: str, pieces: list[FormPiece]) -> NameReading:
    """The form that the pieces name together."""
    start, end = pieces[0].start, pieces[-1].end
    printed = text[start:end]
    unknown = next((piece for piece in pieces if piece.is_unknown), None)
    if unknown is not None:
        word = text[unknown.start : unknown.end]
        message = f"{printed!r} was not read because of {word!r}; add a row to dose_form_synonyms.csv if it is a form."
        return NameReading(start, end, message=message)
    meanings = [piece.meaning for piece in pieces if piece.meaning]
    unclear = next((meaning.reason for meaning in meanings if meaning.reason), "")
    if unclear:
        return NameReading(start, end, None, UNMAPPED, f"{printed!r} has no code: {unclear}")
    return _composed(printed, start, end, pieces)


def _composed(printed: str, start: int, end: int, pieces: list[FormPiece]) -> NameReading:
    words = words_of(pieces)
    code = _names().get(words)
    if code is not None:
        return NameReading(start, end, code)
    if not words and any(kind(piece) == "container" for piece in pieces):
        return NameReading(start, end, None, UNMAPPED, f"{printed!r} has no code: it is a container and not a form.")
    message = f"{printed!r} is no form of the FDA list; its words are known, and no name of the list has just these."
    return NameReading(start, end, message=message if words else f"{printed!r} names no form.")


def basis_of(text: str, code: DoseFormCode | None) -> str | None:
    """What a strength of the form is measured by: as its spelling says, as its code says, or as all its words say."""
    pieces = pieces_of(text)
    whole = listed(pieces)
    meanings = [whole] if whole else [piece.meaning for piece in pieces if piece.meaning]
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
    code = _names().get(meaning.words)
    return by_code("dose_forms")[code]["strength_basis"] if code else ""


# --- the tables ----------------------------------------------------------------------------------------------------


@cache
def _names() -> dict[frozenset[str], DoseFormCode]:
    """The code of each FDA name, by its words."""
    return {_fda_words(row["name"]): DoseFormCode(row["code"]) for row in rows("dose_forms")}


def _fda_words(name: str) -> frozenset[str]:
    return frozenset(word for word in key(name) if word.isalnum())


def _forms() -> Iterator[tuple[str, FormWord]]:
    names = by_code("dose_forms")
    for row in rows("dose_forms"):
        yield row["name"], FormWord("form", _fda_words(row["name"]))
    for row in rows("dose_form_synonyms"):
        words = _fda_words(names[row["code"]]["name"]) if row["code"] else frozenset()
        yield row["text"], FormWord("form", words, row["basis"], "" if row["code"] else row["note"])


@cache
def _book() -> PhraseBook[FormWord]:
    """Every spelling without a mark; a word of dose_form_words.csv goes before a form of the same spelling.

    A name that begins with a link, `FOR SOLUTION`, is left to the words it is made of.
    """
    parts = [(row["text"], _part(row)) for row in rows("dose_form_words")]
    links = {key(text) for text, part in parts if part.kind == "link"}
    forms = [(text, form) for text, form in _forms() if not _has_mark(key(text)) and key(text)[:1] not in links]
    return PhraseBook([*forms, *parts])


def _part(row: dict[str, str]) -> FormWord:
    reason = row["note"] if row["kind"] == "unclear" else ""
    return FormWord(row["kind"], _fda_words(row["fda_words"]), row["basis"], reason)


@cache
def _listed() -> dict[tuple[str, ...], FormWord]:
    return {key(text): form for text, form in _forms() if _has_mark(key(text))}


def _has_mark(words: tuple[str, ...]) -> bool:
    return not all(word.isalnum() or word == "/" for word in words)
