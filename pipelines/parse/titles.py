"""Which words are the title of a monograph, and which lines before its first heading belong to the page.

    title line   [`#`] [date] words [date]     (a date beside the words is glued to them and no part of the title)
    page line    a rule | page furniture | a date | a few words and a date | an address of the web
    highlights   `These highlights do not include all the information needed to use` X … `See full prescribing
                 information for` X `.` title `Initial U.S. Approval`

A title is short, is no sentence and no label. A line with a date under it is a link to another page, unless there is no
other. Among several the title is the one that is the drug's name, else holds it, else the first after the last date.
A known section title at its end (`Exemplan Side Effects`) is no part of it. The words of the highlights of a US label
are rows of `title_words.csv`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from pipelines.lexer import BREAK, MARK, NUMBER, SOFT_BREAK, WORD, Tokens
from pipelines.lexicon import MARKS_OF_CODE, has_prefix_of_canada, with_role
from pipelines.parse.headings import is_furniture, is_label
from pipelines.parse.lines import Line, after_date, leading_date, trailing_date
from pipelines.parse.section_titles import find_title, title_key, words_with_role
from pipelines.records import Passage

IS_NAME, HOLDS_NAME = 2, 1

_LONGEST_CODE = 5  # characters
_LONGEST_TITLE = 120  # characters
_MOST_WORDS_OF_A_TITLE = 14
_LONGEST_DATED_LINE = 60
_PATH_MARKS = frozenset("|>»›/→")
_MARKDOWN = frozenset("#*_")
_BETWEEN_REMARKS = frozenset({",", "&", "and", ";", "/"})
_MOST_TOKENS_OF_HIGHLIGHTS = 400
_FEWEST_TOKENS_OF_AN_ADDRESS = 3
_MOST_TOKENS_OF_A_SUBJECT = 14
_MOST_TOKENS_OF_A_CODE = 3
_FEWEST_DIGITS_OF_A_CODE = 3


@dataclass(frozen=True, slots=True)
class TitleLine:
    """The tokens that are the title, the date glued to them, and the number of the line in its stretch."""

    at: int
    tokens: Tokens
    first: int
    after: int
    glued: Passage | None = None

    @property
    def words(self) -> Passage:
        """The title as printed."""
        return self.tokens.passage(self.first, self.after)

    @property
    def names_substance(self) -> bool:
        """Whether the words before a bracket are the name of a substance."""
        keys = self.tokens.keys
        bracket = next((at for at in range(self.first + 1, self.after) if keys[at] == "("), self.after)
        return self.tokens.is_substance(self.tokens.passage(self.first, bracket).text)

    def relation(self, name: str) -> int:
        """IS_NAME if the words are the name with this key, HOLDS_NAME if one holds the other, else 0."""
        key = title_key(self.tokens, self.first, self.after)
        if not name:
            return 0
        if key == name:
            return IS_NAME
        return HOLDS_NAME if f" {name} " in f" {key} " or f" {key} " in f" {name} " else 0


def is_page_line(line: Line) -> bool:
    """Whether a line before the first heading belongs to the page."""
    if line.is_rule or is_furniture(line) or _is_address(line) or _is_number(line) or _is_file(line):
        return True
    if _is_path(line) or _is_setting(line):
        return True
    if leading_date(line) > line.first and after_date(line)[0] == line.after:
        return True
    return line.length <= _LONGEST_DATED_LINE and _is_dated(line)


def read_title_line(line: Line, at: int = 0) -> TitleLine | None:
    """The title that the line can be, or None."""
    if line.length > 2 * _LONGEST_TITLE or is_page_line(line) or line.is_bulleted or _is_numbered(line):
        return None
    tokens = line.tokens
    first, after = after_date(line)
    first = _after_label(tokens, first, after)
    glued = tokens.passage(line.first, leading_date(line)) if leading_date(line) > line.first else None
    if glued is None and (ending := trailing_date(line)) < line.after:
        after, glued = ending, tokens.passage(ending, line.after)
    while first < after and (tokens.keys[first] in _MARKDOWN or _is_sign(tokens, first)):
        first += 1
    while after > first and tokens.keys[after - 1] in _MARKDOWN:
        after -= 1
    after = _before_remark(tokens, first, after)
    if not _is_title_like(line, first, after):
        return None
    return TitleLine(at, tokens, first, _without_section_title(tokens, first, after), glued)


def choose_title(lines: Sequence[Line], name: str) -> TitleLine | None:
    """The title among the lines before the first heading; `name` is the key of the drug's name, or empty."""
    highlights = read_highlights(lines)
    if highlights is not None:
        return highlights
    read = (read_title_line(line, at) for at, line in enumerate(lines) if not _is_value(lines, at))
    found = [title for title in read if title]
    own = [title for title in found if not _is_followed_by_date(lines, title.at)] or found
    own = [title for title in own if title.names_substance or not _is_code(title)] or own
    for relation in (IS_NAME, HOLDS_NAME):
        related = [title for title in own if title.relation(name) == relation]
        if related:
            return related[-1]
    own = [_closed(lines, title) for title in own]
    last_date = max((at for at, line in enumerate(lines) if leading_date(line) > line.first), default=-1)
    after_dates = [title for title in own if title.at >= last_date] or own
    after_dates = [title for title in after_dates if has_prefix_of_canada(title.tokens, title.first)] or after_dates
    signed = [title for title in own if _has_sign(title)]
    if signed and not any(title in signed or title.names_substance for title in after_dates):
        return signed[0]  # the front page of a Canadian monograph has its date below
    last = after_dates[-1].at if after_dates else 0
    if last == len(lines) - 1 > 0 and lines[last].has_gap and _names_a_house(after_dates[0]):
        return after_dates[-1]  # a line apart, right above the first heading
    first = next(iter(after_dates), None)
    if first is not None and _names_a_house(first):
        return next((title for title in after_dates if title.names_substance), first)
    return first


