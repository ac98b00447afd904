"""The generic name in its field, and which words can be one.

    field   = name { bracket } [ amount … ] [ legal ] [ "," form ] [ route ]
    bracket = pronunciation | about the product | brands       left out of the name
            | anything else                                    (adrenaline): part of the name

Names are given as printed, so that `Baclofen` keeps its capital. Words are a generic name only if something says so:
the list of substances that the tokens know, a stem (`name_stems.csv`), or small letters in the text, since generic
names are common nouns. All other words are rows of `name_words.csv`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from pipelines.lexer import BREAK, NUMBER, WORD, Span, Tokens, lines
from pipelines.lexicon import MARKS_OF_CODE, vocabulary, with_role
from pipelines.normalize.brand_names import labelled_brands
from pipelines.normalize.dose_forms import form_pieces
from pipelines.normalize.name_words import (
    OPENS,
    TRADE_SIGNS,
    WITHOUT_SIGNS,
    as_printed,
    before_amount,
    brackets_in,
    gives_form,
    ingredients_between,
    is_about_the_product,
    is_nothing,
    is_prose,
    name_span,
    name_words_with_role,
    names_substance,
    pronunciation_in,
    stretch_read,
    without_form,
    without_legal,
    without_marks,
    words_between,
)
from pipelines.records import Finding, FindingCode, Monograph, Name
from schemas import codes
from schemas.codes.folding import fold, tidy

MARKS_OF_NO_NAME = MARKS_OF_CODE | {"<", ">"}
NAME_MISSING = FindingCode("NAME_MISSING")
LONGEST_SUBSTANCE = 8  # tokens
_SHORTEST_CODE = 3  # digits of a product's code
WORDS_BELOW_A_TITLE = 6


def read_name(tokens: Tokens, first: int, after: int) -> Name | Finding:
    """The name in the first line of a generic-name field; several pronunciations are joined with `; `."""
    first, end = next(iter(lines(tokens, first, after)), (first, after))
    end = _before_sentence(tokens, first, _before_other_label(tokens, first, end))
    end = max(without_legal(tokens, first, before_amount(tokens, first, end)), min(first + 1, end))
    end = _before_route_behind(tokens, first, _before_form_behind_comma(tokens, first, end))
    end = _before_codes(tokens, first, _before_name_again(tokens, first, end))
    spans: list[Span] = []
    said: list[str] = []
    at = first
    for bracket in brackets_in(tokens, first, end):
        pronunciation = pronunciation_in(tokens, *bracket.inner)
        if pronunciation or is_about_the_product(tokens, *bracket.inner) or labelled_brands(tokens, bracket):
            spans.append((at, bracket.first))
            at = bracket.after
            said += [pronunciation] if pronunciation else []
    spans.append((at, end))
    printed = " ".join(tokens.passage(*span).text for span in spans)
    name = tidy(printed).translate(WITHOUT_SIGNS).strip(" .,;:|")
    is_name = any(map(str.isalpha, name)) and not set(name) & (MARKS_OF_NO_NAME | {":"})
    if not is_name or is_prose(tokens, first, end) or is_nothing(tokens, first, end):
        message = "The generic-name field holds no name that could be told from its words."
        return Finding(NAME_MISSING, message, tokens.passage(first, after))
    return placed_name(tokens, tidy(name), spans, "; ".join(said) or None)


def bare_name(tokens: Tokens, first: int, after: int) -> Name:
    """The name without strength, form and legal words at its end."""
    read = read_name(tokens, *name_span(tokens, first, after))
    if isinstance(read, Name):
        return read
    return placed_name(tokens, tidy(tokens.passage(first, after).text), [(first, after)])


def _before_other_label(tokens: Tokens, first: int, after: int) -> int:
    """The token before another field or the next cell of a row: `exemplum Brand Name: Exemplan | Antacid`."""
    titles = vocabulary("section_titles")
    for at in range(first + 1, after):
        found = titles.longest(tokens, at, after)
        is_label = found is not None and found[1] < after and tokens.keys[found[1]] == ":"
        before = tokens.printed_case(at - 1)
        if tokens.keys[at] in ("|", "_") or (is_label and before in (before.lower(), before.upper(), before.title())):
            return at  # not `exemplumBRAND NAME:`
    return after


def _before_sentence(tokens: Tokens, first: int, after: int) -> int:
    """The end of a field's first words, if they are a substance and a sentence follows: `exemplum. An analgesic`."""
    stop = next((at for at in range(first + 1, after - 1) if tokens.keys[at] == "."), after)
    is_name = stop < after and not tokens.is_tight(stop + 1) and tokens.is_substance(as_printed(tokens, first, stop))
    return stop if is_name else after


