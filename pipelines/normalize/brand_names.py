"""The brand names: from their fields, the signs in and around the title, the lines below it, and sentences.

    brand names  = [ lead ] brand { separator brand }          "," ";" "|" bullet, new line, `and`
    brand        = [ label ":" ] name { bracket | sign }       Lioresal® (discontinued)
    in a bracket = ( label | lead ) [ ":" ] brand names        (Brand name: Exemplan)
    in sentences = sentence lead [ ":" ] brand names           sold under the brand name Exemplan among others

The span of a brand ends before the brackets and signs at its end. The words are rows of `brand_words.csv`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from pipelines.lexer import BREAK, BULLET, NUMBER, SOFT_BREAK, WORD, Span, Tokens, lines
from pipelines.lexicon import PREFIX_OF_CANADA, has_prefix_of_canada, vocabulary, with_role
from pipelines.normalize.dose_forms import form_pieces, kind
from pipelines.normalize.name_words import (
    ENDS_OF_ITEMS,
    ENDS_OF_NAMES,
    FORM_KINDS,
    OPENS,
    TRADE_SIGNS,
    Bracket,
    before_amount,
    brackets_in,
    is_about_the_product,
    is_nothing,
    is_prose,
    name_span,
    name_words_with_role,
    names_substance,
    pronunciation_in,
    stretch_read,
    without_legal,
    words_between,
)
from pipelines.records import Monograph, Passage
from schemas import codes
from schemas.codes.folding import fold

_LONGEST_BRAND = 6  # words
_LONGEST_SMALL_BRAND = 2  # words, of one in small letters
_SHORTEST_WORD = 4  # letters
_SHORTEST_FORM = 6  # letters of a form that may be glued to a name
_LONGEST_ENDING = 3  # letters behind a form that are no other word
LINES_BELOW_A_TITLE = 3
_LONGEST_LINE_OF_NAMES = 24  # tokens
_FIRST_OF_AN_ENTRY = frozenset({"drug_class", "pregnancy_category"})  # of a handbook, right below the names
_NO_NAMES = ("class_words", "dose_form_words", "reaction_terms", "section_titles", "title_words")
_TOKENS_BEFORE_A_TITLE = 80


def read_brands(tokens: Tokens, first: int, after: int) -> tuple[Passage, ...]:
    """The brand names of a field, in order, each spelling once. The field ends with the first line that is no list."""
    found: dict[str, Passage] = {}
    goes_on = True
    is_bulleted = False
    for start, end in lines(tokens, first, after):
        if is_bulleted and tokens.kinds[start] != BULLET and not is_nothing(tokens, start, end):
            break
        is_bulleted = is_bulleted or tokens.kinds[start] == BULLET
        is_item = tokens.kinds[start] in (BULLET, NUMBER) or len(words_between(tokens, start, end)) <= _LONGEST_BRAND
        if not goes_on and (not is_item or (start > first and _has_other_label(tokens, start, end))):
            break
        for brand in brands_between(tokens, start, end):
            found.setdefault(fold(brand.text), brand)
        goes_on = tokens.keys[end - 1] in (",", ";") or tokens.keys[end - 1] == ":"
        is_ended = with_role("brand_words", "more").longest(tokens, end - 1, end) is not None  # `…, and others`
        if tokens.keys[end - 1] == "." or is_ended:
            break
    return tuple(found.values())


def _has_other_label(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a line begins with a label that is no country and does not lead to brands."""
    colon = next((at for at in range(first, after) if tokens.keys[at] == ":"), None)
    return colon is not None and with_role("brand_words", "nothing", "label").whole(tokens, first, colon) is None


def brands_between(tokens: Tokens, first: int, after: int) -> Iterator[Passage]:
    """The brands of one line."""
    at = first
    for start, end in _separators(tokens, first, after):
        yield from as_brand(tokens, at, start)
        at = end
    yield from as_brand(tokens, at, after)


