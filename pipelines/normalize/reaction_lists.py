"""Lists of reactions: where a list begins and ends in a sentence, how often it says that it happens, and its items.

    list    = item { separator item }                   separator: "," ";" `and` `or` `including` …, outside brackets
    item    = quality { separator quality } rest        `fast or irregular heartbeat` is one item
            | rest { separator part }                   `swelling of the face, lips or tongue` is one item
            | rest preposition …                        `pain in the arms` is one item

A list has few items that are no known names, and no verb.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from pipelines.lexer import BREAK, NUMBER, WORD, Span, Tokens
from pipelines.lexicon import Vocabulary, vocabulary, with_role
from pipelines.normalize.reaction_terms import name_after, terms
from pipelines.normalize.statements import (
    Words,
    holds_verb,
    inside_brackets,
    verb_after,
)
from schemas.codes import Row, rows

UNSPECIFIED = "unspecified"
_LONGEST_ITEM = 12  # words; what is longer is a sentence
_MOST_UNKNOWN = 3  # one item in three
_LONGEST_LISTED = 7  # words of an item that is no known name
_LONGEST_WITH_PARTS = 40  # tokens
_SHORTEST_WITH_ENDING = 6
_MOST_WORDS_OF_A_FREQUENCY = 3
_ARROWS = frozenset("↑↓→←⬆⬇")
_MEASURED = frozenset({"measure", "measured in", "site", "part"})
FEWEST_COLUMN_GAPS = 2
_SEVERITY = vocabulary("severity_words")
_EFFECT = with_role("reaction_words", "effect")
_KNOWN_LABEL = with_role("reaction_words", "effect", "lists", "system")
_OTHER_SUBJECT = with_role("reaction_words", "other subject", "denies")
_LISTS = with_role("reaction_words", "lists")
_EQUALS = with_role("reaction_words", "equals")
_WHEN = with_role("reaction_words", "when")
_LISTED = with_role("reaction_words", "listed before")
_SEPARATOR = with_role("reaction_words", "separator")
_ARTICLE = with_role("reaction_words", "article")
_WHOLE = with_role("reaction_words", "whole")
_FREQUENCY = with_role("reaction_words", "frequency")
_STOP = with_role("reaction_words", "stop", "effect")
_ASIDE = with_role("reaction_words", "aside")
_NOTHING = with_role("reaction_words", "nothing")
_GOES_ON = with_role("reaction_words", "goes on")
_TAKES_PARTS = with_role("reaction_words", "takes parts")
_COMPLAINT = with_role("reaction_words", "complaint")
_PART = with_role("reaction_words", "part")
_QUALITY = with_role("reaction_words", "quality")
_NOUN = with_role("reaction_words", "noun")
_SYSTEM = with_role("reaction_words", "system")
_OTHER_EVENT = with_role("reaction_words", "other event", "denies")
_BESIDE = with_role("reaction_words", "beside")
_RESETS = with_role("reaction_words", "begins anew")
_BIDS = with_role("reaction_words", "bids", "advises")
_CLASS = with_role("reaction_terms", "class")
_ENDINGS = tuple(
    row["text"].removeprefix("-") for row in rows("reaction_words") if "quality ending" in row["roles"].split("; ")
)


@dataclass(frozen=True, slots=True)
class ReactionContext:
    """What stands before a part of a statement says of it."""

    severity: str | None
    frequency: str | None
    is_list: bool = True
    is_led: bool = False
    is_plain: bool = False
    is_of_the_drug: bool = True


def is_organ_label(tokens: Tokens, at: int, after: int) -> bool:
    """Whether `Central nervous system:` or the like begins at a token."""
    if tokens.kinds[at] != WORD or not tokens.printed_case(at)[0].isupper():
        return False
    organ = _CLASS.longest(tokens, at, after) or _SYSTEM.longest(tokens, at, after)
    return organ is not None and organ[1] < after and tokens.keys[organ[1]] == ":"


def after_label(tokens: Tokens, first: int, after: int, context: ReactionContext) -> ReactionContext:
    """What holds behind a label: its severity and frequency, and whether reactions may follow."""
    severity, frequency = severity_and_frequency(tokens, first, after)
    if frequency is None and _RESETS.is_in(tokens, first, after):
        context = replace(context, severity=None, frequency=None)
    has_share = "%" in tokens.keys[first:after]
    is_known = severity or frequency or has_share or _KNOWN_LABEL.is_in(tokens, first, after)
    is_list = bool(is_known) and is_of_the_drug(tokens, first, after)
    return with_said(context, severity, frequency, is_list=is_list, is_led=is_list)


def with_said(
    context: ReactionContext, severity: str | None, frequency: str | None, *, is_list: bool, is_led: bool
) -> ReactionContext:
    """What a label or subject says, and else what was said before."""
    severity, frequency = severity or context.severity, frequency or context.frequency
    return replace(context, severity=severity, frequency=frequency, is_list=is_list, is_led=is_led)


def is_of_the_drug(tokens: Tokens, first: int, after: int) -> bool:
    """Whether the words deny nothing (but a frequency: `not known`) and name no overdose, withdrawal or the like."""
    spoken = [(begin, end) for begin, end, _ in _SEVERITY.find(tokens, first, after)]
    return all(stands_in(spoken, begin) for begin, _, _ in _OTHER_SUBJECT.find(tokens, first, after))


def severity_and_frequency(tokens: Tokens, first: int, after: int) -> tuple[str | None, str | None]:
    """The severity and the frequency that words state; two at once are `unspecified`, and none."""
    found = _SEVERITY.find(tokens, first, after)
    rows = [row for begin, end, row in found if (name_after(tokens, begin, after) or end) <= end]  # no `common cold`
    severities = {row["severity"] for row in rows} - {""}
    frequencies = {row["frequency"] for row in rows} - {""}
    words = {frequency for frequency in frequencies if frequency.replace(" ", "").isalpha()}
    severity = severities.pop() if len(severities) == 1 else UNSPECIFIED if severities else None
    return severity, next(iter(words or frequencies)) if len(words or frequencies) == 1 else None


def find_list(tokens: Tokens, first: int, after: int, context: ReactionContext) -> tuple[int, int, ReactionContext]:
    """Where the list of a part begins and ends, and what is said of it: by its label, then by its sentence."""
    label = _label_end(tokens, first, after)
    if label is not None:
        context = after_label(tokens, first, label, context)
        if not context.is_list:
            return label, after, context
        first = label
    return _list_in_sentence(Words(tokens, first, after), context)


def _label_end(tokens: Tokens, first: int, after: int) -> int | None:
    """The token after a label: `GI:`, `Nervous system disorders: Very common:`, or a frequency and a comma."""
    inside = inside_brackets(tokens, first, after)
    last, has_comma = None, False
    for at in range(first, after):
        if inside[at - first]:
            continue
        is_dash = last is None and at > first and not has_comma and _is_dash_behind_label(tokens, at, after)
        if tokens.keys[at] == ":" or is_dash:
            last = at + 1
        elif tokens.keys[at] == "," and last is not None:
            break
        has_comma = has_comma or tokens.keys[at] == ","
    if last is not None:
        return last
    at = _past_joiner(tokens, first, after)
    found = _SEVERITY.longest(tokens, at, after)
    return found[1] + 1 if found is not None and found[1] < after and tokens.keys[found[1]] == "," else None


def _is_dash_behind_label(tokens: Tokens, at: int, after: int) -> bool:
    """Whether a dash between spaces parts a label from a list that begins with a capital: `Allergic – Urticaria`."""
    if tokens.keys[at] != "-" or at + 1 >= after or tokens.is_tight(at) or tokens.is_tight(at + 1):
        return False
    return tokens.kinds[at + 1] == WORD and tokens.printed_case(at + 1)[0].isupper()


def _past_joiner(tokens: Tokens, at: int, after: int) -> int:
    found = _SEPARATOR.longest(tokens, at, after)
    at = found[1] if found is not None else at
    return at + 1 if at < after and tokens.keys[at] == "," else at


def _list_in_sentence(words: Words, context: ReactionContext) -> tuple[int, int, ReactionContext]:
    tokens, first, after = words.tokens, words.first, words.after
    lead_in = _lead_in(words)
    if lead_in is not None:
        severity, frequency = severity_and_frequency(tokens, first, lead_in)
        is_list = is_of_the_drug(tokens, first, lead_in)
        is_own = is_list or not _OTHER_EVENT.is_in(tokens, first, lead_in)
        context = replace(context, is_of_the_drug=is_own)
        return lead_in, after, with_said(context, severity, frequency, is_list=is_list, is_led=is_list)
    listed = words.start_of(_LISTED, first, after)
    if listed < after:
        severity, frequency = severity_and_frequency(tokens, listed, after)
        is_list = context.is_list and is_of_the_drug(tokens, first, after)
        near = range(max(first, listed - _MOST_WORDS_OF_A_FREQUENCY), listed)
        said = next((at for at in near if (_SEVERITY.longest(tokens, at, after) or (0, at))[1] >= listed), listed)
        if said < listed:  # `bradycardia occasionally reported`, `less often reported were …`
            severity, frequency = severity_and_frequency(tokens, said, after)
            listed = said
        return first, listed, with_said(context, severity, frequency, is_list=is_list, is_led=context.is_led)
    how_often = _frequency_behind(tokens, first, after)
    if how_often is not None:
        return first, after - 1, replace(context, frequency=how_often)
    often = _often_end(tokens, first, after)
    if often is not None:
        frequency = severity_and_frequency(tokens, first, often)[1]
        return often, after, replace(context, frequency=frequency or context.frequency)
    return first, after, context


def _frequency_behind(tokens: Tokens, first: int, after: int) -> str | None:
    """The frequency that ends a list of two or more without a verb: `raised pulse and pressure common`."""
    if after - first <= FEWEST_COLUMN_GAPS or not _SEVERITY.is_word(tokens, after - 1):
        return None
    is_list = any(_SEPARATOR.is_word(tokens, at) for at in range(first, after))
    return (
        severity_and_frequency(tokens, after - 1, after)[1] if is_list and "," not in tokens.keys[first:after] else None
    )


def _often_end(tokens: Tokens, first: int, after: int) -> int | None:
    """The token after a frequency that a list begins with: `rarely hepatitis`."""
    at = _past_joiner(tokens, first, after)
    found = _FREQUENCY.longest(tokens, at, after)
    if found is None or found[1] >= after or tokens.kinds[found[1]] != WORD:
        return None
    return found[1] if _WHOLE.longest(tokens, at, after) is None else None


def _lead_in(words: Words) -> int | None:
    """The token after the word that leads to a list in a part of a sentence."""
    tokens, first = words.tokens, words.first
    lists = next(words.find(_LISTS), None)
    if lists is not None:
        return lists[1]
    when = next(words.find(_WHEN), None)
    if when is not None:
        return when[1] if severity_and_frequency(tokens, first, when[0]) != (None, None) else None
    equals = next(words.find(_EQUALS), None)
    if equals is None:
        return None
    begin = past_article(tokens, first, equals[0])
    is_frequency = begin < equals[0] and _SEVERITY.whole(tokens, begin, equals[0]) is not None
    is_of_effects = is_frequency or words.has(_EFFECT, first, equals[0])
    return equals[1] if is_of_effects else None


def past_article(tokens: Tokens, at: int, after: int) -> int:
    """The token after an article, or the token itself."""
    found = _ARTICLE.longest(tokens, at, after)
    return found[1] if found is not None else at


def bare_item(tokens: Tokens, first: int, after: int) -> Span:
    """An item without the marks, shares, brackets, articles and words of severity at its ends."""
    while first < after:
        article = _ARTICLE.longest(tokens, first, after) or _SEPARATOR.longest(tokens, first, after)
        skipped = terms().longest(tokens, first, after)
        if article is not None:
            first = article[1]
        elif skipped is not None and "skip" in skipped[0] and skipped[1] < after:
            first = skipped[1]
        elif tokens.kinds[first] != WORD:
            first += 1
        else:
            break
    inside = inside_brackets(tokens, first, after)
    while after > first and (tokens.kinds[after - 1] != WORD or inside[after - 1 - first]):
        after -= 1
    return first, after


def unknown_items(tokens: Tokens, items: Sequence[Span], context: ReactionContext) -> Iterator[Span]:
    """The items that hold no known name, of a list that is led to and of which most are known."""
    unknown = [item for item in items if not _holds_name(tokens, *item)]
    if not context.is_led or _MOST_UNKNOWN * len(unknown) > len(items):
        return
    for first, after in unknown:
        begin, end = trimmed_item(tokens, first, after)
        begin = past_article(tokens, begin, end)
        if is_short_item(tokens, begin, end):
            yield begin, end


def _holds_name(tokens: Tokens, first: int, after: int) -> bool:
    return any(name_after(tokens, at, after) is not None for at in terms().starts(tokens, first, after))


def is_short_item(tokens: Tokens, first: int, after: int) -> bool:
    """Whether an item is a few words, without numbers, and none that only leads to something else."""
    words = [at for at in range(first, after) if tokens.kinds[at] == WORD]
    is_bare = NUMBER not in tokens.kinds[first:after] and not {"(", "%", ":", "/"} & set(tokens.keys[first:after])
    if not words or len(words) > _LONGEST_LISTED or not is_bare or words[0] != first:
        return False
    if first > 0 and tokens.keys[first - 1] in _ARROWS:
        return False  # `↓ BP` without its arrow says nothing
    is_part = _BESIDE.longest(tokens, first, after) is not None or _GOES_ON.is_word(tokens, first)
    is_part = is_part or _is_measure(tokens, first, after)
    is_open = _BESIDE.is_word(tokens, words[-1]) or _CLASS.longest(tokens, first, after) is not None
    return not (is_part or is_open)


def _is_measure(tokens: Tokens, first: int, after: int) -> bool:
    """Whether words are only what is measured, or where: `serum creatinine`, `GI`, without a change or a complaint."""
    at = first
    while at < after:
        found = terms().longest(tokens, at, after)
        if found is None or not found[0] <= _MEASURED:
            return False
        at = found[1]
    return True


@dataclass(slots=True)
class _Items:
    """The items found so far; `waiting` is the token at which a quality stands that the next item completes."""

    tokens: Tokens
    found: list[Span] = field(default_factory=list)
    waiting: int | None = None
    is_open: bool = False

    def add(self, first: int, after: int) -> None:
        """Takes in a piece: as an item, as a part of the item before, or as the beginning of the next."""
        words = _outside(self.tokens, first, after)
        if self.is_open and self.waiting is None and self.completes_last(words):
            self.found[-1] = (self.found[-1][0], after)
        elif self.is_incomplete(words):
            self.waiting = first if self.waiting is None else self.waiting
        else:
            self.found.append((first if self.waiting is None else self.waiting, after))
            self.waiting, self.is_open = None, True

    def completes_last(self, words: list[int]) -> bool:
        """Whether the words belong to the item before."""
        first, after = self.found[-1]
        if after - first > _LONGEST_WITH_PARTS:
            return False
        if _GOES_ON.is_word(self.tokens, words[0]):
            return True
        if len(words) > 1 and _COMPLAINT.is_word(self.tokens, words[-1]):
            return False  # `eye pain, eye discharge`
        takes_parts = any(_TAKES_PARTS.is_word(self.tokens, at) for at in _outside(self.tokens, first, after))
        return takes_parts and self.are(words, _PART)

    def is_incomplete(self, words: list[int]) -> bool:
        """Whether the words only qualify, or lead to, what comes next: `chest tightness` does not."""
        if len(words) > 1 and _COMPLAINT.is_word(self.tokens, words[-1]):
            return False
        is_leading = _GOES_ON.is_word(self.tokens, words[-1])
        return is_leading or self.are(words, _PART) or self.are(words, _QUALITY, has_ending=True)

    def are(self, words: list[int], known: Vocabulary[Row], *, has_ending: bool = False) -> bool:
        """Whether every word is an article or of a vocabulary, or ends as qualities do."""
        return all(
            _ARTICLE.is_word(self.tokens, at)
            or known.is_word(self.tokens, at)
            or (has_ending and self.has_quality_ending(at))
            for at in words
        )

    def has_quality_ending(self, at: int) -> bool:
        key = self.tokens.keys[at]
        return len(key) >= _SHORTEST_WITH_ENDING and key.endswith(_ENDINGS) and not _NOUN.is_word(self.tokens, at)

    def close(self, after: int) -> None:
        """Ends the list; qualities that wait go with an item that asks for them: `feeling tired or weak`."""
        if self.waiting is not None and self.is_open:
            first, last = self.found[-1]
            if any(_TAKES_PARTS.is_word(self.tokens, at) for at in _outside(self.tokens, first, last)):
                self.found[-1] = (first, after)
        self.waiting, self.is_open = None, False


def _outside(tokens: Tokens, first: int, after: int) -> list[int]:
    """The words outside brackets."""
    inside = inside_brackets(tokens, first, after)
    return [at for at in range(first, after) if tokens.kinds[at] == WORD and not inside[at - first]]


def items_of_list(tokens: Tokens, first: int, after: int) -> list[Span]:
    """The reactions of a list; one that turns into a sentence ends there."""
    items = _Items(tokens)
    last = first
    for begin, end in parted_items(tokens, first, after):
        words = _outside(tokens, begin, end)
        if words and _is_prose(tokens, begin, end, len(words)):
            if verb_after(tokens, words[0], end) is not None:  # what stands before its verb is its subject
                items.found = [item for item in items.found if _holds_name(tokens, *item)]
            break
        is_aside = words and _ASIDE.is_word(tokens, words[0])
        if words and not is_aside and _NOTHING.whole(tokens, begin, end) is None:
            items.add(begin, end)
            last = end
    items.close(last)
    return items.found


def parted_items(tokens: Tokens, first: int, after: int) -> Iterator[Span]:
    """The words between separators that stand outside brackets and outside phrases that are one whole."""
    inside = inside_brackets(tokens, first, after)
    begin = at = first
    while at < after:
        whole = _WHOLE.longest(tokens, at, after)
        separator = None if inside[at - first] or whole is not None else _separator_end(tokens, at, after)
        if separator is None:
            at = whole[1] if whole is not None else at + 1
            continue
        yield trimmed_item(tokens, begin, at)
        begin = at = separator
    yield trimmed_item(tokens, begin, after)


def _separator_end(tokens: Tokens, at: int, after: int) -> int | None:
    is_line = tokens.kinds[at] == BREAK and not (at + 1 < after and tokens.printed_case(at + 1)[0].islower())
    if tokens.keys[at] in (",", ";") or is_line:
        return _past_joiner(tokens, at + 1, after)
    found = _SEPARATOR.longest(tokens, at, after)
    return found[1] if found is not None else None


def trimmed_item(tokens: Tokens, first: int, after: int) -> Span:
    """A piece without the marks at its ends, and without a bracket that does not close; a closed one stays."""
    if "(" in tokens.keys[first:after] and ")" not in tokens.keys[first:after]:
        after = tokens.keys.index("(", first)
    while first < after and tokens.kinds[first] not in (WORD, NUMBER) and tokens.keys[first] not in ("(", "["):
        first += 1
    while (
        after > first
        and tokens.kinds[after - 1] not in (WORD, NUMBER)
        and tokens.keys[after - 1] not in (")", "]", "%")
    ):
        after -= 1
    return first, after


def _is_prose(tokens: Tokens, first: int, after: int, words: int) -> bool:
    if words > _LONGEST_ITEM or _BIDS.longest(tokens, first, after) is not None:
        return True
    if not _STOP.starts(tokens, first, after) and not holds_verb(tokens, first, after):
        return False
    inside = inside_brackets(tokens, first, after)
    at = first
    while at < after:
        whole = _WHOLE.longest(tokens, at, after)
        if whole is not None:
            at = whole[1]
            continue
        is_stop = _STOP.longest(tokens, at, after) is not None or verb_after(tokens, at, after) is not None
        if is_stop and not inside[at - first]:
            return True
        at += 1
    return False


def stands_in(spans: Sequence[Span], at: int) -> bool:
    """Whether a token stands in one of some spans that are in order and do not touch."""
    number = bisect_right(spans, at, key=_first) - 1
    return number >= 0 and at < spans[number][1]


def _first(span: Span) -> int:
    return span[0]