def _has_sign(title: TitleLine) -> bool:
    """Whether a title has the sign of a registered name."""
    return any(title.tokens.keys[at] in ("®", "™") for at in range(title.first, title.after))


def _is_code(title: TitleLine) -> bool:
    """Whether a line is the short code of a printed matter, which begins with a digit: `4HK`."""
    tokens, first, after = title.tokens, title.first, title.after
    is_short = tokens.ends[after - 1] - tokens.starts[first] <= _LONGEST_CODE
    return is_short and tokens.kinds[first] == NUMBER and all(tokens.is_tight(at) for at in range(first + 1, after))


def _is_value(lines: Sequence[Line], at: int) -> bool:
    """Whether a line is what the label on the line above it says: `Market status:` `Marketed`."""
    return at > 0 and not lines[at].has_gap and lines[at - 1].tokens.keys[lines[at - 1].after - 1] == ":"


def _closed(lines: Sequence[Line], title: TitleLine) -> TitleLine:
    """A title whose bracket is closed on the next line goes on there: `EXEMPLAN (exemplum,` `alterum) elixir`."""
    keys = title.tokens.keys
    following = lines[title.at + 1] if title.at + 1 < len(lines) else None
    is_open = keys[title.first : title.after].count("(") == keys[title.first : title.after].count(")") + 1
    if not is_open or following is None or following.has_gap or title.after != lines[title.at].after:
        return title
    inner = keys[following.first : following.after]
    is_closed = ")" in inner and "(" not in inner[: inner.index(")")]
    is_short = title.tokens.ends[following.after - 1] - title.tokens.starts[title.first] <= 2 * _LONGEST_TITLE
    if not (is_closed and is_short):
        return title
    if title.tokens.kinds[following.first - 1] == BREAK:
        title.tokens.kinds[following.first - 1] = SOFT_BREAK
    return replace(title, after=following.after)


def _names_a_house(title: TitleLine) -> bool:
    """Whether a title names a clinic, a pharmacy or the like."""
    return with_role("title_words", "no drug").is_in(title.tokens, title.first, title.after)


def read_highlights(lines: Sequence[Line]) -> TitleLine | None:
    """The title that the highlights of a US label give: brand, generic name, form and route."""
    if not lines:
        return None
    tokens, first = lines[0].tokens, lines[0].first
    after = min(lines[-1].after, first + _MOST_TOKENS_OF_HIGHLIGHTS)
    begin = next((end for _, end, _ in with_role("title_words", "highlights").find(tokens, first, after)), None)
    if begin is None:
        return None
    start = next((end for _, end, _ in with_role("title_words", "before name").find(tokens, begin, after)), None)
    if start is None:
        return None
    start = next((at + 1 for at in range(start, after) if _ends_name(tokens, at, after)), after)
    end = next((at for at, _, _ in with_role("title_words", "approval").find(tokens, start, after)), None)
    if end is None:
        line = next((line for line in lines if line.first <= start < line.after), None)
        end = line.after if line else start
    start, end = _bare(tokens, start, end)
    if start >= end:
        return None
    at = next(no for no, line in enumerate(lines) if start < line.after)
    return TitleLine(at, tokens, start, end)