def _separators(tokens: Tokens, first: int, after: int) -> Iterator[Span]:
    """The places between two brands, outside of brackets."""
    brackets = iter(brackets_in(tokens, first, after))
    bracket = next(brackets, None)
    words = with_role("brand_words", "separator")
    at = first
    while at < after:
        if bracket is not None and at == bracket.first:
            at, bracket = bracket.after, next(brackets, None)
            continue
        is_mark = tokens.keys[at] in ENDS_OF_ITEMS or tokens.kinds[at] == BULLET
        is_mark = is_mark or (tokens.keys[at] == "/" and not (tokens.is_tight(at) or tokens.is_tight(at + 1)))
        word = words.longest(tokens, at, after)
        if is_mark:
            yield at, at + 1
        elif word is not None and not _is_inside_name(tokens, at, word[1], after):
            yield at, word[1]
        at = word[1] if word is not None else at + 1


def _is_inside_name(tokens: Tokens, first: int, after: int, end: int) -> bool:
    """Whether the word on either side of an `and` is one that brand names have there."""
    part = with_role("brand_words", "part")
    before = first > 0 and part.whole(tokens, first - 1, first) is not None
    return before or (after < end and part.longest(tokens, after, end) is not None)


def as_brand(tokens: Tokens, first: int, after: int) -> tuple[Passage, ...]:
    """An item without its label, number, and the brackets and signs at its end; nothing if it is no name."""
    first, after = _without_label(tokens, first, after), _without_remarks(tokens, first, after)
    after = next((at for at in range(first + 1, after) if _ends_brand(tokens, at, after)), after)
    if first < after and not _begins_as_form(tokens, first, after):
        after = _without_remarks(tokens, first, before_amount(tokens, first, after))
    if first >= after or not _is_brand(tokens, first, after):
        return ()
    place = tokens.passage(first, after)
    if place.text.startswith(PREFIX_OF_CANADA) and place.text[2:4].isupper() and place.text[:2].istitle():
        place = place.part(2, len(place.text))
    return (place,)


def _ends_brand(tokens: Tokens, at: int, after: int) -> bool:
    """Whether a sign, or words that a list goes on with elsewhere, follow a name."""
    is_sign = tokens.keys[at] in TRADE_SIGNS or tokens.keys[at] == "…"
    is_dash = tokens.keys[at] == "-" and at + 1 < after and not tokens.is_tight(at + 1)
    is_sign = is_sign or (is_dash and _begins_as_form(tokens, at + 1, after))
    return is_sign or with_role("brand_words", "more").longest(tokens, at, after) is not None


def _without_label(tokens: Tokens, first: int, after: int) -> int:
    opened = next((at for at in range(first + 1, after) if tokens.keys[at] in OPENS), after)
    colon = next((at for at in range(first, opened) if tokens.keys[at] == ":"), None)
    first = first if colon is None else colon + 1
    for _, end, _ in with_role("brand_words", "lead").find(tokens, first, after):
        first = end
    while first < after and (
        tokens.kinds[first] in (BULLET, BREAK, SOFT_BREAK) or tokens.keys[first] in ENDS_OF_NAMES | {"*", "+"}
    ):
        first += 1
    is_numbered = first + 2 < after and tokens.kinds[first] == NUMBER and tokens.keys[first + 1] in (".", ")")
    first = first + 2 if is_numbered else first
    is_prefix = first + 1 < after and tokens.printed_case(first) == PREFIX_OF_CANADA
    return first + 1 if is_prefix else first


def _without_remarks(tokens: Tokens, first: int, after: int) -> int:
    """The token after the name, without the signs, marks and brackets at its end."""
    while after > first:
        key = tokens.keys[after - 1]
        if (
            key in TRADE_SIGNS
            or key in ENDS_OF_NAMES
            or key in ("*", "†", "‡", "|")
            or tokens.kinds[after - 1] in (BREAK, SOFT_BREAK)
        ):
            after -= 1
        elif key in OPENS.values():
            opens = next((at for at in range(after - 2, first, -1) if OPENS.get(tokens.keys[at]) == key), None)
            if opens is None:
                return after - 1
            after = opens
        elif tokens.keys[after - 1] in OPENS:
            after -= 1
        else:
            return after
    return after


