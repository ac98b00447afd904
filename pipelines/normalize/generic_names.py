"""The generic name: from its field, or from what the text beside a product's title says that the product holds.

    field   = name { bracket } [ amount … ] [ legal ] [ "," form ] [ route ]
    bracket = pronunciation | about the product | brands       left out of the name
            | anything else                                    (adrenaline): part of the name

    below the title = "(" name ")" | name | list               on a line of its own
    behind a brand  = brand [ amount ] "(" name ")" verb       Exemplan (exemplum) is …
                    | brand "," alias name                     Exemplan, also known as exemplum, is …
    sentence        = `the active substance is` name …
    list            = { name amount | amount [ `of` ] name }   Each tablet contains: Exemplum 10 mg, alterum 5 mg

Names are given as printed, so that `Baclofen` keeps its capital. Of a list each name must be told, or none is. Words
are a generic name only if something says so: the list of substances that the tokens know, a stem
(`name_stems.csv`), or small letters in the text, since generic names are common nouns. All other words are rows of
`name_words.csv`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache

from pipelines.lexer import BREAK, BULLET, MARK, NUMBER, SOFT_BREAK, WORD, Span, Tokens, lines
from pipelines.lexicon import vocabulary, with_role
from pipelines.normalize.brand_names import (
    LINES_BELOW_A_TITLE,
    PREFIX_OF_CANADA,
    brands_in_sections,
    has_prefix_of_canada,
    is_canadian,
    labelled_brands,
)
from pipelines.normalize.dose_forms import form_pieces
from pipelines.normalize.name_words import (
    ENDS_OF_ITEMS,
    ENDS_OF_NAMES,
    OPENS,
    TRADE_SIGNS,
    WITHOUT_SIGNS,
    as_printed,
    before_amount,
    brackets_in,
    gives_form,
    has_unit,
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
from pipelines.records import Finding, FindingCode, Monograph, Name, Section
from schemas import codes
from schemas.codes.folding import fold, tidy

NAME_MISSING = FindingCode("NAME_MISSING")
LONGEST_SUBSTANCE = 8  # tokens
_SHORTEST_CODE = 3  # digits of a product's code
_LONGEST_ITEM = 24  # tokens of a composition's item up to its amount
_FEWEST_MENTIONS = 2
_SHORTEST_MENTION = 5  # letters of the first word
_WORDS_OF_A_UNIT = 8  # `Each 5 mL of oral suspension contains`
_TOKENS_BEHIND_A_BRAND = 6  # a sign and a strength
WORDS_BELOW_A_TITLE = 6


def read_name(tokens: Tokens, first: int, after: int) -> Name | Finding:
    """The name in the first line of a generic-name field; several pronunciations are joined with `; `."""
    first, end = next(iter(lines(tokens, first, after)), (first, after))
    end = _before_other_label(tokens, first, end)
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
    is_name = any(map(str.isalpha, name)) and ":" not in name
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
    stems = [at for at in words if _has_stem(tokens, at, at + 1)]
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
    return _has_stem(tokens, *name) and not _has_stem(tokens, *other)


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
    is_phrase = not name_words_with_role("no name").isdisjoint(words)
    return known[1] > first and not (is_class or is_form or is_phrase or is_about_the_product(tokens, first, after))


def _is_product(tokens: Tokens, first: int, after: int) -> bool:
    """Whether words name a product: a trademark sign, a strength or a form is among them."""
    has_sign = any(tokens.keys[at] in TRADE_SIGNS for at in range(first, after))
    return has_sign or name_span(tokens, first, after)[1] < after


def _has_stem(tokens: Tokens, first: int, after: int) -> bool:
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
    return _has_stem(tokens, first, after) or not name_words_with_role("salt").isdisjoint(
        words_between(tokens, first, after)
    )


# --- the text beside the title


def substance_below(monograph: Monograph, tokens: Tokens) -> Name | None:
    """The substance that the lines below a product's title, its active ingredients or its first sentences name."""
    return (
        _named_below(monograph, tokens)
        or _named_with_route(monograph, tokens)
        or _named_behind_brand(monograph, tokens)
        or named_by_ingredients(monograph, tokens)
        or named_by_composition(monograph, tokens)
        or named_by_each_unit(monograph, tokens)
        or _named_by_contents(monograph, tokens)
        or _named_in_sentence(monograph, tokens)
        or _named_among_ingredients(monograph, tokens)
    )