def _before_form_behind_comma(tokens: Tokens, first: int, after: int) -> int:
    """The token after a name, without a comma and the form that is all that stands behind: `, Oral capsule`."""
    comma = next((at for at in range(after - 1, first, -1) if tokens.keys[at] == ","), after)
    if comma + 1 >= after or with_role("name_words", "kept").whole(tokens, after - 1, after) is not None:
        return after
    pieces = form_pieces(tokens, comma + 1, after)
    is_form = without_form(tokens, comma + 1, after) == comma + 1 and any(gives_form(piece) for piece in pieces)
    return comma if is_form else after


def _before_codes(tokens: Tokens, first: int, after: int) -> int:
    """The token after a name, without the form and the codes of products behind a comma: `Tablets, 7455, 7456`."""
    keys, kinds = tokens.keys, tokens.kinds
    commas = (at for at in range(first + 1, after - 1) if keys[at] == ",")
    code = next((at for at in commas if kinds[at + 1] == NUMBER and len(keys[at + 1]) >= _SHORTEST_CODE), after)
    return without_form(tokens, first, code) if code < after else after


def _before_name_again(tokens: Tokens, first: int, after: int) -> int:
    """The token after a name, without a comma and the same name with its salt: `exemplum, exemplum hydrochloride`."""
    keys = tokens.keys
    commas = (at for at in range(first + 1, after) if keys[at] == ",")
    return next((at for at in commas if keys[at + 1 : at + 1 + at - first] == keys[first:at]), after)


def _before_route_behind(tokens: Tokens, first: int, after: int) -> int:
    """The token after a substance, without the route or form that is no part of its name: `exemplum transdermal`."""
    known = with_role("name_words", "bracket")
    end = after
    while end > first + 1 and known.whole(tokens, end - 1, end) is not None:
        end -= 1
    is_name = end < after and not tokens.is_substance(as_printed(tokens, first, after))
    return end if is_name and tokens.is_substance(as_printed(tokens, first, end)) else after


def placed_name(tokens: Tokens, name: str, spans: Sequence[Span], said: str | None = None) -> Name:
    """A name with the places of its ingredients; the spans are the printed stretches that it is made of."""
    bare = [span for span in (without_marks(tokens, *each) for each in spans) if span[0] < span[1]]
    if not bare:
        return Name(name, said)
    parts = tuple(tokens.passage(*part) for span in bare for part in ingredients_between(tokens, *span))
    return Name(name, said, tokens.passage(bare[0][0], bare[-1][1]), parts)


def joined_name(tokens: Tokens, spans: Sequence[Span | None]) -> Name | None:
    """The name of a drug that has these ingredients; None if there are none, or one cannot be told."""
    found = [span for span in spans if span is not None]
    if not found or len(found) < len(spans):
        return None
    once = {fold(tokens.plain(*span)): span for span in reversed(found)}
    kept = [span for span in found if once[fold(tokens.plain(*span))] == span]
    places = tuple(tokens.passage(*span) for span in kept)
    parts = tuple(tokens.passage(*part) for span in kept for part in ingredients_between(tokens, *span))
    name = ", ".join(tidy(place.text) for place in places)
    return Name(name, None, places[0] if len(places) == 1 else None, parts)


# --- words that are a generic name


def is_generic(monograph: Monograph, tokens: Tokens, first: int, after: int) -> bool:
    """Whether something says that words are a generic name.

    They name a substance; or each of them is a word with a stem, a salt or the like; or the text prints them in small
    letters, as it does no brand.
    """
    first, after = name_span(tokens, first, after)
    is_small = tokens.plain(first, after).islower()
    if is_small or names_substance(tokens, first, after) or is_common_noun(monograph, tokens, first, after):
        return True
    others = frozenset[str]().union(*map(name_words_with_role, ("salt", "attribute", "joins", "bracket")))
    words = [at for at in range(first, after) if tokens.kinds[at] == WORD]
    stems = [at for at in words if has_stem(tokens, at, at + 1)]
    return bool(stems) and all(at in stems or tokens.keys[at] in others for at in words)


