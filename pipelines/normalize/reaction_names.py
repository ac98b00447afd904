"""Names of reactions in sentences: those that the sentence says may happen to who takes the drug.

A name is none behind words that deny it or give it to the patient before (`no cases of`, `history of`, `patients
with`), if a word touches it that could belong to it, as a heading or label, or as an organ class. A denial reaches to
the end of its clause, over the items of a list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipelines.lexer import BREAK, BULLET, MARK, NUMBER, SOFT_BREAK, WORD, Span, Tokens
from pipelines.lexicon import with_role
from pipelines.normalize.reaction_lists import is_organ_label, stands_in
from pipelines.normalize.reaction_terms import WIDEST_WORD_SPACE, name_after, terms

_LONGEST_SHORT_FORM = 6  # characters
_LONGEST_SCOPE = 80  # tokens behind a denial
_FARTHEST_DENIAL = 40  # tokens before `have not been reported`
_SEPARATOR = with_role("reaction_words", "separator")
_TAKES_PARTS = with_role("reaction_words", "takes parts")
_PART = with_role("reaction_words", "part")
_BESIDE = with_role("reaction_words", "beside")
_CUES = with_role("reaction_words", "not here", "no")
_NOT_AFTER = with_role("reaction_words", "not after")
_ENDS_SCOPE = with_role("reaction_words", "ends scope")
_NOT_TOLD = with_role("reaction_words", "animals", "baseline")
_EXAMPLE = with_role("reaction_words", "example")
_CLASS = with_role("reaction_terms", "class")
_LOCAL_SITE = with_role("reaction_terms", "local site")
_LOCAL = with_role("reaction_terms", "local")
_GENERIC = with_role("reaction_terms", "generic")


def names_of_reactions(tokens: Tokens, first: int, after: int, *, is_warning: bool) -> Iterator[Span]:
    """The names of a sentence that are not denied, the patient's before, or parts of an elliptic list of a place."""
    names = list(names_between(tokens, first, after))
    if not names or _NOT_TOLD.is_in(tokens, first, after):
        return
    denied = _joined(_denied(tokens, first, after, is_warning=is_warning))
    sites = [end for _, end, _ in _LOCAL_SITE.find(tokens, first, after)]
    told, is_at_site = first, False
    for begin, last in names:
        end = _with_second_part(tokens, begin, last, after)
        is_at_site = is_at_site or any(told <= site <= begin for site in sites)
        is_local = is_at_site and _LOCAL.whole(tokens, begin, end) is not None
        told, is_at_site = begin, is_local
        is_denied = stands_in(denied, begin)
        is_label = end < after and tokens.keys[end] == ":"
        is_open = _GENERIC.whole(tokens, begin, end) is not None and not _is_closed(tokens, begin, end, first, after)
        if not (is_local or is_denied or is_label or is_open or _is_short_form(tokens, begin, end)):
            yield begin, end


def _with_second_part(tokens: Tokens, begin: int, end: int, after: int) -> int:
    """The token after a name, with a second thing that changes just so: `increased pulse and blood pressure`."""
    joint = _SEPARATOR.longest(tokens, end, after) if end < after else None
    if joint is None or not _TAKES_PARTS.is_word(tokens, begin) or tokens.keys[end] not in ("and", "or"):
        return end
    at = joint[1]
    while at < after and _PART.is_word(tokens, at):
        at += 1
    is_whole = at > joint[1] and name_after(tokens, joint[1], after) is None
    return at if is_whole and (at == after or _may_end(tokens, at, after)) else end


def _is_short_form(tokens: Tokens, begin: int, end: int) -> bool:
    """Whether a bracket holds the short form of the name before it: `(EPS)`; it is no second reaction."""
    is_in_bracket = begin > 0 and tokens.keys[begin - 1] == "(" and end < len(tokens) and tokens.keys[end] == ")"
    text = tokens.plain(begin, end)
    return is_in_bracket and text.isupper() and len(text) <= _LONGEST_SHORT_FORM


def _is_closed(tokens: Tokens, begin: int, end: int, first: int, after: int) -> bool:
    """Whether marks, numbers or `and` stand on both sides: `infection` alone is a reaction in a list only."""
    before = begin == first or _closes(tokens, begin - 1) or _is_apart(tokens, begin)
    behind = end >= after or _closes(tokens, end) or _is_apart(tokens, end)
    return before and behind


