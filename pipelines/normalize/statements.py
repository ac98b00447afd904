"""Statements: the sentences and list items of a section, each with the words that lead to its list.

    body      = { paragraph | line | item }
    paragraph = line { wrapped line }                  a line goes on where it ends with a comma or a word like `and`;
                                                       or is 50 columns or longer and the next begins in lower case
    item      = bullet line { wrapped line }           `- ` `* ` `• ` `1. ` `a) ` `A. `; inside a line a round bullet,
                                                       and numbers that count on: `1. Pain 2. Fever`
    sentence  = words ( "." | "!" | "?" )              not after an abbreviation, in a number or inside a bracket
    lead      = sentence ":"                           it leads to the lines or items below
              | line without a full stop, above a bullet
              | line that is only a share: `>10%`
              | numbered line without a full stop: `5.1 Bleeding`
                                                       one that says nothing without its list, `allergic to:`, is a
                                                       statement with it

Rows of a table and furniture of a page, if the document sets them apart, are no statements. Abbreviations, verbs and
words that never end a line's thought are rows of `grammar_words.csv`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import accumulate

from pipelines.lexer import BREAK, BULLET, NARROWEST_WRAP, NUMBER, SOFT_BREAK, WIDEST_WRAP, WORD, Span, Tokens
from pipelines.lexicon import Vocabulary, is_incomplete, with_role
from pipelines.records import Block, Finding, FindingCode, Passage
from schemas.codes import Row, rows

_SHARE_OF_PARAGRAPHS = 4  # one in so many characters of a text that is not wrapped stands in long lines
_LONGEST_LEAD = 60  # tokens; what stands farther from the list is not read with it
_SHORTEST_LAST_WORD = 5  # before a sentence that begins in lower case; a shorter word may be an abbreviation
_SHORTEST_GLUED_WORD = 2  # `pain.It`: a full stop without a space ends a sentence only between words
_MOST_AUXILIARIES = 6
_MOST_DIGITS = 2  # of the number of an item
_FEWEST_NUMBERED = 2  # items inside a line

_ROUND = frozenset("•‣◦▪●○■□➢➤►▸✓✔❖◆◇⁃·")
_DASHES = frozenset("-*+")
_PARTS = frozenset(",;")
_ENDS = frozenset(".!?")
_ENDS_OF_NO_LEAD = _ENDS | {";", ","}
_CLOSES = {")": "(", "]": "["}
_CLOSING_OR_ENDS = frozenset("\"')]") | _ENDS
_UNREAD = FindingCode("STATEMENT_UNREAD")

_ABBREVIATION = with_role("grammar_words", "abbreviation")
_BEFORE_NUMBER = with_role("grammar_words", "before a number")
_GOES_ON = with_role("grammar_words", "goes on", "joins")
_VERB = with_role("grammar_words", "verb")
_VERB_OR_NOUN = with_role("grammar_words", "verb or noun")
_ANY_VERB = with_role("grammar_words", "verb", "verb or noun")
_AFTER_NOUN = with_role("grammar_words", "after a noun")
_NO_VERB_AFTER = with_role("grammar_words", "infinitive")
_AUXILIARY = with_role("grammar_words", "auxiliary", "verb", "verb or noun")
_SMALL_ROMANS = frozenset({"ii", "iii", "iv", "vi", "vii", "viii", "ix"})  # before the items of a list
_JOINER = with_role("grammar_words", "joins", "joins clauses")
_CONDITION = with_role("grammar_words", "condition")
_LEADS = with_role("grammar_words", "leads")
_PAGE_NUMBER = with_role("grammar_words", "page number")
_PAGE = with_role("grammar_words", "page")


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence or list item, as tokens; `leads` stand above its list, the outermost first.

    `opens` tells the first sentence of a line or item from those that follow it; `is_item` what a bullet stands before.
    """

    first: int
    after: int
    leads: tuple[Span, ...] = ()
    is_lead: bool = False
    is_item: bool = False
    opens: bool = True


@dataclass(slots=True)
class _Lines:
    """Lines that belong together, as tokens; `has_gap` tells that a blank line stands before."""

    first: int
    after: int
    is_item: bool
    has_gap: bool
    last_line: int