def _is_brand(tokens: Tokens, first: int, after: int) -> bool:
    """Whether an item is a name: not empty, not `others`, not long, and no prose, which has verbs in small letters."""
    words = [at for at in range(first, after) if tokens.kinds[at] == WORD]
    is_filled = tokens.keys[first] not in OPENS  # not `[trade name]`
    if not is_filled or not words or len(words) > _LONGEST_BRAND or is_nothing(tokens, first, after):
        return False
    if len(words) > _LONGEST_SMALL_BRAND and tokens.plain(first, after).islower():
        return False
    is_substance = with_role("brand_words", "substance").whole(tokens, first, after) is not None
    is_more = with_role("brand_words", "more").longest(tokens, first, after) is not None
    if is_substance or is_more or "=" in tokens.keys[first:after]:
        return False
    if any(_is_glued(tokens.keys[at]) or tokens.keys[at] in name_words_with_role("publication") for at in words):
        return False
    if before_amount(tokens, first, after) < after and _begins_as_form(tokens, first, after):
        return False
    verbs = with_role("brand_words", "sentence")
    return all(verbs.longest(tokens, at, at + 1) is None or not tokens.printed_case(at).islower() for at in words)


def _is_glued(word: str) -> bool:
    """Whether a long name of a form and another word stand together without a space: `TABLETEXEMPLAN`."""
    return any(word.startswith(form) and len(word) - len(form) > _LONGEST_ENDING for form in _long_forms())


@cache
def _long_forms() -> tuple[str, ...]:
    """The names of forms that are one long word, as no brand begins."""
    words = (fold(row["name"]) for row in codes.rows("dose_forms"))
    return tuple(word for word in words if word.isalpha() and len(word) >= _SHORTEST_FORM)


def _begins_as_form(tokens: Tokens, first: int, after: int) -> bool:
    """Whether an item begins with a form or in small letters, as what goes on with a product does: `chewable 5 mg`."""
    piece = next(iter(form_pieces(tokens, first, after)), None)
    return tokens.printed_case(first)[0].islower() or (piece is not None and kind(piece) in FORM_KINDS)


def is_canadian(tokens: Tokens, at: int) -> bool:
    """Whether a title begins with the sign of a Canadian prescription drug: `Pr EXEMPLAN`, `PrEXEMPLAN`."""
    return tokens.printed_case(at) == PREFIX_OF_CANADA or has_prefix_of_canada(tokens, at)


# --- the places of brands


def labelled_brands(tokens: Tokens, bracket: Bracket) -> tuple[Passage, ...]:
    """The brands of a bracket that says so: `(Brand name: Exemplan)`."""
    first, after = bracket.inner
    label = with_role("brand_words", "label", "lead").longest(tokens, first, after)
    if label is None or label[1] >= after:
        return ()
    return tuple(brands_between(tokens, label[1] + (tokens.keys[label[1]] == ":"), after))


def brands_in_sections(monograph: Monograph, tokens: Tokens, own: str) -> Iterator[Passage]:
    """The brands of the fields for them; a field that repeats the generic name gives none."""
    for section in monograph.sections:
        if section.code == "brand_names" and section.body and fold(section.body.text) != own:
            yield from read_brands(tokens, *tokens.span(section.body))


def brands_with_sign(monograph: Monograph, tokens: Tokens) -> Iterator[Passage]:
    """Names with a trademark sign in the title and the lines around it: `Pr EXEMPLAN® Ointment 5%`."""
    first, after = tokens.span(monograph.title)
    headed = next((section.heading for section in monograph.sections if section.heading), None)
    end = tokens.span(headed)[0] if headed and headed.start > monograph.title.start else after
    for at in range(max(1, first - _TOKENS_BEFORE_A_TITLE), min(max(end, after), after + _TOKENS_BEFORE_A_TITLE)):
        line = max(tokens.kinds.rfind(BREAK, 0, at) + 1, 0)
        is_of_page = with_role("grammar_words", "page").is_in(tokens, line, at)  # `provided by Example®`
        if tokens.keys[at] in TRADE_SIGNS and not is_of_page:
            start = at
            while start > 0 and tokens.kinds[start - 1] == WORD and tokens.printed_case(start - 1)[0].isupper():
                if start < at and vocabulary("dose_form_synonyms").whole(tokens, start - 1, start) is not None:
                    break  # `Exemplan 5 mg Tablets EXEMPLAN®`
                start -= 1
            yield from as_brand(tokens, start, at)


