"""The words of a name and those around it: brackets, amounts, forms, legal words, and the substances that it joins.

    words     = name { bracket } [ [ "(" | "," ] amount … ] [ form ] [ legal ]     Xyl 25 mg film-coated tablets USP
    name      = substance { joint substance }                                      exemplum and alterum hydrochloride
    joint     = ";" only, if there is one, or else "/" | "+" | "," | "&" | `and` …
    amount    = number { joint number } unit | "1:" number                         5/10 mg   1:100,000
    bracket   = pronunciation                                  [ BAK-loe-fen ]   (am OX i SIL in)
              | route, form, market or status                  (intrathecal)   (oral/injection)   (Rx)
              | anything else                                  (adrenaline)

A pronunciation has three syllables or more, or two with a hyphen, of which one is in capitals and one is not; or three
in lower case with hyphens; or it is called one. The words are rows of `name_words.csv`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from pipelines.lexer import MARK, NUMBER, SOFT_BREAK, WORD, Span, Tokens
from pipelines.lexicon import Vocabulary, vocabulary, with_role
from pipelines.normalize.dose_forms import FormPiece, form_pieces, kind
from pipelines.records import Monograph
from schemas import codes
from schemas.codes.folding import fold, tidy

_LONGEST_NAME = 30  # words: combinations of vaccines are long
_FEWEST_SYLLABLES = 3
_FEWEST_HYPHENATED = 2
_LONGEST_SYLLABLE = 6
FEWEST_COMBINED = 2  # substances
_FEWEST_OF_A_STANDARD = 2  # tokens
_SENTENCES_READ = 4000  # tokens of a monograph in which names are looked for
TRADE_SIGNS = frozenset("®™℠©")
OPENS = {"(": ")", "[": "]"}
ENDS_OF_NAMES = frozenset(",;:.-|")
ENDS_OF_ITEMS = frozenset(",;|•·‣▪◦●○")
FORM_KINDS = frozenset({"form", "use", "quality", "unclear", "container", "site", "link", "neutral"})
WITHOUT_SIGNS = str.maketrans("", "", "".join(TRADE_SIGNS))


@dataclass(frozen=True, slots=True)
class Bracket:
    """A bracket from its opening sign to the token after its closing one."""

    first: int
    after: int

    @property
    def inner(self) -> Span:
        """The tokens between its signs."""
        return self.first + 1, self.after - 1


def brackets_in(tokens: Tokens, first: int, after: int) -> Iterator[Bracket]:
    """The outermost brackets that close, in order."""
    at = first
    while at < after:
        close = OPENS.get(tokens.keys[at])
        end = next((no for no in range(at + 1, after) if tokens.keys[no] == close), None) if close else None
        if end is not None:
            yield Bracket(at, end + 1)
            at = end
        at += 1


def words_between(tokens: Tokens, first: int, after: int) -> list[str]:
    """The words of a span, folded."""
    return [tokens.keys[at] for at in range(first, after) if tokens.kinds[at] == WORD]


def stretch_read(monograph: Monograph, tokens: Tokens) -> Span:
    """The tokens of a monograph in which names are looked for."""
    first, after = tokens.span(monograph.title)
    if monograph.sections:
        after = max(after, tokens.span(monograph.sections[-1].body)[1])
    return first, min(after, first + _SENTENCES_READ)


def is_prose(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a span has a verb or the like outside of brackets, or more words than a name."""
    inside = {at for bracket in brackets_in(tokens, first, after) for at in range(bracket.first, bracket.after)}
    outside = [at for at in range(first, after) if at not in inside and tokens.kinds[at] == WORD]
    verbs = with_role("name_words", "sentence")
    return len(outside) > _LONGEST_NAME or any(verbs.longest(tokens, at, after) for at in outside)


def is_nothing(tokens: Tokens, first: int, after: int) -> bool:
    """Whether words stand in a list of brand names and are none: `discontinued`, `and others`."""
    return with_role("brand_words", "nothing").whole(tokens, first, after) is not None


def is_about_the_product(tokens: Tokens, first: int, after: int) -> bool:
    """Whether every word of a bracket is a route, form, market or status."""
    known = with_role("name_words", "attribute", "bracket", "joins")
    at = first
    while at < after:
        found = known.longest(tokens, at, after)
        if found is None and tokens.kinds[at] != MARK and tokens.kinds[at] != SOFT_BREAK:
            return False
        at = found[1] if found else at + 1
    return after > first