def read_subject(lines: Sequence[Line]) -> tuple[int, int] | None:
    """The tokens of the name with which the first sentence begins: `Exemplan (exemplum) is a …`."""
    for line in lines:
        tokens = line.tokens
        verb = next((at for at in range(line.first + 1, line.after - 1) if _is_verb(tokens, at)), line.after)
        comma = next((at for at in range(line.first + 1, verb) if tokens.keys[at] == ","), verb)
        is_near = verb - line.first <= (_MOST_TOKENS_OF_A_SUBJECT if comma == verb else 2 * _MOST_TOKENS_OF_A_SUBJECT)
        if not is_near or comma - line.first > _MOST_TOKENS_OF_A_SUBJECT or verb == line.after:
            continue
        is_name = tokens.keys[line.first] not in words_with_role("sentence_words", "sentence")
        if is_name and tokens.kinds[line.first] == WORD and tokens.printed_case(line.first)[0].isupper():
            is_by = comma - 1 > line.first and tokens.keys[comma - 1] in words_with_role("title_words", "no end")
            return line.first, comma - is_by
    return None


def _is_verb(tokens: Tokens, at: int) -> bool:
    return tokens.keys[at] in _verbs() and tokens.keys[at + 1] in _predicates()


@cache
def _verbs() -> frozenset[str]:
    return words_with_role("title_words", "verb")


@cache
def _predicates() -> frozenset[str]:
    return words_with_role("title_words", "predicate")


def _ends_name(tokens: Tokens, at: int, after: int) -> bool:
    """Whether a token is the full stop behind the name in the sentence of the highlights."""
    return tokens.keys[at] == "." and (at + 1 >= after or tokens.kinds[at + 1] != NUMBER)


def _bare(tokens: Tokens, start: int, end: int) -> tuple[int, int]:
    while start < end and (tokens.kinds[start] not in (WORD, NUMBER) or tokens.keys[start].isspace()):
        start += 1
    while end > start and tokens.keys[end - 1].isspace():
        end -= 1
    return start, end


def _after_label(tokens: Tokens, first: int, after: int) -> int:
    """The token after labels of titles: `Medicine information: Exemplan`, `Package leaflet: Information for the …`."""
    start = first
    while start < after and tokens.kinds[start] != WORD:
        start += 1
    label = with_role("title_words", "label").longest(tokens, start, after) if start < after else None
    is_label = label is not None and label[1] + 1 < after and tokens.keys[label[1]] in (":", "-", ".")
    return _after_label(tokens, label[1] + 1, after) if label is not None and is_label else first


def _before_remark(tokens: Tokens, first: int, after: int) -> int:
    """The token after the title, without what is said of the page behind a mark: `: Uses, Side Effects, and More`."""
    for at in range(first + 1, after - 1):
        is_mark = tokens.keys[at] == ":" or (tokens.keys[at] in ("-", "|") and not tokens.is_tight(at))
        is_list = tokens.keys[at] == "-" and not tokens.is_tight(at + 1) and "," in tokens.keys[at:after]
        if (is_mark or is_list) and _is_remark(tokens, at + 1, after):
            return at
    return after


def _is_remark(tokens: Tokens, first: int, after: int) -> bool:
    """Whether words only say what a page is or which sections it has."""
    words = with_role("title_words", "remark")
    parts = [first - 1, *(at for at in range(first, after) if tokens.keys[at] in _BETWEEN_REMARKS), after]
    spans = [(start + 1, end) for start, end in pairwise(parts) if start + 1 < end]
    return bool(spans) and all(
        words.whole(tokens, *span) is not None
        or (len(spans) > 1 and find_title(title_key(tokens, *span), ()) is not None)
        for span in spans
    )


def _is_numbered(line: Line) -> bool:
    """Whether an ordinal and a full stop stand before the words, as in a list of contents: `3. How to take it`."""
    tokens, first = line.tokens, line.first
    is_long = first + 2 < line.after and tokens.kinds[first] == NUMBER and tokens.keys[first].isdigit()
    return is_long and tokens.keys[first + 1] == "." and tokens.kinds[first + 2] == WORD


def _is_address(line: Line) -> bool:
    """Whether the line is no more than an address such as `www.example.org`: no space, and full stops between words."""
    tokens = line.tokens
    if line.after - line.first < _FEWEST_TOKENS_OF_AN_ADDRESS:
        return False
    is_tight = all(tokens.is_tight(at) for at in range(line.first + 1, line.after))
    inner = range(line.first + 1, line.after - 1)
    return is_tight and any(tokens.keys[at] == "." and tokens.kinds[at + 1] == WORD for at in inner)


def _is_setting(line: Line) -> bool:
    """Whether a line sets up a page or says whose it is: `layout: post`, `(c) 2024 Example`, `` `= this.name` ``."""
    tokens, first = line.tokens, line.first
    if not MARKS_OF_CODE.isdisjoint(tokens.keys[first : line.after]):
        return True
    key = with_role("title_words", "setting").longest(tokens, first, line.after)
    is_signed = tokens.keys[first] in ("(", "©", "copyright")
    is_owned = is_signed and with_role("grammar_words", "page").longest(tokens, first, line.after) is not None
    return is_owned or (key is not None and key[1] < line.after and tokens.keys[key[1]] == ":")