def brands_below(monograph: Monograph, tokens: Tokens) -> Iterator[Passage]:
    """Names in a bracket on a line of its own below a title that names a substance, as they do not."""
    section = monograph.sections[0] if monograph.sections else None
    title = tokens.span(monograph.title)
    if section is None or section.code != "overview" or not names_substance(tokens, *name_span(tokens, *title)):
        return
    is_said = False
    is_entry = next((each.code for each in monograph.sections[1:2]), "") in _FIRST_OF_AN_ENTRY
    below = list(lines(tokens, *tokens.span(section.body)))[:LINES_BELOW_A_TITLE]
    for start, end in ((start, without_legal(tokens, start, end)) for start, end in below):
        bracket = next(brackets_in(tokens, start, end), None)
        is_bracket = bracket is not None and (bracket.first, bracket.after) == (start, end) and start >= title[1]
        inner = (start + 1, end - 1) if is_bracket else (start, end)
        is_list = is_bracket or ((is_said or is_entry) and start >= title[1] and _lists_names(tokens, start, end))
        is_said = is_bracket and pronunciation_in(tokens, *inner) is not None
        is_other = is_said or is_about_the_product(tokens, *inner) or names_substance(tokens, *inner)
        if is_list and not is_other and tokens.printed_case(inner[0])[0].isupper():
            yield from brands_between(tokens, *inner)


def _lists_names(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a line is names with capitals that no table knows as other words, with commas: `Exemplan XL, Otheran`."""
    remark = next((each for each in brackets_in(tokens, first, after) if each.after == after), None)
    after = remark.first if remark is not None and remark.first > first else after  # `Exemplan, Otheran (CAN: Novex)`
    at = [first, *(no + 1 for no in range(first, after - 1) if tokens.keys[no] == ",")]
    if tokens.kinds[after - 1] != WORD or is_prose(tokens, first, after) or after - first > _LONGEST_LINE_OF_NAMES:
        return False
    if len(at) == 1:
        is_long = any(
            tokens.kinds[no] == WORD and len(tokens.keys[no]) >= _SHORTEST_WORD for no in range(first + 1, after)
        )
        if is_long or any(known.is_in(tokens, first, after) for known in map(vocabulary, _NO_NAMES)):
            return False  # `Quick Facts`, `Anticoagulant`, but `Exemplan XL`
    return all(tokens.printed_case(no)[0].isupper() for no in at)


def brands_in_sentences(monograph: Monograph, tokens: Tokens) -> Iterator[Passage]:
    """Brands behind words that lead to them in running text: `sold under the brand name Exemplan among others`."""
    first, after = stretch_read(monograph, tokens)
    for _, start, _ in with_role("brand_words", "sentence lead").find(tokens, first, after):
        at = start + (start < after and tokens.keys[start] == ":")
        end = at
        while end < after and _goes_on(tokens, end, after):
            end += 1
        yield from brands_between(tokens, at, end)


def _goes_on(tokens: Tokens, at: int, after: int) -> bool:
    """Whether a token belongs to a list of brands in a sentence: a name with a capital, a sign, or what joins two."""
    if tokens.kinds[at] in (BREAK, BULLET):
        return False
    if tokens.kinds[at] == WORD and tokens.keys[at] not in ("and", "or"):
        return not tokens.printed_case(at)[0].islower()
    is_joint = tokens.keys[at] in (",", "and", "or")
    follows = at + 1 < after and (tokens.kinds[at + 1] == WORD and not tokens.printed_case(at + 1)[0].islower())
    is_pair = tokens.keys[at] == "," and at + 2 < after and tokens.keys[at + 1] in ("and", "or")
    return (
        (is_joint and (follows or is_pair))
        or tokens.keys[at] in TRADE_SIGNS
        or tokens.kinds[at] == NUMBER
        or (tokens.keys[at] == "-" and tokens.is_tight(at))
    )