def pronunciation_in(tokens: Tokens, first: int, after: int) -> str | None:
    """The words of a bracket if they tell how a name is said."""
    called = with_role("name_words", "said").longest(tokens, first, after)
    if called is not None:
        start = called[1] + (called[1] < after and tokens.keys[called[1]] == ":")
        return tidy(tokens.passage(start, after).text) if words_between(tokens, start, after) else None
    syllables = [tokens.printed_case(at) for at in range(first, after) if tokens.kinds[at] == WORD]
    marks = [tokens.keys[at] for at in range(first, after) if tokens.kinds[at] != WORD]
    if not syllables or not set(marks) <= set("-'·.,;/ˈˌ") or is_about_the_product(tokens, first, after):
        return None
    if max(map(len, syllables)) > _LONGEST_SYLLABLE:
        return None
    said = tidy(tokens.passage(first, after).text)
    capitals = [syllable.isupper() and len(syllable) > 1 for syllable in syllables]
    fewest = _FEWEST_HYPHENATED if "-" in marks else _FEWEST_SYLLABLES
    if len(syllables) >= fewest and any(capitals) and not all(capitals):
        return said
    return said if len(syllables) >= _FEWEST_SYLLABLES and said.islower() and " " not in said else None


def name_span(tokens: Tokens, first: int, after: int) -> Span:
    """The tokens of a name: without the first amount and what follows it, and without the form at the end."""
    end = before_amount(tokens, first, after)
    bare = without_form(tokens, first, end)
    while bare > first and (tokens.keys[bare - 1] in ENDS_OF_NAMES or tokens.keys[bare - 1] in TRADE_SIGNS):
        bare -= 1
    return (first, bare) if bare > first else (first, end)


def before_amount(tokens: Tokens, first: int, after: int) -> int:
    """The token at which the first amount begins: `Xyl 25 mg tablets` is called Xyl."""
    for at in range(first + 1, after - 1):
        is_apart = tokens.kinds[at - 1] != MARK or tokens.keys[at - 1] in TRADE_SIGNS | {"(", ","}
        is_apart = is_apart or (tokens.keys[at - 1] == "-" and not (tokens.is_tight(at - 1) or tokens.is_tight(at)))
        if tokens.kinds[at] != NUMBER or not is_apart or not has_unit(tokens, at, after):
            continue
        return at - (tokens.keys[at - 1] in ("(", ","))
    return after


def has_unit(tokens: Tokens, at: int, after: int) -> bool:
    """Whether a unit of an amount follows a number, or the numbers joined to it: `5/10 mg`, `5, 10 and 20 mg`.

    A ratio is an amount, too: `1:100,000`.
    """
    end = at + 1
    if end + 1 < after and tokens.keys[at : end + 1] == ["1", ":"] and tokens.kinds[end + 1] == NUMBER:
        return tokens.is_tight(end) and tokens.is_tight(end + 1)
    while end < after - 1 and (tokens.kinds[end] == NUMBER or tokens.keys[end] in ("/", ",", "-", "and", "or")):
        if tokens.kinds[end] == tokens.kinds[end - 1] == NUMBER:
            return False  # `exemplum 400 0.4 %`
        end += 1
    unit = vocabulary("unit_synonyms").longest(tokens, end, after)
    if unit is None or not unit[0]["code"]:
        return False
    return codes.by_code("units")[unit[0]["code"]]["dimension"] != "presentation"


def without_form(tokens: Tokens, first: int, after: int) -> int:
    """The token after the name, without the dose form at its end, as a list of forms prints it."""
    after = without_legal(tokens, first, after)
    found = form_pieces(tokens, first, after)
    end = len(found)
    while end and _goes_with_form(tokens, found[end - 1], after):
        end -= 1
    if not any(gives_form(piece) or _is_legal(tokens, piece) or kind(piece) == "site" for piece in found[end:]):
        return after
    return found[end - 1].after if end else first


def _goes_with_form(tokens: Tokens, piece: FormPiece, after: int) -> bool:
    if with_role("name_words", "kept").whole(tokens, piece.first, piece.after) is not None and piece.after == after:
        return False
    return piece.mark in (",", "(", ")") or kind(piece) in FORM_KINDS or _is_legal(tokens, piece)


def gives_form(piece: FormPiece) -> bool:
    """Whether a piece says what form a product has: `tablet`, `for injection`, `pre-filled syringe`."""
    is_given = kind(piece) == "use" and piece.meaning is not None and bool(piece.meaning.words)
    return is_given or kind(piece) in ("form", "container")


