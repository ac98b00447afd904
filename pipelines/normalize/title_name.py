"""The names that a title gives a drug where no section does.

    title = [ "About" ] brand "(" generic ")" form …     APIXEX (apixaban) tablets, for oral use
          | brand "- " generic [ form ]                  SERTREX- sertraline hydrochloride tablet, film coated
          | name { bracket } [ strength … ] [ form ]     Lisinopril (lye-SIN-oh-pril)     Xyl 25 mg film-coated tablets

The words before a bracket are a brand only where the print says so: a trademark sign, or capitals before small letters
and a form behind, as US labels begin. The name ends before the first amount and before the form at its end; words such
as `oil` that are forms and names have the role `kept` in `name_words.csv`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipelines.normalize.dose_form_words import FormPiece, kind, pieces_of
from pipelines.normalize.names import TRADEMARK, read_name
from pipelines.normalize.strengths import states_amount, tokens_of
from pipelines.normalize.wording import phrases, tidy, words_of
from pipelines.records import Name, Passage
from schemas.codes import fold

_FLAGS = re.VERBOSE | re.IGNORECASE
_LEAD = re.compile(rf"\s* (?: {phrases('name_words', 'lead')} (?: \s* [-–—:] )? \s+ )?", _FLAGS)
_DASHED = re.compile(r"(?P<brand>[A-Z][A-Z0-9 ]{1,60}) -\s+ (?P<generic>[a-z].*)", re.VERBOSE | re.DOTALL)
_BRACKETED = re.compile(
    rf"(?P<brand>[^()\[\]]+?) \s* (?P<sign>{TRADEMARK})? \s* [(\[] (?P<generic>[^()\[\]]+) [)\]]"
    r"(?P<behind>.*)",
    _FLAGS | re.DOTALL,
)
_BEFORE_NUMBER = re.compile(r"[\s,(]+(?=[\d.])")
_WORDS_OF_AN_AMOUNT = 2
_FORM_KINDS = ("form", "use", "quality", "unclear", "container", "site", "link", "neutral")
_ENDS = " \t,;:-–—"


@dataclass(frozen=True, slots=True)
class TitleNames:
    """The generic name, and the brand name where the title prints both."""

    name: Name
    brand: Passage | None = None


def read_title_names(title: Passage) -> TitleNames:
    """The names in a title; a title that has no more than a name gives it as printed."""
    lead = _LEAD.match(title.text)
    words = title.part(lead.end() if lead else 0, len(title.text))
    named = _DASHED.fullmatch(words.text) or _branded(words.text)
    if named:
        name = _name(words.part(*named.span("generic")))
        return TitleNames(name, words.part(*named.span("brand")).strip())
    return TitleNames(_name(words))


def _branded(title: str) -> re.Match[str] | None:
    """A title with the brand before the bracket and the generic name in it."""
    found = _BRACKETED.fullmatch(title)
    if found is None or _without_form(found["behind"].split(",")[0]).strip(_ENDS):
        return None
    kept = read_name(Passage(f"x ({found['generic']})"))
    if not isinstance(kept, Name) or "(" not in kept.generic_name:  # a pronunciation, a route or the like
        return None
    is_label = found["brand"].isupper() and found["generic"].strip()[:1].islower() and found["behind"].strip()
    return found if found["sign"] or is_label else None


def _name(words: Passage) -> Name:
    read = read_name(words)
    if not isinstance(read, Name):
        return Name(tidy(words.text))
    bare = tidy(_without_form(_before_amount(read.generic_name)).strip(_ENDS))
    return Name(bare or read.generic_name, read.pronunciation)


def _before_amount(name: str) -> str:
    """The words before the first amount: `Xyl 25 mg tablets` is called Xyl."""
    for gap in _BEFORE_NUMBER.finditer(name):
        amount = " ".join(name[gap.end() :].split()[:_WORDS_OF_AN_AMOUNT])
        if gap.start() and states_amount(*tokens_of(amount)):
            return name[: gap.start()]
    return name


def _without_form(name: str) -> str:
    """The words without the dose form at their end, as a list of forms prints it."""
    pieces = pieces_of(name)
    end = len(pieces)
    while end and _goes_with_form(pieces[end - 1], name):
        end -= 1
    if not any(_is_form(piece) for piece in pieces[end:]):
        return name
    return name[: pieces[end - 1].end] if end else ""


def _goes_with_form(piece: FormPiece, name: str) -> bool:
    words = fold(name[piece.start : piece.end])
    if words in words_of("name_words", "kept") and piece.end == len(name):
        return False
    return piece.mark == "," or kind(piece) in _FORM_KINDS or words in words_of("name_words", "pharmacopoeia")


def _is_form(piece: FormPiece) -> bool:
    is_given = kind(piece) == "use" and piece.meaning is not None and bool(piece.meaning.words)
    return is_given or kind(piece) in ("form", "container")
