"""What stands in the text of a list of products: its entries and sentences, and in them the marks that are read.

A mark is a form, an amount, a label or words that divide what is read (`product_words.csv`): a pack, a look, an imprint
up to the end of its sentence, a price, excipients. What such words speak of is masked: it is no strength.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from itertools import pairwise, takewhile, zip_longest

from pipelines.lexer import BREAK, BULLET, MARK, NUMBER, SOFT_BREAK, WORD, Cursor, Tokens
from pipelines.lexicon import Vocabulary, with_role
from pipelines.normalize.dose_forms import (
    FormName,
    find_forms,
    joined,
    may_name_forms,
    read_form,
    words_of_code,
)
from pipelines.normalize.dose_words import role_of, word_roles
from pipelines.normalize.quantities import ACTUATION, Unit, denominator, is_unit_torn, quantities, unit_at
from pipelines.normalize.routes import all_routes
from pipelines.normalize.strengths import expects_more
from pipelines.records import DoseForm
from schemas import codes

_SIZES = frozenset({"volume", "time", "presentation", "area", "length"})
_OF_SUBSTANCES = frozenset({"mass", "arbitrary"})
_OF_WHOLES = frozenset({"of", "the"})
_EXTRACT = frozenset({"extract"})  # the words of the FDA name
_PACK_SIZES = frozenset({"g", "kg", "mL", "L"})
_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")
_LONGEST_LABEL = 16  # tokens
LONGEST_FORM = 12  # tokens of a form that is alone on its line
_LONGEST_DENOMINATOR = 5  # tokens of `/0.3 mL:`
_LONGEST_SENTENCE = 24  # tokens that are looked at before a full stop between two numbers
_SHORTEST_FORM = 4  # letters of a form that is believed wherever it stands
_LONGEST_CONTENT = 5  # tokens of `of product formulation`
_WHOLE = 100  # percent
_MOST_DIGITS = 3  # before a decimal point
_LONGEST_TUBE = 3  # tokens from the size of a tube to the word
_LONGEST_REFERENCE = 5  # tokens from a bracket to the substance that it names
_LONGEST_ROUTES = 8  # tokens from `for` to `use`
_LONGEST_VEHICLE = 8  # tokens from `in` to the percent of the second liquid
_LONGEST_REMARK = 60  # tokens of a bracket
_LONGEST_WHOLE = 12  # tokens from `each` to `contains`
_LONGEST_STATES = 3  # tokens of words that say `contains`
MASKS = frozenset({"imprint", "excipients", "price", "mixture"})


@dataclass(slots=True)
class Mark:
    """A stretch of tokens that is understood.

    `kind` is `amount` (`masked` if it is none by what stands before), `number` without the unit of a substance, `form`,
    `label`, `whole` (`each 5 mL contains`),
    `gap` between two clauses, `end` of a sentence, `remark` in brackets, or a role of product_words.csv. A form that is
    part of a denominator (`per tablet`) `is_inside`.
    """

    kind: str
    first: int
    after: int
    names: list[FormName] = field(default_factory=list)
    is_inside: bool = False


def entries_of(tokens: Tokens, first: int, after: int) -> Iterator[tuple[int, int]]:
    """The entries of a list: each line with those that go on with it.

    A line goes on with the one above if that ends in the middle of an amount, or if it is deeper and has no bullet and
    no label of its own.
    """
    begun: tuple[int, int] | None = None
    lines = list(_lines(tokens, first, after))
    indent = edge = _left_edge(tokens, lines)
    for start, end in lines:
        here = _indent(tokens, start)
        is_bullet = tokens.kinds[start] == BULLET
        if begun is not None and not is_bullet:
            is_deeper = here > indent and not _has_label(tokens, start, end)
            is_rest = _lacks_form(tokens, *begun) and _is_form_alone(tokens, start, end)
            if is_deeper or is_rest or expects_more(tokens, *begun) or _is_torn(tokens, begun[1], end):
                begun = begun[0], end
                continue
        if begun is not None:
            yield begun
        indent = here if begun is not None or is_bullet else edge
        begun = start, end
    if begun is not None:
        yield begun


def _lacks_form(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a line ends with an amount whose form stands on the next one: `5 mg tablets and 20 mg` / `capsules`."""
    unit = unit_at(tokens, after - 1, after)
    if unit is None or after >= len(tokens) - 1 or not tokens.printed_case(after + 1)[0].islower():
        return False
    marks = [mark for mark in marks_of(tokens, first, after) if mark.kind in ("amount", "form")]
    return len(marks) > 1 and marks[0].kind == marks[-1].kind == "amount" and any(m.kind == "form" for m in marks)