def without_legal(tokens: Tokens, first: int, after: int) -> int:
    """The token after the name, without a pharmacopoeia or a legal status at its end: `USP`, `Rx only`."""
    legal = with_role("name_words", "pharmacopoeia")
    standard = with_role("name_words", "standard")
    while after > first:
        if tokens.keys[after - 1] in ENDS_OF_NAMES:
            after -= 1
            continue
        if after - first > _FEWEST_OF_A_STANDARD and standard.whole(tokens, after - 1, after) is not None:
            after -= _FEWEST_OF_A_STANDARD  # with whose standard it is
            continue
        start = next((at for at in range(max(first + 1, after - 4), after) if legal.whole(tokens, at, after)), after)
        if start == after:
            return after
        after = start
    return after


def _is_legal(tokens: Tokens, piece: FormPiece) -> bool:
    return with_role("name_words", "pharmacopoeia").whole(tokens, piece.first, piece.after) is not None


def without_marks(tokens: Tokens, first: int, after: int) -> Span:
    """The span without marks and signs at its ends."""
    while first < after and tokens.kinds[first] not in (WORD, NUMBER) and tokens.keys[first] not in OPENS:
        first += 1
    while (
        after > first and tokens.kinds[after - 1] not in (WORD, NUMBER) and tokens.keys[after - 1] not in OPENS.values()
    ):
        after -= 1
    return first, after


def ingredients_between(tokens: Tokens, first: int, after: int) -> Iterator[Span]:
    """The ingredients of a combination: what stands between `and`, `/`, `+`, a comma and the like, outside brackets.

    Where semicolons part them, nothing else does. Words that only describe (`vaccine recombinant, adjuvanted`) are no
    ingredient of their own.
    """
    spans = [span for span in _between_joints(tokens, first, after) if span[0] < span[1]]
    spans = [part for span in spans for part in _between_hyphen(tokens, *span)]
    attribute = with_role("name_words", "attribute")
    parts: list[Span] = []
    for span in spans:
        if parts and any(_is_made_of(tokens, each, attribute) for each in (span, parts[-1])):
            parts[-1] = (parts[-1][0], span[1])
        else:
            parts.append(span)
    yield from parts


def _between_joints(tokens: Tokens, first: int, after: int) -> Iterator[Span]:
    inside = {at for bracket in brackets_in(tokens, first, after) for at in range(bracket.first, bracket.after)}
    outside = {tokens.keys[at] for at in range(first, after) if at not in inside}
    joins, marks = with_role("name_words", "joins"), {";"} if ";" in outside else {"/", "+", ",", "&"}
    start = at = first
    while at < after:
        joint = joins.longest(tokens, at, after) if ";" not in outside else None
        if at not in inside and (joint is not None or tokens.keys[at] in marks):
            yield without_marks(tokens, start, at)
            start = at = joint[1] if joint is not None else at + 1
            continue
        at += 1
    yield without_marks(tokens, start, after)


def _between_hyphen(tokens: Tokens, first: int, after: int) -> tuple[Span, ...]:
    """The two substances that a hyphen joins: `Sulfamethoxazole-Trimethoprim`; else the span itself."""
    hyphens = [at for at in range(first + 1, after - 1) if tokens.keys[at] == "-"]
    if hyphens and tokens.is_substance(as_printed(tokens, first, after)):
        return ((first, after),)  # povidone-iodine
    for at in hyphens:
        if all(tokens.is_substance(as_printed(tokens, *part)) for part in ((first, at), (at + 1, after))):
            return (first, at), (at + 1, after)
    return ((first, after),)


def _is_made_of(tokens: Tokens, span: Span, words: Vocabulary[codes.Row]) -> bool:
    """Whether all of a span is words of a vocabulary, one behind the other."""
    at = span[0]
    while at < span[1]:
        found = words.longest(tokens, at, span[1])
        if found is None and tokens.kinds[at] == WORD:
            return False
        at = found[1] if found is not None else at + 1
    return True


def names_substance(tokens: Tokens, first: int, after: int) -> bool:
    """Whether words name a substance of the list, or several, or a kind of them that no brand has in its name."""
    first, after = without_marks(tokens, first, after)
    if not words_between(tokens, first, after):
        return False
    if not name_words_with_role("substance").isdisjoint(words_between(tokens, first, after)):
        return True
    parts = [(first, after), *ingredients_between(tokens, first, after)]
    known = [tokens.is_substance(as_printed(tokens, *part)) for part in parts]
    return known[0] or (len(parts) > FEWEST_COMBINED and all(known[1:]))


def as_printed(tokens: Tokens, first: int, after: int) -> str:
    """A span as it is printed, without trademark signs."""
    return tidy(tokens.passage(first, after).text.translate(WITHOUT_SIGNS))


@cache
def name_words_with_role(role: str) -> frozenset[str]:
    """The folded words of the rows of `name_words.csv` that have a role."""
    return frozenset(fold(row["text"]) for row in codes.rows("name_words") if role in row["roles"].split("; "))