def _is_apart(tokens: Tokens, at: int) -> bool:
    """Whether more space stands before a token than between words."""
    return tokens.starts[at] - tokens.ends[at - 1] > WIDEST_WORD_SPACE


def _closes(tokens: Tokens, at: int) -> bool:
    return tokens.kinds[at] in (BREAK, NUMBER, MARK, BULLET) or _SEPARATOR.is_word(tokens, at)


def _denied(tokens: Tokens, first: int, after: int, *, is_warning: bool) -> Iterator[Span]:
    """The stretches behind words that deny, or give to the patient before, and those before `did not occur`."""
    for begin, end, row in _CUES.find(tokens, first, after):
        is_wide = is_warning or "no" in row["roles"].split("; ")
        yield begin, _scope_end(tokens, end, after, passes_commas=is_wide)
    for begin, _, _ in _NOT_AFTER.find(tokens, first, after):
        at = begin
        while at > max(first, begin - _FARTHEST_DENIAL) and tokens.keys[at - 1] not in (".", ";", ":", "\n"):
            at -= 1
        yield at, begin


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, those that touch as one."""
    joined: list[Span] = []
    for first, after in sorted(spans):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], after))
        else:
            joined.append((first, after))
    return joined


def _scope_end(tokens: Tokens, begin: int, after: int, *, passes_commas: bool) -> int:
    limit = min(after, begin + _LONGEST_SCOPE)
    examples = begin
    for at in range(begin, limit):
        key = tokens.keys[at]
        if key == "(" and _EXAMPLE.longest(tokens, at + 1, after) is not None:
            examples = next((end for end in range(at, limit) if tokens.keys[end] == ")"), at)
        if at < examples:
            continue  # `patients with obstruction (e.g., aortic stenosis, …)`
        if key in (".", ";", ":", "(", "\n") or (key == "," and not passes_commas):
            return at
        if at > begin and _ENDS_SCOPE.longest(tokens, at, after) is not None:
            return at
    return limit


def names_between(tokens: Tokens, first: int, after: int) -> Iterator[Span]:
    """The names between two tokens that nothing unknown touches; organ classes are none."""
    known = terms()
    end = first
    for at in known.starts(tokens, first, after):
        if at < end:
            continue
        organ = _CLASS.longest(tokens, at, after)
        last = name_after(tokens, at, after)
        is_class = organ is not None and (last is None or organ[1] >= last)
        is_term = organ is not None and "term" in organ[0]["roles"].split("; ")  # allergic reactions, in a list
        if organ is not None and is_class and not (is_term and tokens.keys[organ[1] : organ[1] + 1] != [":"]):
            end = organ[1]
        elif last is not None:
            spans = list(choices_of_name(tokens, at, last, after))
            end = spans[-1][1]
            if _may_begin(tokens, at, first) and _may_end(tokens, end, after):
                yield from spans


def choices_of_name(tokens: Tokens, first: int, end: int, after: int) -> Iterator[Span]:
    """A name, and the names that a stroke ties to it: `pruritus/rash`, not `abdominal pain/discomfort`."""
    while end + 1 < after and tokens.keys[end] == "/" and tokens.is_tight(end):
        last = name_after(tokens, end + 1, after)
        if last is None or _GENERIC.whole(tokens, end + 1, last) is not None:
            break
        yield first, end
        first, end = end + 1, last
    yield first, end


def _may_begin(tokens: Tokens, at: int, first: int) -> bool:
    return at == first or _is_apart(tokens, at) or _is_beside(tokens, at - 1, at)


def _may_end(tokens: Tokens, at: int, after: int) -> bool:
    if at >= after or _is_apart(tokens, at):
        return True
    return _is_beside(tokens, at, at) or is_organ_label(tokens, at, after) or is_column_mark(tokens, at)


def is_column_mark(tokens: Tokens, at: int) -> bool:
    """Whether a token is the cross of a table's column: `Lipodystrophy X`."""
    return tokens.printed_case(at) == "X" and (at + 1 == len(tokens) or tokens.kinds[at + 1] == BREAK)


def _is_beside(tokens: Tokens, at: int, tight: int) -> bool:
    """Whether a token may stand beside a name: marks, numbers, small words, and words for how severe it was."""
    if tokens.kinds[at] == SOFT_BREAK:
        return True
    if tokens.kinds[at] != WORD:
        return not (tokens.keys[at] in ("-", "/") and tokens.is_tight(tight))
    if _BESIDE.is_word(tokens, at):
        return True
    found = terms().whole(tokens, at, at + 1)
    return found is not None and "skip" in found