def is_common(monograph: Monograph, tokens: Tokens, name: Span, other: Span) -> bool:
    """Whether a name is a common noun and the other is none.

    It alone names a substance; or the text prints it in small letters and never the other one; or it alone has a stem
    of international nonproprietary names (`name_stems.csv`).
    """
    is_known, is_other_known = (names_substance(tokens, *name_span(tokens, *span)) for span in (name, other))
    if is_known != is_other_known:
        return is_known
    is_small, is_other_small = (_is_printed_small(monograph, tokens, span) for span in (name, other))
    if is_small != is_other_small:
        return is_small
    return has_stem(tokens, *name) and not has_stem(tokens, *other)


def is_common_noun(monograph: Monograph, tokens: Tokens, first: int, after: int) -> bool:
    """Whether a sentence of the text prints the title's name in small letters, as no brand is printed."""
    first, after = name_span(tokens, first, after)
    if (
        first >= after
        or any(tokens.keys[at] in TRADE_SIGNS for at in range(first, after))
        or not tokens.printed_case(first)[0].isupper()
    ):
        return False
    own, length = tokens.keys[first:after], after - first
    bodies = (tokens.span(section.body) for section in monograph.sections if section.body)
    return any(
        tokens.keys[at] == own[0]
        and tokens.keys[at : at + length] == own
        and tokens.plain(at, at + length).islower()
        and tokens.kinds[at - 1] == WORD
        for start, end in bodies
        for at in range(start + 1, end - length + 1)
    )


def _is_printed_small(monograph: Monograph, tokens: Tokens, span: Span) -> bool:
    words = [at for at in range(*span) if tokens.kinds[at] == WORD]
    if not words:
        return False
    if tokens.printed_case(words[0])[0].islower():
        return True
    key = tokens.keys[words[0]]
    first, after = stretch_read(monograph, tokens)
    return any(tokens.keys[at] == key and tokens.printed_case(at)[0].islower() for at in range(first, after))


def can_be_name(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a line is no more than a name: few words, no number, no sentence, no form alone."""
    words = words_between(tokens, first, after)
    has_number = any(tokens.kinds[at] == NUMBER for at in range(first, after))
    ends = tokens.keys[after - 1] in (".", "?") or ":" in tokens.keys[first:after] if after > first else True
    if not words or len(words) > WORDS_BELOW_A_TITLE or has_number or ends or is_prose(tokens, first, after):
        return False
    if any(tokens.keys[at] in TRADE_SIGNS for at in range(first, after)):
        return False
    known = name_span(tokens, first, after)
    heading = vocabulary("section_titles").longest(tokens, first, after)
    if heading is not None and heading[0]["code"]:
        return False
    is_class = vocabulary("class_words").longest(tokens, after - 1, after) is not None
    is_form = without_form(tokens, first, after) == first
    is_phrase = not name_words_with_role("no name").isdisjoint(words) or "or" in words
    return known[1] > first and not (is_class or is_form or is_phrase or is_about_the_product(tokens, first, after))


def longest_substance(tokens: Tokens, first: int, after: int) -> Span | None:
    """The longest name of a substance of the list with which words begin."""
    last = min(after, first + LONGEST_SUBSTANCE + 1)
    line = next((at for at in range(first, last) if tokens.kinds[at] == BREAK), last)
    mark = next((at for at in range(first, line) if tokens.keys[at] == "," or tokens.keys[at] in OPENS), line)
    end = without_form(tokens, first, mark)
    ends = range(min(end, first + LONGEST_SUBSTANCE), first, -1)
    return next(((first, end) for end in ends if tokens.is_substance(as_printed(tokens, first, end))), None)


def is_product(tokens: Tokens, first: int, after: int) -> bool:
    """Whether words name a product: a trademark sign, a strength or a form is among them."""
    has_sign = any(tokens.keys[at] in TRADE_SIGNS for at in range(first, after))
    return has_sign or name_span(tokens, first, after)[1] < after


def has_stem(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a word begins or ends as names of substances do."""
    return any(
        len(word) > len(begins) + len(ends) and word.startswith(begins) and word.endswith(ends)
        for word in words_between(tokens, first, after)
        for begins, ends in _stems()
    )


@cache
def _stems() -> tuple[tuple[str, str], ...]:
    """Beginning and end of the names with each stem."""
    return tuple((begins, ends) for begins, _, ends in (row["text"].partition("*") for row in codes.rows("name_stems")))


def has_stem_or_salt(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a word has a stem of generic names, or is one that names of salts have."""
    return has_stem(tokens, first, after) or not name_words_with_role("salt").isdisjoint(
        words_between(tokens, first, after)
    )