def read_statements(tokens: Tokens, first: int, after: int, blocks: Sequence[Block] = ()) -> tuple[Statement, ...]:
    """Every sentence and list item that has a word or is a lead, in order."""
    return tuple(s for begin, end in _readable(tokens, first, after, blocks) for s in _statements(tokens, begin, end))


def _readable(tokens: Tokens, first: int, after: int, blocks: Sequence[Block]) -> Iterator[Span]:
    """The stretches between rows of tables and furniture."""
    at = first
    for begin, end in spans_of(tokens, first, after, blocks, "row", "furniture"):
        if begin > at:
            yield at, begin
        at = max(at, end)
    if after > at:
        yield at, after


def spans_of(tokens: Tokens, first: int, after: int, blocks: Sequence[Block], *kinds: str) -> list[Span]:
    """The blocks of some kinds that begin between two tokens, as tokens."""
    return [tokens.span(_place(block)) for block in blocks_in(tokens, first, after, blocks) if block.kind in kinds]


def blocks_in(tokens: Tokens, first: int, after: int, blocks: Sequence[Block]) -> Iterator[Block]:
    """The blocks that begin between two tokens, in order."""
    if not blocks or first >= after:
        return
    place = tokens.passage(first, after)
    at = bisect_left(blocks, place.start, key=_block_start)
    while at < len(blocks) and blocks[at].start < place.end:
        yield blocks[at]
        at += 1


def _block_start(block: Block) -> int:
    return block.start


def _place(block: Block) -> Passage:
    return Passage(" " * (block.end - block.start), block.start)


def _statements(tokens: Tokens, first: int, after: int) -> Iterator[Statement]:
    lines = list(_joined_lines(tokens, first, after))
    outer: tuple[Span, ...] = ()
    leads: tuple[Span, ...] = ()
    items = False
    for number, line in enumerate(lines):
        above_item = number + 1 < len(lines) and lines[number + 1].is_item and not line.is_item
        if not line.is_item and (items or (line.has_gap and tokens.keys[line.after - 1] in _ENDS)):
            outer = leads = ()  # the words that led to a list say nothing of what follows it
        items = line.is_item
        for begin, end in _sentences(tokens, line):
            is_lead = _is_lead(tokens, begin, end, above_item=above_item and end == line.after)
            yield Statement(begin, end, leads, is_lead, line.is_item, begin == line.first)
            if is_lead:
                near = (max(begin, end - _LONGEST_LEAD), end)
                outer = outer if line.is_item else (near,)
                leads = (*outer, near) if line.is_item else outer


def with_what_completes_them(tokens: Tokens, statements: Sequence[Statement]) -> Iterator[Statement]:
    """The statements, in which a lead that says nothing without its list is one with it: `You are allergic to:`."""
    completed: Span | None = None
    at = 0
    while at < len(statements):
        statement = statements[at]
        at += 1
        if completed is not None and statement.leads[-1:] == (completed,):
            statement = replace(statement, leads=statement.leads[:-1])
        words = statement.after - (tokens.keys[statement.after - 1] == ":")
        if statement.is_lead and is_incomplete(tokens, statement.first, words):
            end = statement.after
            while at < len(statements) and _completes(tokens, statements[at], end):
                completed = statements[at].leads[-1]
                statement = replace(statement, after=statements[at].after, is_lead=False)
                at += 1
        yield statement


def _completes(tokens: Tokens, statement: Statement, end_of_lead: int) -> bool:
    """Whether a statement is what a lead names, and does not go on with the words above it: `have gout`."""
    is_led = bool(statement.leads) and statement.leads[-1][1] == end_of_lead
    begins_anew = _CONDITION.longest(tokens, statement.first, statement.after) is not None
    return is_led and not begins_anew and verb_after(tokens, statement.first, statement.after) is None


def _is_lead(tokens: Tokens, first: int, after: int, *, above_item: bool) -> bool:
    last = tokens.keys[after - 1]
    if last == ":" or not has_word(tokens, first, after):
        return True
    if last in _ENDS_OF_NO_LEAD:
        return False
    return above_item or is_numbered(tokens, first, after) or _LEADS.whole(tokens, after - 1, after) is not None


