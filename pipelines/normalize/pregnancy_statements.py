"""The grammar of pregnancy category statements, from tokens to statements.

    statement = label { joint } values                   FDA pregnancy category C     TGA: B3     assigned to category D
              | denial                                   has not been assigned to a pregnancy category
    label     = { system | "pregnancy" | "category" | "assigned" | joint }
    values    = value { separator value }                D (third trimester); C (first and second trimester)     C/D
    value     = { "pregnancy" | "category" } ( letter | "not assigned" ) [ condition ] [ system ]
              | condition ":" value                      First trimester: C
    condition = "(" … ")" | opener …                     (oral)     in patients with cancer     before 30 weeks
    separator = ";" | "," | "/" | "and" | "or" | "(" | new line

A letter counts only where a label or a heading leads to it, and where what follows does not make it part of a phrase
(`A higher risk`, `category X drugs`). Which words may stand where is in `pregnancy_words.csv`. A letter that is
explained (`Category C: risk cannot be ruled out`) is a definition; three or more explained letters are a legend and say
nothing of the drug. The tokens are walked once, and every look ahead is bounded.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from pipelines.normalize.pregnancy_words import Token, condition_kind

_LONGEST_LABEL = 16
_LONGEST_NAME = 4
_LONGEST_CONDITION = 60
_LONGEST_PREFIX = 8
_LEGEND = 3

_LABEL = frozenset({"system", "pregnancy", "category", "category abroad", "assign"})
_RUN = _LABEL | {"join"}
_CATEGORY = frozenset({"category", "category abroad"})
_STOPS = frozenset({"end", "break"})
_CLOSES_LETTER = frozenset({"end", "break", "separator", "opener", "depends", "mark", "stop"})
_TIMES = frozenset({"trimester", "gestation"})
_NAMES = frozenset({"system", "pregnancy", "category", "category abroad"})
_BEFORE_LETTER = frozenset({"pregnancy", "category", "category abroad"})
_SEPARATES = frozenset({"separator", "break"})
_CUTS = frozenset({"verb", "modal"})
_LEADS = frozenset({":", "-", "=", "("})
_MOST_TAILS = 3
_EXPLAINS = frozenset({":", "=", "-"})
_BRACKETS = {"(": ")", "[": "]"}


@dataclass(frozen=True, slots=True)
class Condition:
    """What a letter depends on, and where that is printed."""

    kind: str
    start: int
    end: int
    is_shared: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """One stated letter. `code` is None where none was assigned; `systems` are those named with it.

    `list_no` is shared by the letters of one list. `says_category` is False where only `pregnancy` leads to the letter,
    `is_bare` True where only `category` does.
    """

    start: int
    end: int
    code: str | None
    systems: tuple[str, ...]
    list_no: int
    condition: Condition | None = None
    is_definition: bool = False
    says_category: bool = True
    is_english: bool = True
    is_bare: bool = False


@dataclass(frozen=True, slots=True)
class Unread:
    """Words that speak of a category without stating one for certain."""

    start: int
    end: int
    message: str


@dataclass(frozen=True, slots=True)
class Label:
    """What leads to a letter: from token `first` up to token `next`."""

    first: int
    next: int
    systems: tuple[str, ...] = ()
    roles: frozenset[str] = frozenset()
    is_punctuated: bool = False
    is_heading: bool = False

    @property
    def says_category(self) -> bool:
        """Whether it speaks of a category."""
        return not self.roles.isdisjoint(_CATEGORY | {"assign"})


@dataclass(slots=True)
class Sentence:
    """What was said before, in the same sentence."""

    first: int = 0
    systems: tuple[str, ...] = ()
    topic: str = ""
    depth: int = 0
    other: int | None = None

    def note(self, token: Token, after: Token | None, before: Token | None) -> None:
        """Takes in one token: systems, whether milk is spoken of, and whether another drug is."""
        if "system" in token.roles:
            self.systems = (token.value,)
        for topic in token.roles & {"pregnancy", "lactation"}:
            self.topic = topic
        if "other" in token.roles:
            self.other = self.depth
        self.depth += (token.text in _BRACKETS) - (token.text in _BRACKETS.values())
        if self.other is not None and self.ends_aside(token, after, before):
            self.other = None

    def ends_aside(self, token: Token, after: Token | None, before: Token | None) -> bool:
        """`unlike isotretinoin, which is X,`: the comma before `which` does not end what is said of the other drug."""
        if self.depth < (self.other or 0):
            return True
        goes_on = (after is not None and "stop" in after.roles) or (before is not None and "other" in before.roles)
        return token.text in (",", ";") and self.depth == self.other and not goes_on


@dataclass(slots=True)
class Found:
    """All statements in order, and the words that state nothing for certain."""

    statements: list[Statement] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)


def heading_label(tokens: list[Token]) -> Label:
    """A heading as the label of what stands under it."""
    systems = tuple(token.value for token in tokens if "system" in token.roles)
    roles: frozenset[str] = frozenset().union(*(token.roles for token in tokens))
    return Label(0, 0, systems, roles, is_punctuated=True, is_heading=True)


def read_statements(text: str, tokens: list[Token], heading: Label | None) -> Found:
    """Every statement of a text; `heading` stands before it. Linear in the length of the text; never raises."""
    reader = _Reader(text, tokens)
    reader.read(heading)
    return reader.found


class _Reader:
    """Walks the tokens once. Methods that read a rule take the token to begin at and give the token after it."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        self.text = text
        self.tokens = tokens
        self.found = Found()
        self.sentence = Sentence()
        self.lists = 0
        self.is_about_pregnancy = any("pregnancy" in token.roles for token in tokens)
        self.legend = self.legend_letters()

    def read(self, heading: Label | None) -> None:
        at = self.under(heading) if heading is not None else 0
        while at < len(self.tokens):
            after = self.statement(at)
            if after > at:
                for passed in range(at, after):
                    self.pass_by(passed)
                self.sentence.first = after
            else:
                self.pass_by(at)
            at = max(after, at + 1)

    def under(self, heading: Label) -> int:
        """The token after the values that stand at once under a heading; without `category`, letters only."""
        self.is_about_pregnancy |= not heading.roles.isdisjoint(_NAMES)
        at = self.skip(0, _STOPS, len(self.tokens))
        leads = heading.says_category or (not heading.roles.isdisjoint(_NAMES) and self.is_a(at, "code"))
        return self.values(at, heading) if leads else 0

    def pass_by(self, at: int) -> None:
        if self.is_any(at, _STOPS):
            self.sentence = Sentence(at + 1)
        elif self.says(at) == ";":
            self.sentence.first = at + 1
            self.sentence.note(self.tokens[at], self.peek(at + 1), self.peek(at - 1))
        else:
            self.sentence.note(self.tokens[at], self.peek(at + 1), self.peek(at - 1))

    # --- tokens --------------------------------------------------------------------------------------------------

    def peek(self, at: int) -> Token | None:
        return self.tokens[at] if 0 <= at < len(self.tokens) else None

    def is_any(self, at: int, roles: frozenset[str]) -> bool:
        return 0 <= at < len(self.tokens) and not roles.isdisjoint(self.tokens[at].roles)

    def is_a(self, at: int, role: str) -> bool:
        return 0 <= at < len(self.tokens) and role in self.tokens[at].roles

    def says(self, at: int) -> str:
        return self.tokens[at].text if 0 <= at < len(self.tokens) else ""

    def skip(self, at: int, roles: frozenset[str], most: int) -> int:
        """Past up to `most` tokens that have one of the roles."""
        end = at
        while end < at + most and self.is_any(end, roles):
            end += 1
        return end

    def span(self, first: int, after: int) -> str:
        return self.text[self.tokens[first].start : self.tokens[after - 1].end]

    def to_letter(self, at: int, roles: frozenset[str], most: int) -> int:
        """Past up to `most` tokens that have one of the roles, and up to a value."""
        end = at
        while end < at + most and self.is_any(end, roles):
            if self.is_value(end, is_led=self.is_any(end - 1, _CATEGORY)):
                break
            end += 1
        return end

    def refuse(self, first: int, after: int, message: str) -> None:
        self.found.unread.append(Unread(self.tokens[first].start, self.tokens[after - 1].end, message))

    # --- letters -------------------------------------------------------------------------------------------------

    def legend_letters(self) -> frozenset[int]:
        """Letters that a legend explains: three or more, each followed by `:`, `=`, `-` or a word like `means`."""
        explained = [at for at in range(len(self.tokens)) if self.is_a(at, "code") and self.explains(at)]
        return frozenset(explained if len({self.tokens[at].value for at in explained}) >= _LEGEND else ())

    def explains(self, at: int) -> bool:
        if self.tokens[at].text.islower():
            return False
        return self.says(at + 1) in _EXPLAINS or self.is_any(at + 1, frozenset({"define", "verb"}))

    def is_letter(self, at: int, *, is_led: bool) -> bool:
        """Whether a letter stands here and not an article or the beginning of a word group.

        `is_led`: the word `category` stands right before it; then only `a` and `A` depend on what follows.
        """
        if not self.is_a(at, "code") or at in self.legend:
            return False
        printed = self.tokens[at].text
        if is_led and printed[0].isupper() and printed != "A":
            return True
        if at + 1 == len(self.tokens) or self.is_any(at + 1, _CLOSES_LETTER):
            return True
        return (
            is_led and printed == "A" and self.is_any(at + 1, frozenset({"define", "modal", "plural", "join", "verb"}))
        )

    # --- labels --------------------------------------------------------------------------------------------------

    def statement(self, at: int) -> int:
        """The token after the statement that begins here; `at` where none does."""
        if self.is_a(at, "negation") or (self.is_a(at, "unassigned") and self.is_a(at, "assign")):
            return self.denial(at)
        label = self.label(at) if self.is_any(at, _LABEL) else None
        if label is None or not self.leads_to_value(label):
            return at
        if self.is_of_another(label):
            return label.next
        return self.values(label.next, label)

    def label(self, at: int) -> Label:
        """The longest run of label words from here: it ends before a letter, `not assigned` or an unrelated word."""
        end = last = at
        while end < at + _LONGEST_LABEL and not self.is_value(end, is_led=end > at and self.is_any(end - 1, _CATEGORY)):
            if self.is_any(end, _LABEL):
                last = end
            after = end + 1 if self.is_in_label(end) else self.after_name(end)
            if after == end:
                break
            end = after
        return self.label_of(at, end, is_punctuated=any(self.says(i) in (":", "=") for i in range(last + 1, end)))

    def label_of(self, first: int, after: int, *, is_punctuated: bool) -> Label:
        run = self.tokens[first:after]
        systems = tuple(token.value for token in run if "system" in token.roles)
        roles = frozenset().union(*(token.roles for token in run))
        return Label(first, after, systems, roles, is_punctuated=is_punctuated)

    def is_value(self, at: int, *, is_led: bool) -> bool:
        return self.is_letter(at, is_led=is_led) or self.is_a(at, "unassigned")

    def is_in_label(self, at: int) -> bool:
        if self.is_any(at, _RUN | {"adverb"}) and at not in self.legend:
            return True
        return self.is_a(at, "break") and self.is_any(at - 1, _CATEGORY) and self.is_a(at + 1, "code")

    def after_name(self, at: int) -> int:
        """Past a drug's name: `category for baclofen is`. `at` where there is none."""
        if not self.is_a(at - 1, "opener") or not self.is_any(at - 2, _CATEGORY):
            return at
        return next(
            (i for i in range(at + 1, at + 1 + _LONGEST_NAME) if self.says(i) == ":" or self.is_a(i, "verb")), at
        )

    def leads_to_value(self, label: Label) -> bool:
        """Whether the label is complete, speaks of pregnancy, and a value follows or was to be expected."""
        at = label.next
        systems = label.systems or self.sentence.systems
        if not (self.is_about_pregnancy or systems):
            return False
        if not label.roles.isdisjoint(_CATEGORY):
            return label.is_punctuated or self.is_value(at, is_led=self.is_any(at - 1, _CATEGORY))
        if "assign" in label.roles:
            named = bool(systems) or self.system_after(at + 1) is not None
            return named and self.is_letter(at, is_led=False) and self.says(at)[0].isupper()
        if self.is_a(at, "unassigned"):
            return label.is_punctuated
        is_printed_letter = self.is_letter(at, is_led=False) and self.says(at)[0].isupper()
        return is_printed_letter and (
            self.is_a(at - 1, "system") or self.says(at - 1) in _LEADS or self.is_a(at - 1, "verb")
        )

    def is_of_another(self, label: Label) -> bool:
        """Whether the letter is another drug's, another scale's, about milk, or only spoken about."""
        if self.sentence.other is not None or self.is_any(label.first - 1, frozenset({"foreign", "plural"})):
            return True
        if self.sentence.topic == "lactation" and "pregnancy" not in label.roles:
            return True
        if label.is_punctuated or not self.is_a(label.next, "code"):
            return False
        if self.is_a(label.next + 1, "modal"):
            self.refuse(label.first, label.next + 2, "The text speaks about a category; it does not state the drug's.")
        return self.is_any(label.next + 1, frozenset({"plural", "modal", "foreign"}))

    def denial(self, at: int) -> int:
        """No category was assigned, or a letter is denied; the latter is left unread."""
        end = self.to_letter(at + 1, _RUN | {"adverb"}, _LONGEST_LABEL)
        label = self.label_of(at, end, is_punctuated=False)
        if label.roles.isdisjoint(_CATEGORY) or self.sentence.other is not None:
            return at
        if self.is_letter(end, is_led=self.is_any(end - 1, _CATEGORY)):
            self.refuse(at, end + 1, "The text denies this category.")
            return end + 1
        if "assign" not in label.roles and not ("absent" in label.roles and self.is_any(end, _STOPS)):
            return at
        self.lists += 1
        after = 1 + max(i for i in range(at, end) if self.is_any(i, _LABEL))
        statement, after = self.with_tail(self.draft(None, at, after, label), after)
        self.found.statements.append(statement)
        return after

    # --- values --------------------------------------------------------------------------------------------------

    def values(self, at: int, label: Label) -> int:
        """The token after the list of values that begins here."""
        self.lists += 1
        stated: list[Statement] = []
        value, after = self.value(at, label)
        while value is not None:
            stated.append(value)
            separated = self.separated(after)
            follows = separated > after or self.says(after - 1) in _BRACKETS.values()
            value, end = self.value(separated, label, is_first=False) if follows else (None, after)
            after = end if value is not None else after
        if not stated and label.is_punctuated and label.says_category and not label.is_heading:
            self.refuse(label.first, self.line_end(label.next), "No category of a known system follows.")
        self.keep(stated)
        return after

    def line_end(self, at: int) -> int:
        return next(
            (i for i in range(at, at + _LONGEST_CONDITION) if i >= len(self.tokens) or self.is_any(i, _STOPS)), at
        )

    def value(self, at: int, label: Label, *, is_first: bool = True) -> tuple[Statement | None, int]:
        """One value and the token after it; None and `at` where none stands here."""
        condition, letter = self.condition_before(at)
        letter = self.to_letter(letter, _BEFORE_LETTER | {"assign", "adverb"}, _LONGEST_NAME)
        is_led = self.is_any(letter - 1, _CATEGORY) and letter > 0
        if not self.is_value(letter, is_led=is_led and not label.is_punctuated):
            return None, at
        first = label.first if is_first and not label.is_heading else at
        code = self.tokens[letter].value if self.is_letter(letter, is_led=is_led) else None
        after = letter + 1 if code is not None else self.after_unassigned(letter)
        statement, after = self.with_tail(self.draft(code, first, after, label), after)
        if is_first and not label.is_heading:
            condition = condition or self.condition_leading(first)
        if statement.condition is None and condition is not None:
            statement = replace(statement, start=min(statement.start, condition.start), condition=condition)
        explained = self.explains(letter) and statement.condition is None
        return replace(statement, is_definition=explained and (label.is_heading or not label.is_punctuated)), after

    def after_unassigned(self, at: int) -> int:
        """Past `not assigned`, and past `to a pregnancy category` where that follows."""
        end = self.skip(at + 1, _RUN | {"adverb"}, _LONGEST_LABEL)
        categories = [i for i in range(at + 1, end) if self.is_any(i, _CATEGORY)]
        return categories[-1] + 1 if categories else at + 1

    def draft(self, code: str | None, first: int, after: int, label: Label) -> Statement:
        named = [i for i in range(first, after) if self.is_any(i, _NAMES | {"code", "unassigned", "negation"})]
        opened = [i for i in range(first, after) if self.says(i) in _BRACKETS]
        closed = any(self.says(i) in _BRACKETS.values() for i in range(first, after))
        names = next((i for i in named if closed or not opened or i > opened[-1]), first)
        return Statement(
            self.tokens[names].start,
            self.tokens[after - 1].end,
            code,
            label.systems or self.sentence.systems,
            self.lists,
            says_category=label.says_category,
            is_english="category abroad" not in label.roles,
            is_bare=label.roles.isdisjoint(("pregnancy", "system")),
        )

    def separated(self, at: int) -> int:
        """Past the separator between two values; `at` where there is none."""
        if self.says(at) in _BRACKETS:
            return at + 1 if self.is_nested(at) else at
        end = self.skip(at, _SEPARATES, _LONGEST_NAME)
        return self.skip(end, frozenset({"mark"}), 1) if self.is_a(end - 1, "break") and end > at else end

    def is_nested(self, at: int) -> bool:
        """A bracket that begins with a value: `C (D in the third trimester)`."""
        inner = self.skip(at + 1, _BEFORE_LETTER, _LONGEST_NAME)
        return self.is_letter(inner, is_led=False)

    def keep(self, stated: list[Statement]) -> None:
        """Takes in a list; one that names three letters or more without a condition states none of them."""
        listed = len({s.code for s in stated if s.condition is None})
        if listed == _LEGEND:
            self.found.unread.append(
                Unread(stated[0].start, stated[-1].end, "Several letters are listed; none is stated.")
            )
        if listed >= _LEGEND:
            return
        shared = next((s.condition for s in stated if s.condition is not None and s.condition.is_shared), None)
        if shared is not None:
            start, end = stated[0].start, stated[-1].end
            stated = [replace(s, start=start, end=end, condition=s.condition or shared) for s in stated]
        self.found.statements += stated

    # --- conditions ----------------------------------------------------------------------------------------------

    def condition(self, first: int, after: int, *, is_bracketed: bool = False) -> Condition | None:
        """The words of some tokens as a condition."""
        if not first < after <= len(self.tokens):
            return None
        start, end = self.tokens[first].start, self.tokens[after - 1].end
        kind = condition_kind(self.text[start:end], is_bracketed=is_bracketed)
        is_shared = any(self.is_a(i, "depends") for i in range(first, after))
        return None if kind is None else Condition(kind, start, end, is_shared)

    def condition_before(self, at: int) -> tuple[Condition | None, int]:
        """`First trimester:` and the token after it; None and `at` where a value begins at once."""
        for colon in range(at, at + _LONGEST_PREFIX):
            if self.is_any(colon, _STOPS | {"code"} | _LABEL) or self.says(colon) in (",", ";"):
                break
            if self.says(colon) == ":":
                condition = self.condition(at, colon)
                return (condition, colon + 1) if condition is not None else (None, at)
        return None, at

    def condition_leading(self, at: int) -> Condition | None:
        """A time at the head of the sentence, `In the third trimester it is`, or any condition before a colon."""
        first = self.sentence.first
        if not first < at <= first + _LONGEST_LABEL:
            return None
        cut = next((i for i in range(first, at) if self.says(i) in (",", ":") or self.is_any(i, _CUTS)), at)
        while cut > first and self.is_a(cut - 1, "join"):
            cut -= 1
        condition = self.condition(first, cut)
        if condition is None or (self.says(cut) == ":" and cut == at - 1):
            return condition
        return condition if self.is_a(first, "opener") and condition.kind in _TIMES else None

    def with_tail(self, statement: Statement, at: int) -> tuple[Statement, int]:
        """The statement with the condition and the system that stand after its letter."""
        for _ in range(_MOST_TAILS):
            system = self.system_after(at)
            condition, after = (None, at) if system is not None else self.condition_after(at)
            if system is not None:
                after = system
                statement = replace(statement, systems=self.systems_between(at, after))
            if condition is not None:
                statement = replace(statement, condition=statement.condition or condition)
            if after == at:
                break
            at = after
            statement = replace(statement, end=self.tokens[at - 1].end) if system or condition else statement
        return statement, at

    def systems_between(self, first: int, after: int) -> tuple[str, ...]:
        return tuple(self.tokens[i].value for i in range(first, after) if self.is_a(i, "system"))

    def system_after(self, at: int) -> int | None:
        """The token after a system that is named behind the letter: `by the FDA`, `(Australia)`."""
        end = self.skip(at, frozenset({"join"}), _LONGEST_NAME)
        if not self.is_a(end, "system") or self.is_any(at, frozenset({"verb", "stop"})):
            return None
        if self.says(at) not in _BRACKETS:
            names_next = self.is_any(end + 1, _LABEL | {"code", "verb"}) or self.says(end + 1) in _EXPLAINS
            return None if names_next else end + 1
        close = next(
            (i for i in range(end + 1, end + _LONGEST_PREFIX) if self.says(i) == _BRACKETS[self.says(at)]), None
        )
        is_all_label = close is not None and self.skip(end + 1, _RUN | {"separator"}, close - end - 1) == close
        return close + 1 if close is not None and is_all_label else None

    def condition_after(self, at: int) -> tuple[Condition | None, int]:
        """The condition behind a letter and the token after it; None and `at` where there is none."""
        if self.says(at) in _BRACKETS:
            return self.bracket(at)
        if self.says(at) in _EXPLAINS:
            end = next((i for i in range(at + 1, at + 1 + _LONGEST_PREFIX) if self.ends_condition(i)), at)
            condition = self.condition(at + 1, end) if not self.is_legend_like(at + 1, end) else None
            return (condition, end) if condition is not None else (None, at)
        if not self.is_any(at, frozenset({"opener", "depends"})):
            return None, at
        end = next((i for i in range(at + 1, at + _LONGEST_CONDITION) if self.ends_condition(i)), at)
        end = self.before_verb(at, end)
        condition = self.condition(at, end)
        return (condition, end) if condition is not None else (None, at)

    def is_legend_like(self, first: int, after: int) -> bool:
        """Whether words after `C:` explain the letter: they hold a verb."""
        return any(self.is_any(i, frozenset({"verb", "modal"})) for i in range(first, after))

    def bracket(self, at: int) -> tuple[Condition | None, int]:
        """A condition in brackets; a bracket that explains the letter is passed over."""
        close = next((i for i in range(at, at + _LONGEST_CONDITION) if self.says(i) == _BRACKETS[self.says(at)]), None)
        if close is None or self.is_nested(at):
            return None, at
        return self.condition(at + 1, close, is_bracketed=True), close + 1

    def ends_condition(self, at: int) -> bool:
        """At the end of a sentence or line, at `;`, before the next value, or where a reason begins."""
        if at >= len(self.tokens) or self.is_any(at, _STOPS | {"stop"}) or self.says(at) in (";", ")", "]", "("):
            return True
        if not self.is_a(at, "separator"):
            return False
        after = self.skip(self.separated(at), _BEFORE_LETTER, _LONGEST_NAME)
        return self.is_value(after, is_led=False) or self.is_any(after, _LABEL - {"assign"})

    def before_verb(self, first: int, after: int) -> int:
        """`in the third trimester and should be avoided` ends before the conjunction."""
        verb = next((i for i in range(first, after) if self.is_any(i, frozenset({"verb", "modal"}))), after)
        joints = [i for i in range(first, verb) if self.is_a(i, "separator")]
        end = joints[-1] if verb < after and joints else after
        while end > first and self.is_a(end - 1, "separator"):
            end -= 1
        return end
