"""The generic name of a drug whose ingredients are listed: in a composition, active ingredients, or `Each tablet`.

    list = { name amount | amount [ `of` ] name }              Each tablet contains: Exemplum 10 mg, alterum 5 mg

Of a list each name must be told, or none is. What a bracket calls a preservative is no ingredient.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.lexer import BREAK, BULLET, MARK, NUMBER, SOFT_BREAK, WORD, Span, Tokens, lines
from pipelines.lexicon import vocabulary, with_role
from pipelines.normalize.dose_words import role_of
from pipelines.normalize.generic_names import (
    LONGEST_SUBSTANCE,
    WORDS_BELOW_A_TITLE,
    bare_name,
    can_be_name,
    has_stem_or_salt,
    is_product,
    joined_name,
)
from pipelines.normalize.name_words import (
    ENDS_OF_ITEMS,
    ENDS_OF_NAMES,
    OPENS,
    as_printed,
    brackets_in,
    has_unit,
    is_prose,
    name_words_with_role,
    stretch_read,
    without_form,
    without_legal,
    without_marks,
    words_between,
)
from pipelines.normalize.product_marks import begins_content, begins_excipients, product_words
from pipelines.records import Monograph, Name, Section
from schemas.codes.folding import fold

_WORDS_OF_A_UNIT = 8  # `Each 5 mL of oral suspension contains`


def named_by_ingredients(monograph: Monograph, tokens: Tokens) -> Name | None:
    """The active ingredients that a section lists, each without its amount; None if one cannot be told."""
    for section, below in zip(monograph.sections, [*monograph.sections[1:], None], strict=False):
        if section.code == "active_ingredient" and section.body:
            return joined_name(tokens, list(_listed_ingredients(tokens, section)))
        if section.code == "active_ingredient" and below is not None and below.code == "otc_purpose":
            return joined_name(tokens, list(_listed_ingredients(tokens, below)))  # both headings stand above the list
    return None


def _listed_ingredients(tokens: Tokens, section: Section) -> Iterator[Span | None]:
    has_amounts = False
    last = 0
    for start, end in lines(tokens, *tokens.span(section.body)):
        if last and not has_amounts and start - last > 1:
            return  # a gap ends names without amounts
        if tokens.keys[end - 1] == ":" and with_role("name_words", "basis").longest(tokens, start, end) is not None:
            continue  # `per 15 ml:`
        at = _behind_lead(tokens, _without_titles(tokens, start + (tokens.kinds[start] == BULLET), end), end)
        bare = end - (tokens.keys[end - 1] == ".")
        if any(tokens.kinds[no] == NUMBER and has_unit(tokens, no, bare) for no in range(at + 1, bare)):
            has_amounts = True
            yield from substances_at_amounts(tokens, at, bare, is_active=True)
        elif not has_amounts and can_be_name(tokens, at, bare):
            yield at, bare
            last = end
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
    is_named = is_named or is_product(tokens, *tokens.span(monograph.title))
    own = fold(monograph.title.text)
    for section in monograph.sections:
        if section.code == "composition" and section.body:
            first, after = tokens.span(section.body)
            after = _before_excipients(tokens, first, after)
            is_each = tokens.keys[first] == "each" or (
                section.heading is not None and begins_content(tokens, *tokens.span(section.heading))
            )
            if not (is_named or is_each or fold(section.body.text).startswith(f"{own} ")):
                return None
            lead = next(iter(lines(tokens, first, after)), (first, first))
            if begins_content(tokens, *lead):
                return joined_name(tokens, list(_substances_in_lines(tokens, lead[1], after)))
            start = next((end for _, end, _ in with_role("name_words", "contains").find(tokens, first, after)), first)
            end = next((at for at in range(start, after) if _ends_sentence(tokens, at)), after)
            return joined_name(tokens, list(substances_at_amounts(tokens, start, end)))
    return None


def _before_excipients(tokens: Tokens, first: int, after: int) -> int:
    """The end of the lines of a composition before one that speaks of excipients or a solvent."""
    for begin, end in lines(tokens, first, after):
        roles = (role for _, _, role in product_words().find(tokens, begin, end))
        if (begin > first and "excipients" in roles) or begins_excipients(tokens, begin, end):
            return begin
    return after


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
    lead = with_role("name_words", "after substance")
    begun: int | None = None  # a line whose amount stands on the next one
    listed = list(lines(tokens, first, after))
    for at_line, (line_start, end) in enumerate(listed):
        line = line_start if begun is None else begun
        following = listed[at_line + 1][0] if at_line + 1 < len(listed) else after
        is_led = following < after and lead.longest(tokens, following, after) is not None
        has_amount = any(tokens.kinds[no] == NUMBER and has_unit(tokens, no, end) for no in range(line, end))
        begun = line if not has_amount and is_led else None
        if begun is not None:
            continue  # `Exemplum besylate` / `equivalent to exemplum 5 mg`
        if not has_amount or (line > first and is_prose(tokens, line, end)):
            return
        begin = line + (tokens.kinds[line] == BULLET)
        stop = next((at for at in range(begin, end) if _ends_sentence(tokens, at)), end)
        yield from substances_at_amounts(tokens, begin, stop)


def named_by_contents(monograph: Monograph, tokens: Tokens) -> Name | None:
    """The one substance that the forms of a product contain by its summary: `Each tablet contains 200 mg exemplum`."""
    if all(section.code != "product_name" for section in monograph.sections):
        return None
    first, after = stretch_read(monograph, tokens)
    found: dict[str, Span] = {}
    for _, start, _ in with_role("name_words", "contains").find(tokens, first, after - 2):
        line = max(tokens.kinds.rfind(BREAK, first, start) + 1, first)
        is_other = begins_excipients(tokens, line, start)  # `Excipient with known effect: each capsule contains 5 mg …`
        if is_other or tokens.kinds[start] != NUMBER or not has_unit(tokens, start, after):
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
    is_initial = is_initial and tokens.keys[max(0, at - 2)] != "/"  # 1% w/w.
    is_leader = at > 0 and "." in (tokens.keys[at - 1], tokens.keys[at + 1])  # the dots between a name and its amount
    is_stop = tokens.keys[at] == "." and not is_initial and not is_leader
    short = with_role("name_words", "after substance").longest(tokens, at - 1, len(tokens)) if is_stop and at else None
    is_stop = is_stop and (short is None or short[1] <= at + 1)  # `eq. to`
    return is_stop and (tokens.kinds[at + 1] == BREAK or not tokens.is_tight(at + 1))


def substances_at_amounts(tokens: Tokens, first: int, after: int, *, is_active: bool = False) -> Iterator[Span | None]:
    """The name at each amount between two tokens; None if one cannot be told.

    If `is_active` is not set, one behind the first that is a common excipient is none.
    """
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
        is_led = lead.longest(tokens, *before) is not None
        if is_led and BREAK in tokens.kinds[used : before[0]]:
            before = _name_before(tokens, used, before[0] - 1)  # `Exemplum besylate` / `equivalent to exemplum 5 mg`
            is_led = not words_between(tokens, *before)
        if no and (is_inside or is_led):
            continue  # `100 units of exemplum (equivalent to 3.5 mg)`, `2 mg of exemplum in 0.5 mL`
        if no or "of" in tokens.keys[slice(*before)]:
            before = _behind_purpose(tokens, *before), before[1]
        is_behind = is_of or _tells_nothing(tokens, *before)  # `The delivered dose is 2.5 micrograms exemplum`
        is_joined = no > 0 and tokens.keys[at - 1] in ("and", "plus", "+", "&")
        is_behind = is_behind or (is_joined and tokens.is_substance(as_printed(tokens, end, stop)))
        span = (end + is_of, stop) if is_behind else before
        if no and not words_between(tokens, *span):
            continue  # `Exemplum 6X, 12X`
        used = max(span[1], end)
        if no and (_tells_nothing(tokens, *span) or (not is_active and _names_excipient(tokens, *span))):
            continue  # `52.5 mg nicotine, delivering 21 mg over 24 hours`
        yield _substance(tokens, *span)


def _is_excipient(tokens: Tokens, at: int, after: int) -> bool:
    """Whether words behind an amount say that its substance does not act: `0.1% w/w (as preservative)`."""
    at += at < after and tokens.keys[at] == "("
    return with_role("name_words", "excipient").longest(tokens, at, after) is not None


def _names_excipient(tokens: Tokens, first: int, after: int) -> bool:
    first, after = without_marks(tokens, first, after)
    return first < after and role_of(tokens, first, after) == ("excipient", after)


def _tells_nothing(tokens: Tokens, first: int, after: int) -> bool:
    """Whether the words beside an amount name no substance: `delivering`, `The delivered dose is`."""
    return name_words_with_role("no substance").issuperset(words_between(tokens, first, after))


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
    if bare <= first:
        return None  # `contains 5 mL of solution`
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
    end = next((no for no, _, _ in behind), at)
    return start, end - (start < end < at and tokens.keys[end - 1] in OPENS)  # `Exemplum (in slow release form) … 5 mg`


def _begins_item(tokens: Tokens, first: int, at: int) -> bool:
    """Whether a token begins an item: behind a separator, or on a line of its own behind an amount and its remark."""
    kind_before = tokens.kinds[at - 1]
    is_line = kind_before == SOFT_BREAK and at - 1 > first and tokens.printed_case(at)[0].isupper()
    is_line = is_line and tokens.keys[first] in ENDS_OF_NAMES
    is_joined = tokens.keys[at - 1] in ("and", "+", "&", "plus") and at - 2 > first and tokens.keys[at - 2] == ")"
    remark = next(brackets_in(tokens, first, at), None)  # `200 mg (NSAID) pseudoephedrine 30 mg`
    is_joined = is_joined or (remark is not None and (remark.first, remark.after) == (first, at))
    return is_line or is_joined or tokens.keys[at - 1] in ENDS_OF_ITEMS or kind_before in (BREAK, BULLET)