def _named_below(monograph: Monograph, tokens: Tokens) -> Name | None:
    """What lines of their own below the title of a product name: `(exemplum)`, `exemplum`, or names with amounts."""
    title = tokens.span(monograph.title)
    if not _is_product(tokens, *title) and not is_canadian(tokens, title[0]):
        return None
    section = monograph.sections[0] if monograph.sections else None
    if section is None or section.code != "overview" or section.body.start < monograph.title.start:
        return None
    own = tokens.keys[title[0]]
    listed = list(lines(tokens, *tokens.span(section.body)))
    while listed and tokens.keys[listed[0][0]] == own and not is_prose(tokens, *listed[0]):
        del listed[0]  # `EXEMPLAN 10 mg`, `EXEMPLAN 20 mg`
    below = listed[:LINES_BELOW_A_TITLE]
    for start, end in below:
        if tokens.kinds[start] == BULLET or tokens.keys[start] == "-":
            break
        is_bracketed = tokens.keys[start] in OPENS and tokens.keys[end - 1] == OPENS[tokens.keys[start]]
        inner = (start + 1, end - 1) if is_bracketed else (start, without_form(tokens, start, end))
        forms = form_pieces(tokens, start, end)
        begins_as_form = (
            bool(forms) and forms[0].first == start and gives_form(forms[0])
        )  # `Solution for injection in pre-filled pen`
        substance = longest_substance(tokens, *inner)
        if substance is not None and not begins_as_form and _is_form_behind(tokens, substance[1], end):
            return bare_name(tokens, *substance)
        if can_be_name(tokens, *inner) and not begins_as_form:
            return bare_name(tokens, *inner) if is_bracketed or is_generic(monograph, tokens, *inner) else None
        if not is_bracketed and _begins_substance(tokens, start, end):
            return joined_name(tokens, [each for line in below if line[0] >= start for each in _dosed(tokens, *line)])
        if not (is_bracketed or _is_about_product(tokens, start, end)):
            break
    return None


def _is_form_behind(tokens: Tokens, first: int, after: int) -> bool:
    """Whether words behind a substance say no more than its form, up to a bracket or an amount: `tablets (5 mg)`."""
    end = next((at for at in range(first, after) if tokens.keys[at] in OPENS or tokens.kinds[at] == NUMBER), after)
    is_list = end == first and end < after  # `Exemplum 10 mg, alterum 5 mg`
    return not is_list and without_form(tokens, first, end) == first