def sentences_of(tokens: Tokens, first: int, after: int) -> Iterator[tuple[int, int]]:
    """The sentences of a text; a line is one or more of them."""
    for start, end in _lines(tokens, first, after):
        begun = start
        for at, key in enumerate(tokens.keys[start:end], start):
            if key == "." and ends_sentence(tokens, at, end):
                yield begun, at + 1
                begun = at + 1
        if begun < end:
            yield begun, end


def with_contents(
    tokens: Tokens, sentences: Iterable[tuple[int, int]], *, is_begun: bool = False
) -> Iterator[tuple[int, int]]:
    """Sentences, of which one that only says `Each 5 mL contains` is one with the amounts on the lines below it.

    If that `is_begun` by a heading, the first lines are one.
    """
    head: tuple[int, int] | None = None
    lead: tuple[int, int] | None = None  # as long as nothing of its list is read
    listed = list(sentences)
    for (first, after), following in zip_longest(listed, listed[1:]):
        if (head is not None or is_begun) and _is_part_of_content(tokens, first, after):
            head, is_begun = (head[0] if head is not None else first, after), False
            continue
        if head is not None and head == lead and _parts_list(tokens, first, after):
            lead = head = head[0], after
            continue
        if head is not None and following is not None and _goes_on_below(tokens, first, after, following):
            head = head[0], after
            continue
        if head is not None:
            yield head
        is_begun = False
        lead = head = (first, after) if begins_content(tokens, first, after) else None
        if head is None:
            yield first, after
    if head is not None:
        yield head


def _goes_on_below(tokens: Tokens, first: int, after: int, following: tuple[int, int]) -> bool:
    """Whether a line has no amount and the next one says what it is equivalent to: `Exemplum besylate`."""
    is_equivalent = role_of(tokens, following[0], following[1])[0] == "equivalent"
    return is_equivalent and NUMBER not in tokens.kinds[first:after] and NUMBER in tokens.kinds[slice(*following)]


