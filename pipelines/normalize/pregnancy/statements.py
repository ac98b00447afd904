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

from dataclasses import replace

from pipelines.normalize.pregnancy.found import (
    BEFORE_LETTER,
    BRACKETS,
    CATEGORY,
    LABEL,
    LEGEND,
    LONGEST_CONDITION,
    LONGEST_LABEL,
    LONGEST_NAME,
    RUN,
    STOPS,
    Found,
    Label,
    Sentence,
    Statement,
    Unread,
)
from pipelines.normalize.pregnancy.owners import OwnerReader
from pipelines.normalize.pregnancy.words import Token

_NAMES = frozenset({"system", "pregnancy", "category", "category abroad"})
_LEADS = frozenset({":", "-", "=", "("})
_SPOKEN_ABOUT = "The text speaks about a category; it does not state the drug's."


def read_statements(text: str, tokens: list[Token], heading: Label | None, names: frozenset[str]) -> Found:
    """Every statement of a text; `heading` stands before it, `names` are the folded words of the drug's own names.

    Linear in the length of the text; never raises.
    """
    reader = _Reader(text, tokens, names)
    reader.read(heading)
    return reader.found


class _Reader(OwnerReader):
    """The whole grammar. Methods that read a rule take the token to begin at and give the token after it."""

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
        at = self.skip(0, STOPS, len(self.tokens))
        leads = heading.says_category or (not heading.roles.isdisjoint(_NAMES) and self.is_a(at, "code"))
        return self.values(at, heading) if leads else 0

    def pass_by(self, at: int) -> None:
        if self.is_any(at, STOPS):
            self.sentence = Sentence(at + 1)
        elif self.says(at) == ";":
            self.sentence.first = at + 1
            self.sentence.note(self.tokens[at], self.peek(at + 1), self.peek(at - 1))
        else:
            self.sentence.note(self.tokens[at], self.peek(at + 1), self.peek(at - 1))

    # --- labels --------------------------------------------------------------------------------------------------

    def statement(self, at: int) -> int:
        """The token after the statement that begins here; `at` where none does."""
        if self.is_a(at, "negation") or (self.is_a(at, "unassigned") and self.is_a(at, "assign")):
            return self.denial(at)
        label = self.label(at) if self.is_any(at, LABEL) else None
        if label is None or not self.leads_to_value(label):
            return at
        if self.is_of_another(label):
            return label.next
        if self.is_anothers(label):
            self.refuse(label.first, min(label.next + 1, len(self.tokens)), "The letter is another drug's.")
            return label.next + 1
        if not label.is_punctuated and self.is_spoken_about(label.next):
            self.refuse(label.first, label.next + 1, _SPOKEN_ABOUT)
            return label.next + 1
        return self.values(label.next, label)

    def label(self, at: int) -> Label:
        """The longest run of label words from here: it ends before a letter, `not assigned` or an unrelated word."""
        end = last = at
        while end < at + LONGEST_LABEL and not self.is_value(end, is_led=end > at and self.is_any(end - 1, CATEGORY)):
            if self.is_any(end, LABEL):
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

    def is_in_label(self, at: int) -> bool:
        if self.is_any(at, RUN | {"adverb"}) and at not in self.legend:
            return True
        return self.is_a(at, "break") and self.is_any(at - 1, CATEGORY) and self.is_a(at + 1, "code")

    def after_name(self, at: int) -> int:
        """Past a drug's name: `category for baclofen is`. `at` where there is none."""
        if not self.is_a(at - 1, "opener") or not self.is_any(at - 2, CATEGORY):
            return at
        return next(
            (i for i in range(at + 1, at + 1 + LONGEST_NAME) if self.says(i) == ":" or self.is_a(i, "verb")), at
        )

    def leads_to_value(self, label: Label) -> bool:
        """Whether the label is complete, speaks of pregnancy, and a value follows or was to be expected."""
        at = label.next
        systems = label.systems or self.sentence.systems
        if not (self.is_about_pregnancy or systems):
            return False
        if not label.roles.isdisjoint(CATEGORY):
            return label.is_punctuated or self.is_value(at, is_led=self.is_any(at - 1, CATEGORY))
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
            self.refuse(label.first, label.next + 2, _SPOKEN_ABOUT)
        return self.is_any(label.next + 1, frozenset({"plural", "modal", "foreign"}))

    def denial(self, at: int) -> int:
        """No category was assigned, or a letter is denied; the latter is left unread."""
        end = self.to_letter(at + 1, RUN | {"adverb"}, LONGEST_LABEL)
        label = self.label_of(at, end, is_punctuated=False)
        if label.roles.isdisjoint(CATEGORY) or self.sentence.other is not None or self.is_anothers(label):
            return at
        if self.is_letter(end, is_led=self.is_any(end - 1, CATEGORY)):
            self.refuse(at, end + 1, "The text denies this category.")
            return end + 1
        if "assign" not in label.roles and not ("absent" in label.roles and self.is_any(end, STOPS)):
            return at
        self.lists += 1
        after = 1 + max(i for i in range(at, end) if self.is_any(i, LABEL))
        statement, after = self.with_tail(self.draft(None, at, after, label), after)
        self.found.statements.append(statement)
        return after

    # --- values --------------------------------------------------------------------------------------------------

    def values(self, at: int, label: Label) -> int:
        """The token after the list of values that begins here."""
        self.lists += 1
        self.last_condition = None
        stated: list[Statement] = []
        value, after = self.value(at, label)
        while value is not None:
            stated.append(value)
            self.last_condition = value.condition
            separated = self.separated(after)
            follows = separated > after or self.says(after - 1) in BRACKETS.values()
            value, end = self.value(separated, label, is_first=False) if follows else (None, after)
            after = end if value is not None else after
        if not stated and label.is_punctuated and label.says_category and not label.is_heading:
            self.refuse(label.first, self.line_end(label.next), "No category of a known system follows.")
        self.keep(stated)
        return after

    def line_end(self, at: int) -> int:
        return next(
            (i for i in range(at, at + LONGEST_CONDITION) if i >= len(self.tokens) or self.is_any(i, STOPS)), at
        )

    def value(self, at: int, label: Label, *, is_first: bool = True) -> tuple[Statement | None, int]:
        """One value and the token after it; None and `at` where none stands here."""
        condition, letter = self.condition_before(at)
        letter = self.to_letter(letter, BEFORE_LETTER | {"assign", "adverb"}, LONGEST_NAME)
        is_led = self.is_any(letter - 1, CATEGORY) and letter > 0
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
        end = self.skip(at + 1, RUN | {"adverb"}, LONGEST_LABEL)
        categories = [i for i in range(at + 1, end) if self.is_any(i, CATEGORY)]
        return categories[-1] + 1 if categories else at + 1

    def draft(self, code: str | None, first: int, after: int, label: Label) -> Statement:
        named = [i for i in range(first, after) if self.is_any(i, _NAMES | {"code", "unassigned", "negation"})]
        opened = [i for i in range(first, after) if self.says(i) in BRACKETS]
        closed = any(self.says(i) in BRACKETS.values() for i in range(first, after))
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

    def keep(self, stated: list[Statement]) -> None:
        """Takes in a list; one that names three letters or more without a condition states none of them."""
        listed = len({s.code for s in stated if s.condition is None})
        if listed == LEGEND:
            self.found.unread.append(
                Unread(stated[0].start, stated[-1].end, "Several letters are listed; none is stated.")
            )
        if listed >= LEGEND:
            return
        shared = next((s.condition for s in stated if s.condition is not None and s.condition.is_shared), None)
        if shared is not None:
            start, end = stated[0].start, stated[-1].end
            stated = [replace(s, start=start, end=end, condition=s.condition or shared) for s in stated]
        self.found.statements += stated