def _is_about_product(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a line below a title says no more than its form, or the product again."""
    is_form = without_form(tokens, first, after) == first
    return is_form or (_is_product(tokens, first, after) and not is_prose(tokens, first, after))


def _dosed(tokens: Tokens, first: int, after: int) -> Iterator[Span | None]:
    """The substances of a line that is a list of them with their amounts."""
    if _begins_substance(tokens, first, after):
        yield from substances_at_amounts(tokens, first, after)


def _named_with_route(monograph: Monograph, tokens: Tokens) -> Name | None:
    """The name in capitals with its route on a line of its own, of a page whose title is a brand: `EXEMPLUM - ORAL`."""
    first, after = tokens.span(monograph.title)
    own = fold(tokens.plain(first, after))
    if not any(fold(brand.text) == own for brand in brands_in_sections(monograph, tokens, "")):
        return None
    for section in monograph.sections:
        for start, end in lines(tokens, *tokens.span(section.body)) if section.code == "overview" else ():
            dash = next((at for at in range(start + 1, end - 1) if tokens.keys[at] == "-"), end)
            is_routed = dash < end and with_role("name_words", "bracket").whole(tokens, dash + 1, end) is not None
            if is_routed and tokens.plain(start, dash).isupper() and can_be_name(tokens, start, dash):
                return bare_name(tokens, start, dash)
    return None


def _begins_substance(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a line lists names with their amounts behind them, and no form: `Exemplum 40 mg, alterum 30 mg`."""
    amount = before_amount(tokens, first, after)
    has_form = any(gives_form(piece) for piece in form_pieces(tokens, first, after))
    return amount < after and not has_form and can_be_name(tokens, first, amount) and not is_prose(tokens, first, after)


def _named_behind_brand(monograph: Monograph, tokens: Tokens) -> Name | None:
    """The name in small letters in a bracket behind the title's own words in the text: `Exemplan (exemplum) is …`."""
    first, after = name_span(tokens, *tokens.span(monograph.title))
    own = tokens.keys[first:after]
    if not own:
        return None
    if has_prefix_of_canada(tokens, first):
        own = [own[0].removeprefix(PREFIX_OF_CANADA.lower()), *own[1:]]
    verbs = with_role("title_words", "verb")
    begin, end = stretch_read(monograph, tokens)
    form = tokens.keys[after : tokens.span(monograph.title)[1]]  # `EXEMPLAN ODT (exemplum) tablets contain`
    for at in range(begin, end - len(own) - 1):
        if tokens.keys[at] != own[0] or tokens.keys[at : at + len(own)] != own:
            continue
        opens = at + len(own)
        opens += len(form) if opens + len(form) < end and tokens.keys[opens : opens + len(form)] == form else 0
        opens = _behind_amount(tokens, opens, end)
        alias = _alias(tokens, opens, end) or _apposition(tokens, opens, end)
        if alias is not None:
            return bare_name(tokens, *alias)
        if tokens.keys[opens] != "(":
            continue
        bracket = next(brackets_in(tokens, opens, min(end, opens + 2 * WORDS_BELOW_A_TITLE)), None)
        if bracket is None or bracket.after >= end:
            continue
        inner = name_span(tokens, *bracket.inner)
        is_small = tokens.printed_case(inner[0])[0].islower()
        is_said_of = verbs.longest(tokens, bracket.after, end) is not None or has_stem_or_salt(tokens, *inner)
        is_said_of = is_said_of or names_substance(tokens, *inner)
        is_salt = with_role("name_words", "after substance").longest(tokens, *inner) is not None  # `(as sodium)`
        is_said_of = is_said_of and is_small and not is_salt
        if is_said_of and can_be_name(tokens, *inner) and pronunciation_in(tokens, *inner) is None:
            return bare_name(tokens, *inner)
    return None


def _alias(tokens: Tokens, first: int, after: int) -> Span | None:
    """The name in small letters behind words that give it: `, also known as exemplum, is`, `the brand name for`."""
    lead = with_role("name_words", "alias").longest(tokens, first + (tokens.keys[first] == ","), after)
    start = lead[1] + (lead[1] < after and tokens.keys[lead[1]] == ",") if lead is not None else after
    if start >= after or not tokens.printed_case(start)[0].islower():
        return None
    end = start
    while end < after and tokens.kinds[end] == WORD and tokens.printed_case(end).islower():
        if with_role("title_words", "verb").longest(tokens, end, after) is not None:
            break
        end += 1
    is_ended = end < after and (tokens.keys[end] in (",", ".", ")", "(") or tokens.kinds[end] == WORD)
    return (start, end) if is_ended and can_be_name(tokens, start, end) else None


def _apposition(tokens: Tokens, first: int, after: int) -> Span | None:
    """The substance between commas behind a brand: `Exemplan®, Typhoid Vi Polysaccharide Vaccine, is`."""
    while first < after and tokens.keys[first] in TRADE_SIGNS:
        first += 1
    if first >= after or tokens.keys[first] != ",":
        return None
    last = min(after, first + 2 + 2 * WORDS_BELOW_A_TITLE)
    end = next((at for at in range(first + 1, last) if tokens.keys[at] in (",", ".", "(")), first)
    is_name = names_substance(tokens, first + 1, end) and not is_prose(tokens, first + 1, end)
    return (first + 1, end) if is_name else None


def _behind_amount(tokens: Tokens, at: int, after: int) -> int:
    """The token behind a sign and the strength of a product: `® 0.15/30-28`."""
    end = min(at + _TOKENS_BEHIND_A_BRAND, after - 1)
    while at < end and (tokens.kinds[at] == NUMBER or tokens.keys[at] in TRADE_SIGNS | {"/", "-"}):
        at += 1
    return at


def _named_in_sentence(monograph: Monograph, tokens: Tokens) -> Name | None:
    """The substance that a sentence calls the active one: `The active substance is` …."""
    first, after = stretch_read(monograph, tokens)
    for _, start, _ in with_role("name_words", "active").find(tokens, first, after):
        end = start
        while end < after and tokens.keys[end] not in (".", ";", ":", "(") and tokens.kinds[end] not in (BREAK, BULLET):
            if tokens.keys[end] in ("which", "and") and tokens.keys[end - 1] == ",":
                break
            end += 1
        begin = start + (tokens.keys[start] in (":", ","))
        cut = next((at for at in range(begin, end) if tokens.kinds[at] == NUMBER), end)
        span = name_span(tokens, begin, cut)
        if 0 < len(words_between(tokens, *span)) <= 2 * WORDS_BELOW_A_TITLE and not is_prose(tokens, *span):
            return bare_name(tokens, *span)
    return None


def _named_among_ingredients(monograph: Monograph, tokens: Tokens) -> Name | None:
    """The substance that a leaflet calls an ingredient: `allergic to exemplum or any of the other ingredients`."""
    first, after = stretch_read(monograph, tokens)
    others = with_role("name_words", "other ingredients")
    for _, start, _ in with_role("name_words", "allergic").find(tokens, first, after):
        end = start
        while end < min(after, start + WORDS_BELOW_A_TITLE) and tokens.kinds[end] == WORD:
            if others.longest(tokens, end, after) is not None:
                break
            end += 1
        is_named = start < end < after and others.longest(tokens, end, after) is not None
        if is_named and can_be_name(tokens, start, end) and tokens.plain(start, end).islower():
            return bare_name(tokens, start, end) if has_stem_or_salt(tokens, start, end) else None
    return None


def named_by_doses(monograph: Monograph, tokens: Tokens) -> Span | None:
    """The one name with a capital that stands before amounts twice or more: `Exemplimycin 500 mg once`."""
    first, after = stretch_read(monograph, tokens)
    found: dict[str, list[int]] = {}
    number = tokens.kinds.find(NUMBER, first + 1, after - 1)
    while number >= 0:
        at = number - 1
        is_name = tokens.kinds[at] == WORD and tokens.printed_case(at)[0].isupper() and _has_stem(tokens, at, number)
        if is_name and has_unit(tokens, number, after):
            found.setdefault(tokens.keys[at], []).append(at)
        number = tokens.kinds.find(NUMBER, number + 1, after - 1)
    places = next(iter(found.values())) if len(found) == 1 else []
    return (places[0], places[0] + 1) if len(places) > 1 else None


def named_by_mentions(monograph: Monograph, tokens: Tokens) -> Span | None:
    """The substance with which the title, lines or sentences begin, and which the text names most often by far.

    It counts as what the text speaks of if it stands twice, and no other such substance half as often. In a title it
    may stand behind other words if an amount follows: `EXEMPLAN Exemplum 5 mg tablets`.
    """
    first, after = stretch_read(monograph, tokens)
    title = tokens.span(monograph.title)
    counts = Counter(key for key in tokens.keys[first:after] if len(key) >= _SHORTEST_MENTION and key.isalpha())
    found: dict[str, Span | None] = {}
    for at in range(first, after):
        key = tokens.keys[at]
        if counts[key] < _FEWEST_MENTIONS or found.get(key) is not None:
            continue
        in_title = title[0] <= at < title[1] and before_amount(tokens, at, title[1]) < title[1]
        if at == first or in_title or _begins_sentence(tokens, at, after):
            span = _joined_substances(tokens, at, after) if key not in found else None
            found[key] = span if span is not None and can_be_name(tokens, *span) else None
    named = {key: span for key, span in found.items() if span is not None}
    most = max(named, key=lambda key: counts[key], default="")
    is_alone = all(2 * counts[key] <= counts[most] for key in named if key != most)
    if not named or not is_alone:
        return None
    near = len(range(*named[most])) + 1
    often = {key for key, count in counts.items() if 2 * count >= counts[most]} - {most}
    joined = (
        _joined_around(tokens, at, after)
        for at in range(first + 1, after)
        if tokens.keys[at] == most
        and not _joints().isdisjoint(tokens.keys[at - 1 : at + near])
        and not often.isdisjoint(tokens.keys[max(first, at - near - 1) : at + 2 * near])
    )
    beside = (span for span in joined if span is not None and _are_as_frequent(tokens, span, counts, most))
    return next(beside, named[most])


@cache
def _joints() -> frozenset[str]:
    """The words and marks that join two substances."""
    return name_words_with_role("joins") | {"/", "+", "&"}


def _are_as_frequent(tokens: Tokens, span: Span, counts: Counter[str], most: str) -> bool:
    """Whether a substance that is joined to the one which a text names most stands at least half as often."""
    others = _joints() | name_words_with_role("salt") | {most}
    words = [key for key in tokens.keys[slice(*span)] if key.isalpha() and key not in others]
    return any(2 * counts[key] >= counts[most] for key in words)


def _joined_around(tokens: Tokens, at: int, after: int) -> Span | None:
    """The substances that are joined to the one at a token, behind it or before it: `exemplum and alterum`."""
    own, joined = longest_substance(tokens, at, after), _joined_substances(tokens, at, after)
    if own is None or joined is None:
        return None
    for begin in range(max(0, at - LONGEST_SUBSTANCE), at - 1 if tokens.keys[at - 1] in _joints() else 0):
        around = _joined_substances(tokens, begin, joined[1])
        if around is not None and around[1] == joined[1]:
            return around
    return joined if joined[1] > own[1] else None


def _begins_sentence(tokens: Tokens, at: int, after: int) -> bool:
    """Whether a sentence or a line begins, but no item of a composition, which has an amount: `Exemplum 5 mg`."""
    before = tokens.kinds[at - 1]
    if before not in (BREAK, BULLET):
        return tokens.keys[at - 1] == "." and not tokens.is_tight(at)
    line = tokens.kinds.find(BREAK, at, after)
    end = min(line if line >= 0 else after, at + _LONGEST_ITEM)
    amount = next((no for no in range(at, end) if tokens.kinds[no] == NUMBER and has_unit(tokens, no, end)), end)
    return amount == end or any(gives_form(piece) for piece in form_pieces(tokens, amount, end))  # `Exemplum 5% cream`


def _joined_substances(tokens: Tokens, first: int, after: int) -> Span | None:
    """The names of substances, one or joined by `and` or a stroke, with which words begin."""
    span = longest_substance(tokens, first, after)
    while span is not None and span[1] < after:
        joint = with_role("name_words", "joins").longest(tokens, span[1], after)
        begin = joint[1] if joint is not None else span[1] + (tokens.keys[span[1]] in _joints())
        following = longest_substance(tokens, begin, after) if begin > span[1] else None
        if following is None:
            return span
        span = first, following[1]
    return span


def longest_substance(tokens: Tokens, first: int, after: int) -> Span | None:
    """The longest name of a substance of the list with which words begin."""
    last = min(after, first + LONGEST_SUBSTANCE + 1)
    line = next((at for at in range(first, last) if tokens.kinds[at] == BREAK), last)
    mark = next((at for at in range(first, line) if tokens.keys[at] == "," or tokens.keys[at] in OPENS), line)
    end = without_form(tokens, first, mark)
    ends = range(min(end, first + LONGEST_SUBSTANCE), first, -1)
    return next(((first, end) for end in ends if tokens.is_substance(as_printed(tokens, first, end))), None)


# --- lists of ingredients and amounts


def named_by_ingredients(monograph: Monograph, tokens: Tokens) -> Name | None:
    """The active ingredients that a section lists, each without its amount; None if one cannot be told."""
    for section in monograph.sections:
        if section.code == "active_ingredient" and section.body:
            return joined_name(tokens, list(_listed_ingredients(tokens, section)))
    return None


def _listed_ingredients(tokens: Tokens, section: Section) -> Iterator[Span | None]:
    for start, end in lines(tokens, *tokens.span(section.body)):
        if tokens.keys[end - 1] == ":" and with_role("name_words", "basis").longest(tokens, start, end) is not None:
            continue  # `per 15 ml:`
        at = _behind_lead(tokens, _without_titles(tokens, start + (tokens.kinds[start] == BULLET), end), end)
        bare = end - (tokens.keys[end - 1] == ".")
        if any(tokens.kinds[no] == NUMBER and has_unit(tokens, no, bare) for no in range(at + 1, bare)):
            yield from substances_at_amounts(tokens, at, bare)
        elif can_be_name(tokens, at, bare):
            yield at, bare
        else:
            return


def _behind_lead(tokens: Tokens, first: int, after: int) -> int:
    """The first token behind a colon that stands before all amounts: `equal amounts of: Exemplum 3X`."""
    number = next((at for at in range(first, after) if tokens.kinds[at] == NUMBER), first)
    return next((at + 1 for at in range(first, number) if tokens.keys[at] == ":"), first)


def _without_titles(tokens: Tokens, first: int, after: int) -> int:
    """The first token behind titles and brackets at the beginning: `Active ingredient (in each caplet)`."""
    titles = vocabulary("section_titles")
    while first < after:
        bracket = next(brackets_in(tokens, first, after), None)
        title = titles.longest(tokens, first, after)
        if bracket is not None and bracket.first == first:
            first = bracket.after
        elif title is not None and title[1] < after:
            first = title[1]
        elif tokens.keys[first] in ENDS_OF_NAMES:
            first += 1
        else:
            return first
    return first


def named_by_composition(monograph: Monograph, tokens: Tokens) -> Name | None:
    """The substances of a product's composition: `contains 5 mg of exemplum and 2 mg of alterum`, `Exemplum (5 mg)`."""
    is_named = any(section.code == "product_name" for section in monograph.sections)
    is_named = is_named or _is_product(tokens, *tokens.span(monograph.title))
    own = fold(monograph.title.text)
    for section in monograph.sections:
        if section.code == "composition" and section.body:
            first, after = tokens.span(section.body)
            if not is_named and tokens.keys[first] != "each" and not fold(section.body.text).startswith(f"{own} "):
                return None
            start = next((end for _, end, _ in with_role("name_words", "contains").find(tokens, first, after)), first)
            end = next((at for at in range(start, after) if _ends_sentence(tokens, at)), after)
            return joined_name(tokens, list(substances_at_amounts(tokens, start, end)))
    return None


def named_by_each_unit(monograph: Monograph, tokens: Tokens) -> Name | None:
    """The substances of a product that a paragraph without heading lists: `Each tablet contains: Exemplum 10 mg` ….

    The lines below go on with the list while they are names with amounts.
    """
    for section in monograph.sections:
        if section.code != "overview" or not section.body:
            continue
        first, after = tokens.span(section.body)
        for begin, start, _ in with_role("name_words", "contains").find(tokens, first, after):
            if "each" not in tokens.keys[max(first, begin - _WORDS_OF_A_UNIT) : begin]:
                continue
            listed = start + (start < after and tokens.keys[start] == ":")
            return joined_name(tokens, list(_substances_in_lines(tokens, listed, after)))
    return None


def _substances_in_lines(tokens: Tokens, first: int, after: int) -> Iterator[Span | None]:
    """The substances of a list that begins at a token, up to the first line below without an amount."""
    for line, end in lines(tokens, first, after):
        has_amount = any(tokens.kinds[no] == NUMBER and has_unit(tokens, no, end) for no in range(line, end))
        if not has_amount or (line > first and is_prose(tokens, line, end)):
            return
        stop = next((at for at in range(line, end) if _ends_sentence(tokens, at)), end)
        yield from substances_at_amounts(tokens, line, stop)


def _named_by_contents(monograph: Monograph, tokens: Tokens) -> Name | None:
    """The one substance that the forms of a product contain by its summary: `Each tablet contains 200 mg exemplum`."""
    if all(section.code != "product_name" for section in monograph.sections):
        return None
    first, after = stretch_read(monograph, tokens)
    found: dict[str, Span] = {}
    for _, start, _ in with_role("name_words", "contains").find(tokens, first, after - 2):
        if tokens.kinds[start] != NUMBER or not has_unit(tokens, start, after):
            continue
        unit = vocabulary("unit_synonyms").longest(tokens, start + 1, after)
        begin = unit[1] if unit is not None else start + 1
        begin += begin < after and tokens.keys[begin] == "of"
        end = begin
        while end < after and tokens.kinds[end] == WORD and not _ends_substance(tokens, end, after):
            end += 1
        if end > begin:
            found.setdefault(fold(tokens.plain(begin, end)), (begin, end))
    span = next(iter(found.values())) if len(found) == 1 else None
    is_name = span is not None and can_be_name(tokens, *span) and has_stem_or_salt(tokens, *span)
    return bare_name(tokens, *span) if span is not None and is_name else None


def _ends_sentence(tokens: Tokens, at: int) -> bool:
    if tokens.kinds[at] == BULLET or at + 1 >= len(tokens):
        return True
    is_initial = at > 0 and tokens.kinds[at - 1] == WORD and len(tokens.keys[at - 1]) == 1 and tokens.is_tight(at)
    is_stop = tokens.keys[at] == "." and not is_initial
    return is_stop and (tokens.kinds[at + 1] == BREAK or not tokens.is_tight(at + 1))


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


def substances_at_amounts(tokens: Tokens, first: int, after: int) -> Iterator[Span | None]:
    """The name at each amount between two tokens; None if one cannot be told."""
    amounts = [at for at in range(first, after) if tokens.kinds[at] == NUMBER and has_unit(tokens, at, after)]
    used = first
    lead = with_role("name_words", "after substance")
    for no, at in enumerate(amounts):
        unit = vocabulary("unit_synonyms").longest(tokens, at + 1, after)
        end = unit[1] if unit is not None else at + 1
        limit = amounts[no + 1] if no + 1 < len(amounts) else after
        if _is_excipient(tokens, end, after):
            used = end
            continue
        if tokens.keys[at - 1] == "(" and at > first:
            named = _name_before(tokens, first, at - 1)
            if no == 0 or named[0] > amounts[no - 1] + 1:  # else the amount before is said again
                yield _substance(tokens, *named)
            continue
        is_of = end < limit and tokens.keys[end] == "of"
        stop = next((no for no in range(end + is_of, limit) if _ends_substance(tokens, no, limit)), limit)
        before = _name_before(tokens, used, at)
        is_inside = _is_in_remark(tokens, used, at)
        if no and (is_inside or lead.longest(tokens, *before) is not None):
            continue  # `100 units of exemplum (equivalent to 3.5 mg)`, `2 mg of exemplum in 0.5 mL`
        if no or "of" in tokens.keys[slice(*before)]:
            before = _behind_purpose(tokens, *before), before[1]
        span = (end + is_of, stop) if is_of or not words_between(tokens, *before) else before
        if no and not words_between(tokens, *span):
            continue  # `Exemplum 6X, 12X`
        used = max(span[1], end)
        yield _substance(tokens, *span)


def _is_excipient(tokens: Tokens, at: int, after: int) -> bool:
    """Whether a bracket behind an amount says that its substance does not act: `0.1% w/w (as preservative)`."""
    if at >= after or tokens.keys[at] != "(":
        return False
    return with_role("name_words", "excipient").longest(tokens, at + 1, after) is not None


def _is_in_remark(tokens: Tokens, first: int, at: int) -> bool:
    """Whether an amount stands in a bracket that is open, with no name before it: `6X HPUS (0.4 mg a pellet)`."""
    opened = next((no for no in range(at - 1, first - 1, -1) if tokens.keys[no] in OPENS), at)
    is_open = opened < at and OPENS[tokens.keys[opened]] not in tokens.keys[opened:at]
    legal = with_role("name_words", "pharmacopoeia")
    return is_open and (opened == first or legal.whole(tokens, first, opened) is not None)


def _behind_purpose(tokens: Tokens, first: int, after: int) -> int:
    """Where a substance begins behind other words: `0.25% Lubricant Exemplum glycol`, `equal parts of Exemplum 3X`."""
    if tokens.is_substance(as_printed(tokens, first, after)):
        return first
    for at in range(max(first + 1, after - LONGEST_SUBSTANCE), after):
        is_apart = tokens.keys[at - 1] == "of" or tokens.printed_case(at)[0].isupper()
        is_salt = at == after - 1 and tokens.keys[at] in name_words_with_role("salt")
        if is_apart and not is_salt and tokens.is_substance(as_printed(tokens, at, after)):
            return at
    return first


def _substance(tokens: Tokens, first: int, after: int) -> Span | None:
    """The name of a substance, without what its brackets say; None if the words are more than a name."""
    first, after = without_marks(tokens, first, after)
    bracket = next(brackets_in(tokens, first, after), None)
    after = bracket.first if bracket is not None and bracket.after == after else after
    after = without_legal(tokens, first, after)
    bare = without_form(tokens, first, after)
    after = bare if tokens.is_substance(as_printed(tokens, first, bare)) else after  # `exemplum solution 4.0% w/v`
    marks = {tokens.keys[at] for at in range(first, after) if tokens.kinds[at] == MARK}
    words = words_between(tokens, first, after)
    is_name = 0 < len(words) <= WORDS_BELOW_A_TITLE and marks <= {"-", "'", "/"}
    is_name = is_name and name_words_with_role("no name").isdisjoint(words)
    is_name = is_name and (
        NUMBER not in tokens.kinds[first:after] or tokens.is_substance(as_printed(tokens, first, after))
    )
    span = without_marks(tokens, first, after)
    is_unit = vocabulary("unit_synonyms").whole(tokens, *span) is not None
    return span if is_name and not is_unit and not is_prose(tokens, first, after) else None


def _ends_substance(tokens: Tokens, at: int, limit: int) -> bool:
    is_mark = tokens.keys[at] in ENDS_OF_ITEMS or tokens.keys[at] in OPENS or tokens.kinds[at] == NUMBER
    is_mark = is_mark or (tokens.kinds[at] == BREAK and tokens.kinds[at - 1] == WORD and tokens.keys[at - 1] != "of")
    return is_mark or with_role("name_words", "after substance").longest(tokens, at, limit) is not None


def _name_before(tokens: Tokens, first: int, at: int) -> Span:
    """The name that ends before a token: back to the last separator, without a pharmacopoeia or `equivalent to`."""
    at = without_legal(tokens, first, at)
    while at > first and tokens.keys[at - 1] in ENDS_OF_NAMES:
        at -= 1
    start = at
    while start > first and not _begins_item(tokens, first, start):
        start -= 1
    joint = with_role("name_words", "joins").longest(tokens, start, at)
    start = joint[1] if joint is not None else start
    start += start < at and tokens.keys[start] in ("+", "&")
    behind = with_role("name_words", "after substance").find(tokens, start + 1, at)
    return start, next((no for no, _, _ in behind), at)


def _begins_item(tokens: Tokens, first: int, at: int) -> bool:
    """Whether a token begins an item: behind a separator, or on a line of its own behind an amount and its remark."""
    kind_before = tokens.kinds[at - 1]
    is_line = kind_before == SOFT_BREAK and at - 1 > first and tokens.printed_case(at)[0].isupper()
    is_line = is_line and tokens.keys[first] in ENDS_OF_NAMES
    is_joined = tokens.keys[at - 1] in ("and", "+", "&", "plus") and at - 2 > first and tokens.keys[at - 2] == ")"
    remark = next(brackets_in(tokens, first, at), None)  # `200 mg (NSAID) pseudoephedrine 30 mg`
    is_joined = is_joined or (remark is not None and (remark.first, remark.after) == (first, at))
    return is_line or is_joined or tokens.keys[at - 1] in ENDS_OF_ITEMS or kind_before in (BREAK, BULLET)