def _is_path(line: Line) -> bool:
    """Whether the line tells where in a site the page stands: `Home | Medicines | Exemplan`."""
    tokens, first = line.tokens, line.first
    mark = next((at for at in range(first + 1, line.after - 1) if tokens.keys[at] in _PATH_MARKS), None)
    if mark is None or (tokens.keys[mark] != "|" and tokens.is_tight(mark)):
        return False
    page = find_title(title_key(tokens, first, mark), ())
    return page is not None and page.role == "furniture"


def _is_file(line: Line) -> bool:
    """Whether the line ends as the name of a file does, or holds no word and no number: `final_v2.docx`, `<<`."""
    tokens, after = line.tokens, line.after
    if not any(tokens.kinds[at] in (WORD, NUMBER) for at in range(line.first, after)):
        return not any(key.isalnum() for key in tokens.keys[line.first : after])
    is_ending = tokens.keys[after - 1] in words_with_role("title_words", "file") and tokens.is_tight(after - 1)
    return after - line.first > 1 + is_ending and is_ending and tokens.keys[after - 2] == "."


def _is_number(line: Line) -> bool:
    """Whether the line is a page number or the code of a printed matter: `12`, `0220K`."""
    tokens = line.tokens
    if tokens.kinds[line.first] != NUMBER or line.after - line.first > _MOST_TOKENS_OF_A_CODE:
        return False
    is_tight = all(tokens.is_tight(at) for at in range(line.first + 1, line.after))
    is_long = len(tokens.keys[line.first]) >= _FEWEST_DIGITS_OF_A_CODE
    return is_tight and (line.after - line.first == 1 or is_long)


def _is_sign(tokens: Tokens, at: int) -> bool:
    """Whether a token is a symbol such as an emoji."""
    return tokens.kinds[at] == MARK and not tokens.keys[at].isascii()


def _is_dated(line: Line) -> bool:
    """Whether words and a date after them stand on the line, and a space between."""
    if leading_date(line) > line.first:
        return False
    ending = trailing_date(line)
    return line.first < ending < line.after and not line.tokens.is_tight(ending)


def _is_title_like(line: Line, first: int, after: int) -> bool:
    tokens = line.tokens
    if first >= after or tokens.ends[after - 1] - tokens.starts[first] > _LONGEST_TITLE:
        return False
    words = tokens.plain(first, after).split()
    has_word = any(tokens.kinds[at] == WORD for at in range(first, after))
    has_word = has_word and (tokens.keys[first], tokens.keys[after - 1]) != ("(", ")")
    has_word = has_word and not any(pair == (".", ".") for pair in pairwise(tokens.keys[first:after]))  # a leader
    is_short = len(words) <= _MOST_WORDS_OF_A_TITLE
    is_standard = words[-1].isupper() and words[-1][-1] == "." and words[-1].count(".") > 1  # `Exemplum Injection B.P.`
    is_of_page = with_role("title_words", "no title").longest(tokens, first, after) is not None
    is_open = with_role("grammar_words", "goes on").is_word(tokens, after - 1)
    is_of_page = is_of_page or (is_open and tokens.printed_case(after - 1).islower())  # `Route of`, not `Vitamin A`
    is_sentence = tokens.keys[after - 1] != "?" and any(_is_verb(tokens, at) for at in range(first + 1, after - 1))
    is_labelled = first > line.first and line.tokens.keys[first - 1] in (":", "-", ".")
    is_labelled = is_labelled or (after < line.after and tokens.keys[after] == ":")
    return (
        is_short
        and has_word
        and not (
            is_sentence
            or is_of_page
            or (line.ends_sentence and not is_standard)
            or line.leads_on
            or (is_label(line) and not is_labelled)
        )
    )


def _without_section_title(tokens: Tokens, first: int, after: int) -> int:
    """The token after the title, without a known section title behind its first word: `Exemplan Side Effects`."""
    if find_title(title_key(tokens, first, after), ()) is not None:
        return after  # a title of a section alone: `How Supplied`
    for at in range(first + 1, after):
        is_word = tokens.kinds[at] == WORD and tokens.kinds[at - 1] == WORD and tokens.printed_case(at)[0].isupper()
        is_word = is_word and tokens.keys[at - 1] not in words_with_role("title_words", "degree")
        title = find_title(title_key(tokens, at, after), ()) if is_word else None
        if title is not None:
            return at
    return after


def _is_followed_by_date(lines: Sequence[Line], at: int) -> bool:
    return at + 1 < len(lines) and leading_date(lines[at + 1]) > lines[at + 1].first
