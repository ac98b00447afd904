"""The generic name that the text beside a product's title gives, its sentences, or what it names most often.

    below the title = "(" name ")" | name | list               on a line of its own
    behind a brand  = brand [ amount ] "(" name ")" verb       Exemplan (exemplum) is …
                    | brand "," alias name                     Exemplan, also known as exemplum, is …
    sentence        = `the active substance is` name …
    doses           = { name amount }                          Exemplimycin 500 mg once, twice or more
    mentions        = { name … }                               what lines and sentences begin with, and most name

The surest source counts: lines below the title before lists of ingredients, these before sentences.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache

from pipelines.lexer import BREAK, BULLET, NUMBER, WORD, Span, Tokens, lines
from pipelines.lexicon import PREFIX_OF_CANADA, has_prefix_of_canada, vocabulary, with_role
from pipelines.normalize.brand_names import (
    LINES_BELOW_A_TITLE,
    brands_in_sections,
    is_canadian,
)
from pipelines.normalize.dose_forms import form_pieces
from pipelines.normalize.generic_names import (
    LONGEST_SUBSTANCE,
    WORDS_BELOW_A_TITLE,
    bare_name,
    can_be_name,
    has_stem,
    has_stem_or_salt,
    is_generic,
    is_product,
    joined_name,
    longest_substance,
)
from pipelines.normalize.ingredient_names import (
    named_by_composition,
    named_by_contents,
    named_by_each_unit,
    named_by_ingredients,
    substances_at_amounts,
)
from pipelines.normalize.name_words import (
    OPENS,
    TRADE_SIGNS,
    before_amount,
    brackets_in,
    gives_form,
    has_unit,
    is_about_the_product,
    is_prose,
    name_span,
    name_words_with_role,
    names_substance,
    pronunciation_in,
    stretch_read,
    without_form,
    without_legal,
    words_between,
)
from pipelines.records import Monograph, Name
from schemas.codes.folding import fold

_LONGEST_ITEM = 24  # tokens of a composition's item up to its amount
_FEWEST_MENTIONS = 2
_SHORTEST_MENTION = 5  # letters of the first word
_TOKENS_BEHIND_A_BRAND = 6  # a sign and a strength


def substance_below(monograph: Monograph, tokens: Tokens) -> Name | None:
    """The substance that the lines below a product's title, its active ingredients or its first sentences name."""
    return (
        _named_below(monograph, tokens)
        or _named_with_route(monograph, tokens)
        or _named_behind_brand(monograph, tokens)
        or named_by_ingredients(monograph, tokens)
        or named_by_composition(monograph, tokens)
        or named_by_each_unit(monograph, tokens)
        or named_by_contents(monograph, tokens)
        or _named_in_sentence(monograph, tokens)
        or _named_among_ingredients(monograph, tokens)
    )


def _named_below(monograph: Monograph, tokens: Tokens) -> Name | None:
    """What lines of their own below the title of a product name: `(exemplum)`, `exemplum`, or names with amounts."""
    title = tokens.span(monograph.title)
    if not is_product(tokens, *title) and not is_canadian(tokens, title[0]):
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
    return is_form or (is_product(tokens, first, after) and not is_prose(tokens, first, after))


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
    for begun, start, _ in with_role("name_words", "active").find(tokens, first, after):
        if begun > first and tokens.keys[begun - 1] == "-":
            continue  # `Non-medicinal ingredients:`
        end = start
        while end < after and tokens.keys[end] not in (".", ";", ":", "(") and tokens.kinds[end] not in (BREAK, BULLET):
            if tokens.keys[end] in ("which", "and") and tokens.keys[end - 1] == ",":
                break
            behind = with_role("name_words", "after substance").longest(tokens, end, after) if end > start else None
            if behind is not None and "joins" not in behind[0]["roles"].split("; "):
                break  # `telmisartan and hydrochlorothiazide in one tablet`
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
        is_name = tokens.kinds[at] == WORD and tokens.printed_case(at)[0].isupper() and has_stem(tokens, at, number)
        if is_name and has_unit(tokens, number, after):
            found.setdefault(tokens.keys[at], []).append(at)
        number = tokens.kinds.find(NUMBER, number + 1, after - 1)
    places = next(iter(found.values())) if len(found) == 1 else []
    return (places[0], places[0] + 1) if len(places) > 1 else None


def named_in_front(monograph: Monograph, tokens: Tokens) -> Span | None:
    """The one substance that a line right below the title is, with its form and amount at most: `Exemplum 5 mg tablet`.

    It names the drug of a page whose title is a brand, or the name of the page.
    """
    section = monograph.sections[0] if monograph.sections else None
    if section is None or section.code != "overview" or section.body.start < monograph.title.start:
        return None
    found: dict[str, Span] = {}
    for start, end in list(lines(tokens, *tokens.span(section.body)))[:LINES_BELOW_A_TITLE]:
        bracket = next(brackets_in(tokens, start, end), None)
        is_bracket = bracket is not None and bracket.first == start  # `(exemplum) injection`
        first, last = bracket.inner if bracket is not None and is_bracket else (start, end)
        span = _joined_substances(tokens, first, last)
        behind = (bracket.after, end) if bracket is not None and is_bracket else (span[1] if span else end, end)
        is_whole = span is not None and (span[1] == last or not is_bracket)
        is_product = _is_product_behind(tokens, *behind) or (is_bracket and _begins_as_form(tokens, *behind))
        if span is not None and is_whole and can_be_name(tokens, *span) and is_product:
            found.setdefault(fold(tokens.plain(*span)), span)
    return next(iter(found.values())) if len(found) == 1 else None


def _begins_as_form(tokens: Tokens, first: int, after: int) -> bool:
    forms = form_pieces(tokens, first, after) if first < after else []
    return bool(forms) and forms[0].first == first and gives_form(forms[0])


def _is_product_behind(tokens: Tokens, first: int, after: int) -> bool:
    """Whether words behind a substance are its amount, form and status, and no more: `5 mg tablets (Rx)`."""
    after = without_legal(tokens, first, after) if first < after else after
    if first < after and tokens.kinds[first] == NUMBER:
        first = next((at for at in range(first, after) if not _is_of_amount(tokens, at, after)), after)
    end = next((at for at in range(first, after) if tokens.keys[at] in OPENS or tokens.kinds[at] == NUMBER), after)
    bracket = next(brackets_in(tokens, end, after), None)
    if bracket is not None and with_role("name_words", "after substance").longest(tokens, *bracket.inner) is not None:
        return _is_product_behind(tokens, bracket.after, after)  # `(as valerate ester) 0.1% cream`
    is_closed = bracket is None or is_about_the_product(tokens, *bracket.inner) or has_unit(tokens, end + 1, after)
    return without_form(tokens, first, end) == first and is_closed


def _is_of_amount(tokens: Tokens, at: int, after: int) -> bool:
    is_mark = tokens.keys[at] in ("/", "+", "-", ",", "%")
    return is_mark or tokens.kinds[at] == NUMBER or vocabulary("unit_synonyms").longest(tokens, at, after) is not None


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
    salts = name_words_with_role("salt")  # `Sodium content`, unless the title says so
    named = {
        key: span
        for key, span in found.items()
        if span is not None and (span[1] - span[0] > 1 or key not in salts or key in tokens.keys[slice(*title)])
    }
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
        if tokens.keys[span[1]] == "or":
            return span  # one drug or the other
        begin = joint[1] if joint is not None else span[1] + (tokens.keys[span[1]] in _joints())
        following = longest_substance(tokens, begin, after) if begin > span[1] else None
        if following is None:
            return span
        span = first, following[1]
    return span
