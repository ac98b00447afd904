"""Drug classes: the class claims of a field, and what kind of claim each is.

    field = item { separator item }              "," ";" new line, bullet; `and` if the words before it have a kind
    item  = [ label ":" ] [ … opening ] { lead } class [ tail ]     specifically a GABA_B receptor agonist
    class = words                                the last word with a kind decides: `thiazide diuretic` is therapeutic

An item that only describes the class before (`Skeletal muscle relaxant, centrally acting`) is part of it. The kind of a
word is a row of `class_words.csv`, where `anti*` is a beginning and `*mimetic` an ending; whole words go before those.
A label such as `Therapeutic class:` gives its kind. Labels, openings, leads and tails are rows of
`class_list_words.csv`. The field goes on in the lines below while they tell a class, are items of a list or are led to
by a comma, a colon or a label; any other line, such as a sentence or a line of the page, ends it.

Where no field gives a class, a sentence may: `belongs to a group of medicines called beta blockers`. What it calls a
class must have a kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from pipelines.lexer import BREAK, BULLET, NUMBER, SOFT_BREAK, WORD, Span, Tokens, lines
from pipelines.lexicon import vocabulary, with_role
from pipelines.records import DrugClass, Finding, FindingCode
from schemas import codes
from schemas.codes import fold

_CLASS_UNKNOWN = FindingCode("CLASS_UNKNOWN")
_TABLE = "class_list_words"
_SHORTEST_WORD = 3  # letters of the longest word of a class
_KIND_LABELS = {"therapeutic label": "therapeutic", "chemical label": "chemical", "mechanism label": "mechanism"}
_LONGEST_PHRASE = 5
_FARTHEST_KIND = 8  # tokens before an `and`
_MOST_WORDS_TO_AN_OPENING = 14
_MOST_WORDS = 14
_MOST_TOKENS_OF_A_CLASS = 24  # in a sentence
_MARKS = frozenset(",;|•‣◦▪●○")
_ENDS = frozenset(".:;,-*+•·|'\"")
_LEADS = frozenset(",;:-")
_OPENS = {"(": ")", "[": "]"}
_ATC_CODE = re.compile(r"[A-V]\d\d(?:[A-Z](?:[A-Z](?:\d\d)?)?)?|[A-Z]{2}\d{3}")


@dataclass(frozen=True, slots=True)
class _Class:
    """A class among tokens, and its kind."""

    first: int
    after: int
    kind: str | None


def read_drug_classes(tokens: Tokens, first: int, after: int) -> tuple[tuple[DrugClass, ...], tuple[Finding, ...]]:
    """The classes in order, each spelling once, and a finding for each whose kind the words do not tell."""
    found: dict[str, DrugClass] = {}
    for each in _classes(tokens, first, after):
        place = tokens.passage(each.first, each.after)
        found.setdefault(fold(place.text), DrugClass(place, each.kind))
    classes = tuple(found.values())
    findings = tuple(
        Finding(_CLASS_UNKNOWN, "No row of class_words.csv tells its kind.", each.place, "drug_classes", no)
        for no, each in enumerate(classes, start=1)
        if each.kind is None
    )
    return classes, findings


def read_class_sentences(tokens: Tokens, spans: Iterable[Span]) -> tuple[DrugClass, ...]:
    """The classes that sentences of some stretches of text say that the drug belongs to, each spelling once."""
    found: dict[str, DrugClass] = {}
    for first, after in spans:
        for start in _named_groups(tokens, first, after):
            for each in _classes(tokens, start, _sentence_end(tokens, start, after)):
                place = tokens.passage(each.first, each.after)
                if each.kind is not None:
                    found.setdefault(fold(place.text), DrugClass(place, each.kind))
    return tuple(found.values())


def _named_groups(tokens: Tokens, first: int, after: int) -> Iterator[int]:
    """The tokens behind words such as `belongs to a group of medicines called`."""
    group, named, article = (with_role(_TABLE, role) for role in ("group", "named", "lead"))
    for _, at, _ in with_role(_TABLE, "belongs").find(tokens, first, after):
        found = article.longest(tokens, at, after)
        kind = group.longest(tokens, found[1] if found is not None else at, after)
        end = named.longest(tokens, kind[1], after) if kind is not None else None
        if end is not None:
            yield end[1]


def _sentence_end(tokens: Tokens, first: int, after: int) -> int:
    """The token before which a class in a sentence ends: a full stop, a bracket, a tail, or the end of the line."""
    quotes = 0
    for at in range(first, min(after, first + _MOST_TOKENS_OF_A_CLASS)):
        is_end = tokens.keys[at] in (".", ";", ":", "(", "[", "!") or tokens.kinds[at] in (BREAK, BULLET)
        quotes += tokens.keys[at] in ("'", '"')
        if is_end or quotes > 1 or with_role(_TABLE, "tail").longest(tokens, at, after) is not None:
            return at
    return first


def _classes(tokens: Tokens, first: int, after: int) -> Iterator[_Class]:
    label_kind: str | None = None
    last: _Class | None = None
    for start, end in _items(tokens, first, _field_end(tokens, first, after)):
        colon = next((at for at in range(start, end) if tokens.keys[at] == ":"), None)
        if colon is not None:
            label_kind = _kind_of_label(tokens, start, colon)
            if with_role(_TABLE, "other label").whole(tokens, start, colon) is not None:
                continue
        bare = _bare(tokens, start if colon is None else colon + 1, end)
        if not _is_class(tokens, *bare):
            continue
        if last is not None and colon is None and _only_describes(tokens, *bare):
            last = _Class(last.first, bare[1], last.kind)
            continue
        if last is not None:
            yield last
        last = _Class(*bare, label_kind or _kind(tokens, *bare))
    if last is not None:
        yield last


def _field_end(tokens: Tokens, first: int, after: int) -> int:
    """The token after the field: before the first line below that is neither led to nor tells a class or a label."""
    found = list(lines(tokens, first, after))
    for (start, end), (begin, last) in pairwise(found):
        is_led = tokens.keys[end - 1] in _LEADS or tokens.kinds[start] == BULLET == tokens.kinds[begin]
        is_sentence = tokens.keys[last - 1] == "." and _is_sentence(tokens, begin, last)
        if is_led or (not is_sentence and (_kind(tokens, begin, last) or ":" in tokens.keys[begin:last])):
            continue
        return end
    return after


def _is_sentence(tokens: Tokens, first: int, after: int) -> bool:
    words = [at for at in range(first, after) if tokens.kinds[at] == WORD]
    return _kind(tokens, first, after) is None or len(words) > _MOST_WORDS


def _items(tokens: Tokens, first: int, after: int) -> Iterator[Span]:
    """Where the items stand: `and` parts two of them only if the words before it have a kind."""
    at = start = first
    marks = _MARKS - {","} if ";" in tokens.keys[first:after] else _MARKS
    # `Antacids / Laxatives & Co` has two items
    is_parted = any(_is_spaced_stroke(tokens, at, after) for at in range(first + 1, after))
    while at < after:
        closed = _closing(tokens, at, after)
        if closed > at:
            at = closed
            continue
        is_inner = is_parted and tokens.keys[at] == "&"
        end = at + 1 if _is_spaced_stroke(tokens, at, after) else _separator_end(tokens, start, at, after, marks)
        end = at if is_inner else end
        if end > at:
            yield start, at
            start = end
        at = max(end, at + 1)
    yield start, after


def _is_spaced_stroke(tokens: Tokens, at: int, after: int) -> bool:
    return tokens.keys[at] == "/" and at + 1 < after and not (tokens.is_tight(at) or tokens.is_tight(at + 1))


def _closing(tokens: Tokens, at: int, after: int) -> int:
    """The token after the bracket that opens here; the same token if none does."""
    close = _OPENS.get(tokens.keys[at])
    if close is None:
        return at
    return next((no + 1 for no in range(at + 1, after) if tokens.keys[no] == close), at)


def _separator_end(tokens: Tokens, start: int, at: int, after: int, marks: frozenset[str]) -> int:
    """The token after a separator; the same token if none stands here."""
    key = tokens.keys[at]
    if key in marks or tokens.kinds[at] in (BREAK, BULLET):
        return at + 1
    is_spaced = at + 1 < after and not tokens.is_tight(at + 1)
    is_initial = at > start and len(tokens.keys[at - 1]) == 1 and tokens.is_tight(at)  # `H. pylori`
    if (key == "-" and is_spaced and not tokens.is_tight(at)) or (key == "." and is_spaced and not is_initial):
        return at + 1
    word = with_role(_TABLE, "separator").longest(tokens, at, after) if tokens.kinds[at] != BREAK else None
    if word is not None and at > start and _kind(tokens, max(start, at - _FARTHEST_KIND), at) is not None:
        return word[1]
    return at


def _is_class(tokens: Tokens, first: int, after: int) -> bool:
    """Whether words can be a class: not nothing, no code, and not a whole sentence."""
    words = [at for at in range(first, after) if tokens.kinds[at] == WORD]
    if not words or len(words) > _MOST_WORDS or with_role(_TABLE, "nothing").whole(tokens, first, after) is not None:
        return False
    if all(len(tokens.keys[at]) < _SHORTEST_WORD for at in words):
        return False  # `Category: B`
    if after - first == 1 and _ATC_CODE.fullmatch(tokens.printed_case(first)):
        return False
    return _kind(tokens, first, after) is not None or not any(
        vocabulary("sentence_words").longest(tokens, at, after) for at in words
    )


def _kind_of_label(tokens: Tokens, first: int, after: int) -> str | None:
    roles = _KIND_LABELS.items()
    return next((told for role, told in roles if with_role(_TABLE, role).whole(tokens, first, after) is not None), None)


def _bare(tokens: Tokens, first: int, after: int) -> Span:
    """An item without bullet, number, leads and tail."""
    first, after = _without_ends(tokens, first, after)
    if first + 2 < after and tokens.kinds[first] == NUMBER and tokens.keys[first + 1] in (".", ")"):
        first += 2
    openings = with_role(_TABLE, "opening")
    for at in range(first, min(after, first + _MOST_WORDS_TO_AN_OPENING)):
        found = openings.longest(tokens, at, after)
        if found is not None and found[1] < after:
            first = found[1]
            break
    lead = with_role(_TABLE, "lead")
    while (found := lead.longest(tokens, first, after)) is not None and found[1] < after:
        first = found[1]
    tail = next((at for at in range(first + 1, after) if _begins_tail(tokens, at, after)), after)
    return _without_ends(tokens, first, tail)


def _begins_tail(tokens: Tokens, at: int, after: int) -> bool:
    inside = any(tokens.keys[no] in _OPENS for no in range(max(0, at - _FARTHEST_KIND), at))
    return not inside and with_role(_TABLE, "tail").longest(tokens, at, after) is not None


def _without_ends(tokens: Tokens, first: int, after: int) -> Span:
    skipped = (BREAK, BULLET, SOFT_BREAK)
    while first < after and (tokens.kinds[first] in skipped or tokens.keys[first] in _ENDS):
        first += 1
    while after > first and (tokens.kinds[after - 1] in skipped or tokens.keys[after - 1] in _ENDS):
        after -= 1
    return first, after


def _only_describes(tokens: Tokens, first: int, after: int) -> bool:
    return (
        _kind(tokens, first, after) is None
        and with_role(_TABLE, "modifier").whole(tokens, after - 1, after) is not None
    )


def _kind(tokens: Tokens, first: int, after: int) -> str | None:
    """The kind of the last word or phrase that has one, outside brackets if there is one."""
    words = [at for at in range(first, after) if tokens.kinds[at] == WORD]
    inside: set[int] = set()
    at = first
    while at < after:
        closed = _closing(tokens, at, after)
        inside.update(range(at, closed))
        at = max(closed, at + 1)
    outside = [at for at in words if at not in inside]
    return _last_kind(tokens, outside) or (_last_kind(tokens, words) if inside else None)


def _last_kind(tokens: Tokens, words: list[int]) -> str | None:
    for end in range(len(words), 0, -1):
        for start in range(max(0, end - _LONGEST_PHRASE), end):
            found = _kind_of_phrase(" ".join(tokens.keys[at] for at in words[start:end]))
            if found:
                return found
    return None


def _kind_of_phrase(phrase: str) -> str | None:
    """The kind of a spelling, of its singular, or of a single word's beginning or end."""
    kinds, affixes = _class_words()
    found = kinds.get(phrase) or kinds.get(phrase.removesuffix("s"))
    if found or " " in phrase:
        return found
    return next((kind for begins, ends, kind in affixes if phrase.startswith(begins) and phrase.endswith(ends)), None)


@cache
def _class_words() -> tuple[dict[str, str], tuple[tuple[str, str, str], ...]]:
    """The kind of each spelling, its hyphens as spaces; and beginning, end and kind of the rows with a `*`."""
    kinds: dict[str, str] = {}
    affixes = []
    for row in codes.rows("class_words"):
        text = fold(row["text"])
        if "*" in text:
            begins, _, ends = text.partition("*")
            affixes.append((begins, ends, row["kind"]))
        else:
            kinds[" ".join(text.replace("-", " ").split())] = row["kind"]
    return kinds, tuple(affixes)