def _parts_list(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a line is only the label of a part of a list: `VITAMINS:`."""
    return tokens.keys[after - 1] == ":" and NUMBER not in tokens.kinds[first:after]


def begins_excipients(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a sentence or a line begins with words for excipients, or ends with them and a colon."""
    first += tokens.kinds[first] == BULLET
    if _is_role(tokens, first, after, "excipients"):
        return True
    last = after - 1
    return tokens.keys[last] == ":" and any(_is_role(tokens, at, last, "excipients") for at in range(first, last))


def begins_content(tokens: Tokens, first: int, after: int) -> bool:
    """Whether words say of a unit that it contains something, and end there: `Each 5 mL contains:`."""
    end = after - (tokens.keys[after - 1] in (":", "-"))
    if end - first > _LONGEST_WHOLE or not any(_is_role(tokens, at, end, "each") for at in range(first, end)):
        return False
    return any(_is_role(tokens, at, end, "states", to=end) for at in range(max(first, end - _LONGEST_STATES), end))


def _is_role(tokens: Tokens, at: int, after: int, role: str, *, to: int | None = None) -> bool:
    found = product_words().longest(tokens, at, after)
    return found is not None and found[0] == role and to in (None, found[1])


def _is_part_of_content(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a line names what is contained, and how much of it."""
    if NUMBER not in tokens.kinds[first:after] or begins_content(tokens, first, after):
        return False
    kinds = {mark.kind for mark in marks_of(tokens, first, after)}
    return "amount" in kinds and not kinds & {"instruction", "states", "verb", "whole", "look", "pack", *MASKS}


def _lines(tokens: Tokens, first: int, after: int) -> Iterator[tuple[int, int]]:
    """The lines of a text, each with those wrapped from it.

    A form that is alone on its line is wrapped from none, nor is an item of a list that begins with its form; a number
    that goes on over the end of a line is.
    """
    begun: int | None = None
    end = first
    for start, stop in _printed_lines(tokens, first, after):
        is_new = begun is None or (tokens.kinds[end] == BREAK and not _is_torn(tokens, end, after))
        if begun is not None and not is_new:
            is_new = _is_form_alone(tokens, start, stop) or _is_form_alone(tokens, begun, end)
            is_new = is_new or _begins_item(tokens, begun, start, stop)
        if begun is not None and is_new and not (end - 1 > begun + 1 and _may_be_point(tokens, end - 1, after)):
            yield begun, end
            begun = None
        begun = start if begun is None else begun
        end = stop
    if begun is not None:
        yield begun, end


def _printed_lines(tokens: Tokens, first: int, after: int) -> Iterator[tuple[int, int]]:
    begun = first
    for at in range(first, after):
        if tokens.kinds[at] in (BREAK, SOFT_BREAK):
            if at > begun:
                yield begun, at
            begun = at + 1
    if after > begun:
        yield begun, after


def _is_form_alone(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a line names a form and nothing else."""
    if after - first > LONGEST_FORM or any(tokens.kinds[at] == NUMBER for at in range(first, after)):
        return False
    begin = first + (tokens.kinds[first] == BULLET)
    return begin < after and isinstance(read_form(tokens, begin, after - (tokens.keys[after - 1] == ":")), DoseForm)


def _begins_item(tokens: Tokens, above: int, first: int, after: int) -> bool:
    """Whether a line begins with its form as an item of a list does: `Cream: 1%`, or `Tablets, 5 mg` below its like."""
    mark = _mark_behind_form(tokens, first, after)
    if mark is None:
        return False
    behind = next(at for at in range(first, after) if tokens.keys[at] == mark)
    is_item = mark == ":" or any(tokens.kinds[at] == NUMBER for at in range(behind, after))
    is_item = is_item or speaks_of_strength(tokens, behind, after)
    if is_item and tokens.printed_case(first)[0].isupper():
        is_word = first > 1 and tokens.kinds[first - 2] == WORD
        is_torn = is_word and isinstance(read_form(tokens, first - 2, behind), DoseForm)  # `Oral` / `Solution, 5 mg/mL`
        if not is_torn or isinstance(read_form(tokens, first - 2, first - 1), DoseForm):
            return True
    return _mark_behind_form(tokens, above, first) == mark


def _mark_behind_form(tokens: Tokens, first: int, after: int) -> str | None:
    """The comma or colon behind the form that a line begins with."""
    begin = first + (tokens.kinds[first] == BULLET)
    for at in range(begin, min(after, begin + LONGEST_FORM)):
        if tokens.kinds[at] != WORD and tokens.keys[at] in (",", ":"):
            return tokens.keys[at] if isinstance(read_form(tokens, begin, at), DoseForm) else None
    return None


def _indent(tokens: Tokens, at: int) -> int:
    """How many characters stand before the first token of a line."""
    return tokens.starts[at] - (tokens.ends[at - 1] if at else 0)


def _left_edge(tokens: Tokens, lines: list[tuple[int, int]]) -> int:
    """Where the lines begin; the first one has lost its indent with the heading."""
    return min((_indent(tokens, start) for start, _ in lines[1:] if tokens.kinds[start] != BULLET), default=0)


def _has_label(tokens: Tokens, first: int, after: int) -> bool:
    return label_end(tokens, first, after) is not None


def ends_sentence(tokens: Tokens, at: int, after: int) -> bool:
    """Whether a full stop at a token ends a sentence: a capital, a number or nothing follows with a space between.

    That of an abbreviation (`max.`) ends none before a number, nor does one of several (`16 .. 20`).
    """
    if tokens.keys[at] != "." or tokens.kinds[at] != MARK or (at and tokens.keys[at - 1] == "."):
        return False
    if at + 1 >= after:
        return True
    following = tokens.printed_case(at + 1)
    if tokens.is_tight(at + 1) or not (following[0].isupper() or following[0].isdigit()):
        return False
    is_abbreviation = with_role("grammar_words", "abbreviation").longest(tokens, at - 1, at + 1) if at else None
    return is_abbreviation is None and not _is_torn(tokens, at + 1, after) and not _may_be_point(tokens, at, after)


def _may_be_point(tokens: Tokens, at: int, after: int) -> bool:
    """Whether a full stop between two numbers may be a decimal point with a space behind it: `contains 7. 5 mg`.

    A number that is printed on the product or counts a pack ends a sentence.
    """
    behind = at + 1 + (at + 1 < after and tokens.kinds[at + 1] in (BREAK, SOFT_BREAK))
    if at < 2 or behind >= after or tokens.keys[at] != "." or tokens.kinds[at - 2] != WORD:  # noqa: PLR2004
        return False
    if tokens.kinds[at - 1] != NUMBER or not tokens.keys[behind].isdecimal():
        return False
    digits = tokens.keys[at - 1]
    if not digits.isdecimal() or len(digits) > _MOST_DIGITS:
        return False
    near = range(max(0, at - _LONGEST_SENTENCE), at)
    found = (product_words().longest(tokens, place, at) for place in near if tokens.kinds[place] == WORD)
    return not any(role is not None and role[0] in ("imprint", "pack") for role in found)


def _is_torn(tokens: Tokens, at: int, after: int) -> bool:
    """Whether a number goes on over the end of a line at a token: `0.` / `5 mg`, `2` / `.5 mg`, `5` / `mg`."""
    if is_unit_torn(tokens, at, after):
        return True
    begin = at + (at < after and tokens.kinds[at] in (BREAK, SOFT_BREAK))
    if begin >= after or tokens.kinds[begin] != NUMBER or at < 1:
        return False
    if tokens.keys[begin].startswith("."):
        return tokens.kinds[at - 1] == NUMBER
    if tokens.keys[at - 1] != "." or at < 2 or tokens.kinds[at - 2] != NUMBER:  # noqa: PLR2004
        return False
    if tokens.keys[at - 2] == "0" or at < 3:  # noqa: PLR2004
        return tokens.keys[at - 2] == "0"
    is_apart = tokens.keys[at - 3] in _OPEN or not tokens.is_tight(at - 2)  # and no part of `3:1.` or `mL⁻¹.`
    return tokens.kinds[at - 3] in (BULLET, BREAK) or (tokens.kinds[at - 3] == MARK and is_apart)


@cache
def product_words() -> Vocabulary[str]:
    """What words beside a strength say: the roles of product_words.csv."""
    rows = codes.rows("product_words")
    return Vocabulary("product_words", ((row["text"], row["roles"], False) for row in rows))


def tells_look(tokens: Tokens, first: int, after: int) -> bool:
    """Whether some words say how something looks: `clear, colourless`."""
    return any(role == "look" for _, _, role in product_words().find(tokens, first, after))


@cache
def _joining_words() -> frozenset[str]:
    rows = codes.rows("dose_form_words")
    return frozenset(row["text"] for row in rows if row["kind"] == "separator" and " " not in row["text"])


def marks_of(tokens: Tokens, first: int, after: int) -> list[Mark]:
    """What is understood between two tokens, in order; words of no mark are left to the reader of strengths."""
    names = _names_by_place(tokens, first, after)
    found: list[Mark] = []
    bare: dict[int, int] = {}
    at, depth = first, 0
    while at < after:
        mark = Mark("number", at, bare[at]) if at in bare else _mark(tokens, at, after, names, bare)
        if mark is None:
            key = tokens.keys[at]
            depth = max(0, depth + (key in _OPEN) - (key in _CLOSE))
            if not depth and _is_gap(tokens, at, after):
                found.append(Mark("end" if key == "." else "gap", at, at + 1))
            at += 1
            continue
        found.append(mark)
        if mark.kind == "form":
            depth += sum((key in _OPEN) - (key in _CLOSE) for key in tokens.keys[at : mark.after])
        at = mark.after
    keys = tokens.keys[first:after]
    if any(mark.kind in MASKS for mark in found):
        _mask(found)
    if ":" in keys:
        _mask_again(tokens, found)
    if "%" in keys:
        _mask_vehicle(tokens, found, first)
        _mask_shares(tokens, found)
        _put_inside(tokens, found)
    return found


def _names_by_place(tokens: Tokens, first: int, after: int) -> dict[int, FormName]:
    """The forms by their first token; none runs over the end of a line behind which another begins."""
    if not may_name_forms(tokens, first, after):
        return {}
    edges = [at for at in range(first, after) if tokens.kinds[at] == SOFT_BREAK and _begins_line(tokens, at, after)]
    found: dict[int, FormName] = {}
    for begin, end in pairwise((first, *edges, after)):
        for name in joined(tokens, find_forms(tokens, begin, end)):
            is_other = _is_equivalent(tokens, name.first, first) or _is_plant(tokens, name, after)
            if not is_other and not _is_lid(tokens, name, first):
                found[name.first] = name
    return found


def _is_lid(tokens: Tokens, name: FormName, first: int) -> bool:
    """Whether a few letters behind a colour are no form: `a bottle with a green cap`."""
    is_short = name.after - name.first == 1 and len(tokens.keys[name.first]) < _SHORTEST_FORM
    return is_short and name.first > first and tells_look(tokens, name.first - 1, name.first)


def _is_plant(tokens: Tokens, name: FormName, after: int) -> bool:
    """Whether an extract is of a plant that is named behind it: `plant extract Exemplum, 50 mg`."""
    if name.code is None or words_of_code(name.code) != _EXTRACT:
        return False
    is_word = name.after < after and tokens.kinds[name.after] == WORD
    return is_word and role_of(tokens, name.after, after)[0] in ("name", "of")


def _is_equivalent(tokens: Tokens, at: int, first: int) -> bool:
    """Whether a name stands in `(equivalent to dried gel)`: a substance of which as much would do."""
    begin = max(first, at - _LONGEST_REFERENCE)
    if _OPEN.isdisjoint(tokens.keys[begin:at]):
        return False
    opened = next(place for place in range(at - 1, begin - 1, -1) if tokens.keys[place] in _OPEN)
    role, end = role_of(tokens, opened + 1, at)
    return role == "equivalent" and end > opened + 2


def _mask(marks: list[Mark]) -> None:
    """Amounts are none after an imprint up to the end of the sentence or a pack; nor after excipients or a price.

    An amount with its form right behind it is the next product, and no imprint: `imprinted "ab 18," 27 mg tablets are`.
    """
    masked_by, has_amount = "", False
    for mark, following in pairwise([*marks, Mark("end", -1, -1)]):
        has_amount = mark.kind != "end" and (has_amount or mark.kind == "amount")
        is_next = mark.kind == "amount" and following.kind == "form" and following.first == mark.after
        if mark.kind in MASKS:
            masked_by = mark.kind
        elif mark.kind in ("end", "pack") or (is_next and masked_by == "imprint"):
            masked_by = ""
        elif mark.kind == "amount" and masked_by:
            mark.kind = "masked"
        elif mark.kind == "form" and masked_by in ("excipients", "mixture") and has_amount:
            mark.kind, mark.names = "remark", []  # in a vehicle consisting of mineral oil


def _mask_again(tokens: Tokens, marks: list[Mark]) -> None:
    """`2 mg/mL: 2 mg of morphine`: behind a colon the clause says again, or in parts, what the amount before it is."""
    told: Mark | None = None
    for before, mark in pairwise([Mark("end", -1, -1), *marks]):
        if mark.kind in ("end", "form") or (mark.kind == "gap" and before.kind != "masked"):
            told = None
        elif mark.kind == "amount" and told is not None and _is_colon_between(tokens, told.after, mark.first):
            mark.kind = "masked"
        elif mark.kind == "amount":
            told = mark


def _mask_vehicle(tokens: Tokens, marks: list[Mark], first: int) -> None:
    """`Xyl in lactated solution and 5% dextrose`: the percent of the second liquid that a drug is in is none of it."""
    for mark in marks:
        if mark.kind != "amount" or not mark.first - first > 0 or mark.after >= len(tokens):
            continue
        is_joined = tokens.keys[mark.first - 1] in ("and", "&") and tokens.keys[mark.after - 1] == "%"
        near = range(mark.first - 2, max(first, mark.first - _LONGEST_VEHICLE) - 1, -1)
        words = list(takewhile(lambda at: tokens.kinds[at] == WORD, near)) if is_joined else []
        is_in = any(tokens.keys[at] == "in" and at > first for at in words)
        if is_in and role_of(tokens, mark.after, len(tokens))[0] in ("name", "excipient"):
            mark.kind = "masked"


def _mask_shares(tokens: Tokens, marks: list[Mark]) -> None:
    """`100 units/mL, 70% suspension and 30% solution`: percents that make a whole, behind an amount, part a mix."""
    amounts = [mark for mark in marks if mark.kind == "amount"]
    percents = [mark for mark in amounts if mark.after == mark.first + 2 and tokens.keys[mark.first + 1] == "%"]
    shares = [int(tokens.keys[mark.first]) for mark in percents if tokens.keys[mark.first].isdecimal()]
    if len(shares) == len(percents) > 1 and sum(shares) == _WHOLE and amounts[0] not in percents:
        for mark in percents:
            mark.kind = "masked"


def _put_inside(tokens: Tokens, marks: list[Mark]) -> None:
    """`20 mEq in 5% Dextrose Injection, in a 1000 mL bag`: the form of the liquid that it is in parts nothing."""
    for number, mark in enumerate(marks[2:], 2):
        percent, stated = marks[number - 1], marks[number - 2]
        if (mark.kind, percent.kind, stated.kind) != ("form", "amount", "amount") or tokens.keys[
            percent.after - 1
        ] != "%":
            continue
        is_in = tokens.keys[percent.first - 1] == "in" and tokens.keys[stated.after - 1] != "%"
        mark.is_inside |= is_in and mark.first - percent.after <= _LONGEST_STATES


def _is_colon_between(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a colon, close behind an amount or its denominator, and a space stand before the next."""
    colon = next((at for at in range(first, min(after, first + _LONGEST_DENOMINATOR)) if tokens.keys[at] == ":"), None)
    return colon is not None and not tokens.is_tight(colon + 1)


def _mark(tokens: Tokens, at: int, after: int, names: dict[int, FormName], bare: dict[int, int]) -> Mark | None:
    """What begins at a token; `bare` takes the numbers after it that have no unit either, each with its end."""
    kind = tokens.kinds[at]
    if kind == NUMBER:
        return _measured_off(tokens, at, after) or _amount(tokens, at, after, names, bare)
    if tokens.keys[at] in _OPEN or tokens.keys[at] == "+":
        return _remark(tokens, at, after)
    is_word = kind == WORD or tokens.keys[at] in "$€£"
    told, name = (product_words().longest(tokens, at, after), names.get(at)) if is_word else (None, None)
    if told is None and name is None:
        return None
    role, end = told or ("", at)
    if name is not None and end <= name.after and not (name.is_container and role == "pack"):
        return Mark(
            "form", at, name.after, [name], is_inside=_is_denominator(tokens, at, is_container=name.is_container)
        )
    if role == "each":
        return _whole(tokens, at, end, after)
    end = _end_of_code(tokens, end, after) if role == "pack" else end
    role = "route" if role == "instruction" and ends_routes(tokens, at) else role
    return Mark(role, at, end) if role else None


def ends_routes(tokens: Tokens, at: int) -> bool:
    """Whether a word ends `for IM or IV use`, `5 mg, oral use`: it says what the product is, and not what is done."""
    near = range(at - 1, max(0, at - _LONGEST_ROUTES) - 1, -1)
    begin = next((place for place in near if tokens.keys[place] in ("for", ",")), None)
    return tokens.keys[at] == "use" and begin is not None and bool(all_routes(tokens, begin + 1, at))


def _remark(tokens: Tokens, at: int, after: int) -> Mark | None:
    """A bracket that tells what the product holds besides (`(contains 39 mg sodium)`), or the sign of a foot-note."""
    if tokens.keys[at] == "+":
        is_note = at + 1 >= after or tokens.keys[at + 1] in (",", ";", ".")
        return Mark("remark", at, at + 1) if is_note else None
    found = product_words().longest(tokens, at + 1, after)
    if found is None or found[0] not in ("states", "excipients", "price", "aside"):
        return None
    depth = 0
    for place in range(at, min(after, at + _LONGEST_REMARK)):
        depth += (tokens.keys[place] in _OPEN) - (tokens.keys[place] in _CLOSE)
        if not depth:
            return Mark("remark", at, place + 1)
    return None


def _amount(tokens: Tokens, at: int, after: int, names: dict[int, FormName], bare: dict[int, int]) -> Mark:
    """A number: with a unit of a substance it is an amount, but not the size of a tube (`35 g aluminum tubes`)."""
    ratio = _ratio_end(tokens, at, after)
    if ratio is not None:
        return Mark("amount", at, ratio)
    cursor = Cursor(tokens, at, after)
    read = quantities(cursor)
    if read is None:
        return Mark("number", at, at + 1)
    if not isinstance(read.unit, Unit):
        bare |= {number.first: number.after for _, number in read.numbers}
        return Mark("number", at, bare[at])
    if read.unit.code in _PACK_SIZES:
        near = range(read.after, min(after, read.after + _LONGEST_TUBE))
        behind = next((names[place] for place in near if place in names), None)
        if behind is not None and behind.is_container and behind.basis == "semisolid":
            return Mark("pack", at, read.after)
        counted = _actuations_in(tokens, read.after, after)
        if counted is not None:
            return Mark("pack", at, counted)
    kind = "number" if read.unit.dimension in _SIZES else "amount"
    return Mark(kind, at, read.after)


def _actuations_in(tokens: Tokens, at: int, after: int) -> int | None:
    """The end of `/200 actuations`, or of `of suspension, 120 sprays`, behind a weight.

    How often a canister can be pressed is the size of a pack.
    """
    if at + 1 >= after or (tokens.keys[at] not in ("/", "per") and tokens.kinds[at] != WORD):
        return None
    near = range(at, min(after - 1, at + _LONGEST_CONTENT))
    begin = (
        at if tokens.keys[at] in ("/", "per") else next((place for place in near if tokens.kinds[place] != WORD), at)
    )
    if tokens.keys[begin] not in ("/", "per", ","):
        return None
    found = denominator(tokens, begin + 1, after, decimal_comma=False)
    is_count = found is not None and isinstance(found[0], Decimal) and found[0] > 1 and isinstance(found[1], Unit)
    return found[2] if is_count and found is not None and getattr(found[1], "code", "") == ACTUATION else None


def _ratio_end(tokens: Tokens, at: int, after: int) -> int | None:
    """The token after `1:1000`; None if no ratio begins."""
    is_ratio = tokens.keys[at] == "1" and at + 2 < after and tokens.keys[at + 1] == ":"
    if not is_ratio or tokens.kinds[at + 2] != NUMBER or not tokens.is_tight(at + 1):
        return None
    read = quantities(Cursor(tokens, at + 2, after))
    return read.numbers[0][1].after if read is not None else None


def _end_of_code(tokens: Tokens, at: int, after: int) -> int:
    """The end of a number with dashes, such as an NDC, after a word for it."""
    if tokens.keys[at - 1] == "of" and at < after and tokens.kinds[at] == NUMBER:
        size = unit_at(tokens, at + 1, after)
        is_size = size is not None and isinstance(size[0], Unit) and size[0].code in _PACK_SIZES
        return size[1] if size is not None and is_size else at
    while at < after and tokens.keys[at] in (":", "#"):
        at += 1
    begun = at
    while (
        at < after and (tokens.kinds[at] == NUMBER or tokens.keys[at] == "-") and (at == begun or tokens.is_tight(at))
    ):
        at += 1
    return at


def _whole(tokens: Tokens, at: int, end: int, after: int) -> Mark | None:
    """`each 5 mL (one teaspoonful) of syrup contains`: what the amounts after it are in; None for `each tablet`."""
    begin = _behind_container(tokens, end, after)
    size = begin + (begin < after and tokens.kinds[begin] == NUMBER)
    size += size < after and tokens.keys[size] == "-" and tokens.is_tight(size)  # each 0.5-mL dose
    unit = unit_at(tokens, size, after)
    if unit is None or not isinstance(unit[0], Unit):
        return None
    if unit[0].dimension not in ("volume", "mass") and unit[0].code != ACTUATION:
        return None
    for place in range(unit[1], min(after, at + _LONGEST_WHOLE)):
        if tokens.kinds[place] == SOFT_BREAK and _begins_line(tokens, place, after):
            return None
        found = product_words().longest(tokens, place, after)
        if found is not None and found[0] == "states":
            return Mark("whole", at, found[1], find_forms(tokens, unit[1], place))
    return None


def _measured_off(tokens: Tokens, at: int, after: int) -> Mark | None:
    """`5 ml of suspension contain`, which begins a sentence: what the amounts after it are in."""
    if at and not (tokens.kinds[at - 1] in (BREAK, SOFT_BREAK, BULLET) or tokens.keys[at - 1] == "."):
        return None
    whole = _whole(tokens, at, at, after)
    unit = unit_at(tokens, at + 1, after)
    if whole is None or unit is None or any(name.is_container for name in whole.names):
        return None
    forms = {place for name in whole.names for place in range(name.first, name.after)}
    states = next(
        (place for place in range(unit[1], whole.after) if product_words().longest(tokens, place, whole.after)), at
    )
    beside = (tokens.keys[place] for place in range(unit[1], states) if place not in forms)
    return whole if _OF_WHOLES.issuperset(beside) else None


def _behind_container(tokens: Tokens, first: int, after: int) -> int:
    """Where the size of `each cartridge of 3 mL`, `one dose (0.5 mL)` stands; else the first token."""
    if list(tokens.keys[first : first + 2]) == ["dose", "("]:
        return first + 2
    last = min(after - 1, first + _LONGEST_CONTENT)
    of = next((at for at in range(first, last) if tokens.keys[at] == "of"), first)
    names = find_forms(tokens, first, of)
    is_sized = len(names) == 1 and names[0].is_container and tokens.kinds[of + 1] == NUMBER
    return of + 1 if is_sized else first


def _is_denominator(tokens: Tokens, at: int, *, is_container: bool) -> bool:
    """Whether a form stands in a denominator: `per tablet`, `/spray`, `in each capsule`, `in 0.1 mL of spray`.

    So does a container behind its size (`in 5-ml vials`); the form of `40 mg/5 mL oral solution` is one of its own.
    """
    before = [tokens.keys[place] for place in range(max(0, at - 3), at)]
    if before[-1:] and before[-1] in ("/", "per"):
        return True
    if before[-1:] and before[-1] in ("each", "one", "a", "every"):
        return before[-2:-1] in (["in"], ["per"], ["/"])
    is_part = before[-1:] == ["of"]
    unit = at - 1 - is_part
    number = unit - 1 - (unit > 1 and tokens.keys[unit - 1] == "-")
    if not (is_part or is_container) or number < 0 or tokens.kinds[number] != NUMBER:
        return False
    found = unit_at(tokens, unit, at)
    return found is not None and isinstance(found[0], Unit) and found[0].dimension == "volume"


def _begins_line(tokens: Tokens, at: int, after: int) -> bool:
    """Whether what follows a soft break is more than the rest of a line: it begins with a number or a capital."""
    if at + 1 >= after or expects_more(tokens, max(0, at - 1), at) or tokens.keys[at - 1] in ("of", "as", "contains"):
        return False
    return tokens.kinds[at + 1] == NUMBER or tokens.printed_case(at + 1)[0].isupper()


def _is_gap(tokens: Tokens, at: int, after: int) -> bool:
    """Whether a token divides clauses: a mark of a list, a word such as `and`, the end of a sentence or of a line."""
    key, kind = tokens.keys[at], tokens.kinds[at]
    if kind in (BREAK, SOFT_BREAK):
        return not _is_torn(tokens, at, after) and (kind == BREAK or _begins_line(tokens, at, after))
    if kind == BULLET or key in (";", ","):
        return True
    if key in ("|", "•", "·"):
        return at + 1 >= after or not tokens.is_tight(at + 1)
    if key == ".":
        return ends_sentence(tokens, at, after)
    is_joint = kind == WORD and key in _joining_words()
    return is_joint and role_of(tokens, at, after)[0] != "inexact"  # 2X and higher


def holds_code(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a word has a digit: `D6`, `U240`."""
    words = (tokens.keys[at] for at in range(first, after) if tokens.kinds[at] == WORD)
    return any(character.isdigit() for word in words for character in word)


def speaks_of_strength(tokens: Tokens, first: int, after: int) -> bool:
    """Whether some words hold a unit of a substance, or say that there are strengths."""
    found = (unit_at(tokens, at, after) for at in range(first, after) if tokens.kinds[at] == WORD)
    if any(unit is not None and isinstance(unit[0], Unit) and unit[0].dimension in _OF_SUBSTANCES for unit in found):
        return True
    return is_unquantified(tokens, first, after)


def is_unquantified(tokens: Tokens, first: int, after: int) -> bool:
    """Whether some words say that there are strengths and state none."""
    return any(role == "unquantified" for _, _, role in word_roles().find(tokens, first, after))


def label_end(tokens: Tokens, first: int, after: int) -> int | None:
    """The colon that ends a label at the beginning of some words; a colon before a digit without a space is a ratio."""
    end = min(after, first + _LONGEST_LABEL)
    if ":" not in tokens.keys[first:end]:
        return None
    for at in range(first, end):
        key = tokens.keys[at]
        if key == ":":
            is_ratio = at + 1 < after and tokens.kinds[at + 1] == NUMBER and tokens.is_tight(at + 1)
            return None if is_ratio or at == first else at
        if key in (";", "|") or tokens.kinds[at] == BREAK or ends_sentence(tokens, at, after):
            return None
        if tokens.kinds[at] == SOFT_BREAK and _begins_line(tokens, at, after):
            return None
    return None