def is_numbered(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a line begins as a heading of a label does: `5.1 Bleeding`."""
    if tokens.kinds[first] != NUMBER or "." not in tokens.keys[first] or after < first + 2:
        return False
    return tokens.kinds[first + 1] == WORD and tokens.printed_case(first + 1)[0].isupper()


def has_word(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a word stands between two tokens."""
    return WORD in tokens.kinds[first:after]


# --- lines ---------------------------------------------------------------------------------------------------------


def _joined_lines(tokens: Tokens, first: int, after: int) -> Iterator[_Lines]:
    joined: _Lines | None = None
    for line in _lines(tokens, first, after):
        if joined and _goes_on(tokens, joined, line):
            joined.after, joined.last_line = line.after, line.first
        else:
            if joined:
                yield joined
            joined = line
    if joined:
        yield joined


def _lines(tokens: Tokens, first: int, after: int) -> Iterator[_Lines]:
    """Each line that has words, without its bullet."""
    kinds, keys = tokens.kinds, tokens.keys
    begin = first
    has_gap = is_bulleted = False
    numbers = _inner_numbers(tokens, first, after)
    for at in range(first, after + 1):
        is_end = at == after or kinds[at] == BREAK
        if not is_end and not (at > begin and ((keys[at] in _ROUND and _is_inner_bullet(tokens, at)) or at in numbers)):
            continue
        if at > begin:
            words, is_item = _after_bullet(tokens, begin, at)
            is_first_of_several = not is_end and keys[at - 1] != ":" and at not in numbers  # `pain • fever`
            end = _without_cell_end(tokens, words, at)
            if words < end:
                yield _Lines(words, end, is_item or is_bulleted or is_first_of_several, has_gap, words)
            has_gap, is_bulleted = False, words >= at
        else:
            has_gap = True
        begin = at + 1 if is_end else at


def _inner_numbers(tokens: Tokens, first: int, after: int) -> frozenset[int]:
    """The tokens inside lines that number items one after the other, from 1: `used for 1. Pain 2. Fever`."""
    found: list[int] = []
    counted: list[int] = []
    at = tokens.kinds.find(NUMBER, first, after)
    while at >= 0:
        if counted and BREAK in tokens.kinds[counted[-1] : at]:
            counted = []
        if tokens.keys[at] == str(len(counted) + 1) and _is_item_number(tokens, at, after):
            counted.append(at)
            found += counted[-2:] if len(counted) == _FEWEST_NUMBERED else counted[-1:] if len(counted) > 1 else []
        at = tokens.kinds.find(NUMBER, at + 1, after)
    return frozenset(found)


def _is_item_number(tokens: Tokens, at: int, after: int) -> bool:
    """Whether a number stands before an item: a full stop or bracket is tight behind it, and a word with a capital."""
    if at + 2 >= after or tokens.keys[at + 1] not in (".", ")") or not tokens.is_tight(at + 1):
        return False
    is_begun = at == 0 or not tokens.is_tight(at) or tokens.kinds[at - 1] in (BREAK, SOFT_BREAK)
    return is_begun and tokens.kinds[at + 2] == WORD and tokens.printed_case(at + 2)[0].isupper()


def _is_inner_bullet(tokens: Tokens, at: int) -> bool:
    """Whether a round mark inside a line opens an item: `• pain • fever`, but not `0·5` or `mg·kg`."""
    return tokens.keys[at] != "·" and not (tokens.is_tight(at) and at + 1 < len(tokens) and tokens.is_tight(at + 1))


def _without_cell_end(tokens: Tokens, first: int, after: int) -> int:
    """The token after a line, without the pipe that closes the last cell of a row."""
    return after - 1 if after > first and tokens.keys[after - 1] == "|" else after


def _after_bullet(tokens: Tokens, first: int, after: int) -> tuple[int, bool]:
    """The first token of a line that is not its bullet, and whether there is one."""
    kinds, keys = tokens.kinds, tokens.keys
    if kinds[first] == BULLET or keys[first] in _ROUND:
        is_twofold = first + 2 < after and keys[first + 1] in _DASHES and not tokens.is_tight(first + 2)
        return first + 1 + is_twofold, True  # `• – if you are allergic`
    if first + 1 >= after:
        return first, False
    if keys[first] in _DASHES and (kinds[first + 1] == WORD or keys[first + 1] in "\"'("):
        return first + 1, True
    is_number = kinds[first] == NUMBER and len(keys[first]) <= _MOST_DIGITS and keys[first].isdigit()
    is_letter = kinds[first] == WORD and len(keys[first]) == 1 and _letters_item(tokens, first, after)
    is_letter = is_letter or (keys[first] in _SMALL_ROMANS and tokens.printed_case(first).islower())
    if (is_number or is_letter) and keys[first + 1] in (".", ")", "]") and tokens.is_tight(first + 1):
        is_word_next = first + 2 < after and (kinds[first + 2] == WORD or not tokens.is_tight(first + 2))
        return (first + 2, True) if is_word_next else (first, False)
    return first, False


def _letters_item(tokens: Tokens, at: int, after: int) -> bool:
    """Whether a letter may stand before an item: a small one, or a capital before a capital, unlike `C. difficile`."""
    if tokens.printed_case(at).islower():
        return True
    return at + 2 < after and tokens.kinds[at + 2] == WORD and tokens.printed_case(at + 2)[0].isupper()


def _goes_on(tokens: Tokens, joined: _Lines, line: _Lines) -> bool:
    """Whether a line is a wrapped part of the lines above it."""
    last = joined.after - 1
    key = tokens.keys[last]
    if line.is_item or line.has_gap or key in (".", "!", "?", ":", ";"):
        return False
    if last > joined.first and tokens.keys[last - 1] == ";" and _JOINER.is_word(tokens, last):
        return False  # `kidney disease; or`, the last item but one
    is_letter = (
        key == "a" and tokens.printed_case(last) == "A"
    )  # of vitamin A: an article at the end of a line is small
    width = tokens.ends[last] - tokens.starts[joined.last_line]
    if width >= NARROWEST_WRAP and _has_open_bracket(tokens, joined):
        return True
    if key == "," or (not is_letter and _GOES_ON.is_word(tokens, last)):
        return True
    if (not joined.is_item and width < NARROWEST_WRAP) or _holds_paragraphs(tokens.text.plain.text):
        return False
    return tokens.printed_case(line.first)[0].islower() or tokens.keys[line.first] == "("


@lru_cache(maxsize=1)
def _holds_paragraphs(text: str) -> bool:
    """Whether much of a text stands in lines that are wider than a page: each is a paragraph, and none is wrapped."""
    return _SHARE_OF_PARAGRAPHS * sum(len(line) for line in text.split("\n") if len(line) > WIDEST_WRAP) > len(text)


def _has_open_bracket(tokens: Tokens, joined: _Lines) -> bool:
    keys = tokens.keys[joined.last_line : joined.after]
    return keys.count("(") > keys.count(")")


# --- sentences -----------------------------------------------------------------------------------------------------


def _sentences(tokens: Tokens, line: _Lines) -> Iterator[Span]:
    """Where the sentences of joined lines begin and end; a lone number or mark joins no sentence and is left out."""
    first = line.first
    inside = inside_brackets(tokens, line.first, line.after)
    for at in _stops(tokens, line):
        end = _past_closing(tokens, at, line.after) if tokens.keys[at] in _ENDS else at + 1
        is_last = end == line.after
        if at < first or inside[at - line.first] or not (is_last or _ends_sentence(tokens, at, end, first)):
            continue
        if has_word(tokens, first, end):
            yield first, end
        first = end
    is_share = first == line.first and "%" in tokens.keys[first : line.after]
    if first < line.after and (has_word(tokens, first, line.after) or is_share):
        yield first, line.after


def _stops(tokens: Tokens, line: _Lines) -> Iterator[int]:
    """The tokens that may end a sentence: full stops and the like, and short forms that end with one (`U.S.`)."""
    keys, starts, ends = tokens.keys, tokens.starts, tokens.ends
    for at in range(line.first, line.after):
        key = keys[at]
        if key in _ENDS or ends[at] - starts[at] != len(key):
            yield at


def _past_closing(tokens: Tokens, at: int, after: int) -> int:
    """Past a full stop and the marks that close something behind it."""
    end = at + 1
    while end < after and tokens.keys[end] in _CLOSING_OR_ENDS and tokens.is_tight(end):
        end += 1
    return _past_references(tokens, end, after)


def _past_references(tokens: Tokens, at: int, after: int) -> int:
    """Past the numbers of references that touch the end of a sentence: `nausea.[2]`, `nausea.12 13`."""
    end = at
    while (
        end + 2 < after and tokens.keys[end] == "[" and tokens.kinds[end + 1] == NUMBER and tokens.keys[end + 2] == "]"
    ):
        end += 3
    if end == at and end < after and tokens.kinds[end] == NUMBER and tokens.is_tight(end):
        while end < after and tokens.kinds[end] == NUMBER and tokens.keys[end].isdecimal():
            end += 1
        is_begun = end < after and tokens.kinds[end] == WORD and tokens.printed_case(end)[0].isupper()
        end = end if is_begun or end == after else at
    return end


def _ends_sentence(tokens: Tokens, at: int, after: int, first: int) -> bool:
    """Whether a sentence ends with the token `at` (and the closing marks behind it), before the token `after`."""
    key = tokens.keys[at]
    is_glued = tokens.is_tight(after) and tokens.kinds[after] == WORD
    if key in ("!", "?"):
        return not is_glued or tokens.printed_case(after)[0].isupper()
    return _full_stop_ends(tokens, at, after, first)


def _full_stop_ends(tokens: Tokens, at: int, after: int, first: int) -> bool:
    key = tokens.keys[at]
    is_short_form = tokens.kinds[at] == WORD and tokens.printed_case(at).endswith(".")
    if key != "." and not is_short_form:
        return False
    word = at if is_short_form else at - 1
    if word < first:
        return False
    begins = tokens.printed_case(after)
    if tokens.is_tight(after) and tokens.kinds[after - 1] not in (BREAK, SOFT_BREAK):
        return begins[0].isupper() and len(begins) > 1 and _is_long_word(tokens, after) and _is_long_word(tokens, word)
    if _ABBREVIATION.longest(tokens, word, at + 1) is not None:
        return False
    if begins[0].isdigit() and _BEFORE_NUMBER.longest(tokens, word, at + 1) is not None:
        return False
    return not begins[0].islower() or len(tokens.keys[word]) >= _SHORTEST_LAST_WORD


def _is_long_word(tokens: Tokens, at: int) -> bool:
    return tokens.kinds[at] == WORD and len(tokens.keys[at]) >= _SHORTEST_GLUED_WORD


def inside_brackets(tokens: Tokens, first: int, after: int) -> list[bool]:
    """For each token whether it stands in a closed bracket, or is one."""
    keys = tokens.keys
    if _CLOSES.keys().isdisjoint(keys[first:after]):
        return [False] * (after - first)
    changes = [0] * (after - first + 1)
    opened: dict[str, list[int]] = {"(": [], "[": []}
    for at in range(first, after):
        key = keys[at]
        if key in opened:
            opened[key].append(at)
        elif key in _CLOSES and opened[_CLOSES[key]]:
            changes[opened[_CLOSES[key]].pop() - first] += 1
            changes[at + 1 - first] -= 1
    return [depth > 0 for depth in accumulate(changes[:-1])]


# --- clauses -------------------------------------------------------------------------------------------------------


class Words:
    """A statement, or a part of it, as its reader asks: which phrases it holds outside brackets, and where."""

    def __init__(self, tokens: Tokens, first: int, after: int) -> None:
        """Looks at the tokens from `first` up to `after`."""
        self.tokens = tokens
        self.first = first
        self.after = after
        self.inside = inside_brackets(tokens, first, after)

    def find(self, known: Vocabulary[Row], first: int | None = None, after: int | None = None) -> Iterator[Span]:
        """The phrases of a vocabulary outside brackets."""
        begin = self.first if first is None else first
        found = known.find(self.tokens, begin, self.after if after is None else after)
        return ((start, end) for start, end, _ in found if not self.inside[start - self.first])

    def has(self, known: Vocabulary[Row], first: int | None = None, after: int | None = None) -> bool:
        """Whether a phrase of a vocabulary stands outside brackets."""
        return next(self.find(known, first, after), None) is not None

    def holds_word(self, at: int) -> bool:
        """Whether a token is a word outside brackets."""
        return self.tokens.kinds[at] == WORD and not self.inside[at - self.first]

    def start_of(self, known: Vocabulary[Row], first: int, after: int) -> int:
        """Where the first phrase of a vocabulary begins; `after` if there is none."""
        return next((start for start, _ in self.find(known, first, after)), after)

    def is_whole(self, known: Vocabulary[Row]) -> bool:
        """Whether the words, without the marks at their end, are one phrase of a vocabulary."""
        return is_whole(known, self.tokens, self.first, self.after)

    def leads_to(self, at: int, after: int, known: Vocabulary[Row], between: Vocabulary[Row]) -> bool:
        """Whether a phrase stands at a token, or behind a few phrases of another vocabulary."""
        for _ in range(_MOST_AUXILIARIES):
            if at >= after or known.longest(self.tokens, at, after) is not None:
                return at < after
            found = between.longest(self.tokens, at, after)
            if found is None:
                return False
            at = found[1]
        return False

    def main_end(self, first: int, after: int) -> int:
        """Where the main clause ends: before `when`, `if`, `which` and the like, unless it begins with them."""
        found = self.start_of(_CONDITION, first, after)
        return found if found > first else after

    def has_verb(self, first: int, after: int) -> bool:
        """Whether a verb stands between two tokens, outside brackets."""
        verbs = _ANY_VERB.starts(self.tokens, first, after)
        return any(not self.inside[at - self.first] and verb_after(self.tokens, at, after) is not None for at in verbs)


def is_whole(known: Vocabulary[Row], tokens: Tokens, first: int, after: int) -> bool:
    """Whether words, without the marks at their end, are one phrase of a vocabulary."""
    if first >= after or not known.starts_at(tokens, first):
        return False
    while after > first and tokens.keys[after - 1] in (".", ":", ";", ","):
        after -= 1
    return known.whole(tokens, first, after) is not None


def verb_after(tokens: Tokens, at: int, after: int) -> int | None:
    """The token after a verb that stands here; None if the words are no verb but a noun, or an infinitive.

    `use contraception`, but `concomitant use with pimozide` and `bleeding of unknown cause`; `unable to take tablets`.
    """
    if not _ANY_VERB.starts_at(tokens, at):
        return None
    if at and _NO_VERB_AFTER.whole(tokens, at - 1, at) is not None:
        return None
    found = _VERB.longest(tokens, at, after)
    if found is not None:
        return found[1]
    found = _VERB_OR_NOUN.longest(tokens, at, after)
    if found is None or found[1] >= after or tokens.keys[found[1]] in (")", ",", ".", ":", ";"):
        return None
    return None if _AFTER_NOUN.longest(tokens, found[1], after) is not None else found[1]


def holds_verb(tokens: Tokens, first: int, after: int) -> bool:
    """Whether a verb stands between two tokens, in brackets or not."""
    return any(verb_after(tokens, at, after) is not None for at in _ANY_VERB.starts(tokens, first, after))


def clauses(words: Words, is_turn: Callable[[int], bool]) -> Iterator[Span]:
    """The clauses of a statement: cut at `;`, and at a comma or joiner before words that make another kind.

    turn = ";" [ joiner ] | ( "," [ joiner ] | joiner ) before { auxiliary } and a token at which `is_turn` holds
    """
    tokens, begin, after = words.tokens, words.first, words.after
    keys = tokens.keys
    marks = [] if _PARTS.isdisjoint(keys[begin:after]) else [at for at in range(begin, after) if keys[at] in _PARTS]
    resumed = begin
    for at in sorted((*marks, *_JOINER.starts(tokens, begin, after))):
        key = keys[at]
        is_mark = key in _PARTS
        if at < resumed or words.inside[at - words.first]:
            continue
        is_joiner = at > begin and not is_mark and _JOINER.longest(tokens, at, after) is not None
        if not is_mark and not is_joiner:
            continue
        end = at if is_joiner else at + 1
        joiner = _JOINER.longest(tokens, end, after)
        end = joiner[1] if joiner is not None else end
        turn = end if key == ";" or is_turn(skip_auxiliaries(tokens, end, after, is_turn)) else None
        if turn is not None:
            yield begin, at
            begin = turn
        resumed = max(end, at + 1)
    yield begin, after


def skip_auxiliaries(tokens: Tokens, at: int, after: int, is_turn: Callable[[int], bool]) -> int:
    """Past auxiliary words, up to one at which the kind turns."""
    for _ in range(_MOST_AUXILIARIES):
        if is_turn(at):
            break
        found = _AUXILIARY.longest(tokens, at, after)
        if found is None:
            break
        at = found[1]
    return at


def stretches(
    words: Words, is_turn: Callable[[int], bool], kind_of: Callable[[int, int, str], str], before: str
) -> Iterator[tuple[Span, str]]:
    """The longest stretches of one kind, in order.

    `kind_of(first, after, kind)` is the kind of a clause that follows on one of `kind`; `before` is that of the first.
    """
    kind = before
    stretch: tuple[int, int, str] | None = None
    for first, after in clauses(words, is_turn):
        if first >= after:
            continue
        kind = kind_of(first, after, kind)
        if stretch is not None and stretch[2] == kind:
            stretch = (stretch[0], after, kind)
            continue
        if stretch is not None:
            yield (stretch[0], stretch[1]), stretch[2]
        stretch = (first, after, kind)
    if stretch is not None:
        yield (stretch[0], stretch[1]), stretch[2]


@cache
def _furniture() -> Vocabulary[Row]:
    """The titles and words of a page that stand alone on a line: `Close`."""
    furniture = (row for row in rows("section_titles") if row["role"] == "furniture" and "{" not in row["text"])
    return Vocabulary("section_titles", ((row["text"], row, False) for row in furniture))


def is_of_the_page(tokens: Tokens, statement: Statement) -> bool:
    """Whether words belong to the page and not to the monograph: copyright lines, addresses, reviewers, code."""
    if statement.opens and _furniture().whole(tokens, statement.first, statement.after) is not None:
        return True
    if _PAGE.is_in(tokens, statement.first, statement.after) or "`" in tokens.keys[statement.first : statement.after]:
        return True  # code of a page: `` `= this.name` ``
    kinds, keys = tokens.kinds[statement.first : statement.after], tokens.keys[statement.first : statement.after]
    if list(kinds) == [NUMBER, WORD, NUMBER] and keys[1] == "of":
        return True  # `2 of 14`
    numbers = _PAGE_NUMBER.find(tokens, statement.first, statement.after)
    return any(after < statement.after and tokens.kinds[after] == NUMBER for _, after, _ in numbers)


# --- what gave no row ----------------------------------------------------------------------------------------------


def unread(
    tokens: Tokens, statements: Iterable[Statement], read: Iterable[Passage], table: str, says_nothing: Vocabulary[Row]
) -> Iterator[Finding]:
    """A finding for each part of a section's statements that shares no word with its rows, whose places are apart.

    A part goes up to the next ";" outside brackets. Leads and words such as `none known` state nothing.
    """
    places = sorted(read, key=lambda place: place.start)
    starts = [place.start for place in places]
    message = f"No row of {table} was read from these words; they stay in their section."
    for statement in statements:
        if statement.is_lead:
            continue
        for first, after in clauses(Words(tokens, statement.first, statement.after), lambda _: False):
            if first >= after or not has_word(tokens, first, after) or is_whole(says_nothing, tokens, first, after):
                continue
            part = tokens.passage(first, after)
            before = bisect_left(starts, part.end)
            if not before or places[before - 1].end <= part.start:
                yield Finding(_UNREAD, message, part, table)
