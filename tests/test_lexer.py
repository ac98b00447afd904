"""One folding and one lexer: whatever a document holds, every token leads back to the characters it was read from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.lexer import BREAK, BULLET, NUMBER, WORD, Replacement, cut, cut_words, read_text
from pipelines.lexicon import Vocabulary, vocabulary
from pipelines.records import Passage
from schemas import codes
from schemas.codes.folding import plain

TEXTS = (
    st.text(alphabet=st.sampled_from("aµé Z5½⁶.,·-–/x×&;nbsp\u00ad\u200b\u00a0\u0301\n\r\t•()™ﬁß"), max_size=40)
    | st.text()
)


@given(TEXTS)
def test_every_token_is_a_stretch_of_the_printed_text(printed: str) -> None:
    """The passage of any run of tokens is exactly what the printed text holds there, and runs do not go backwards."""
    tokens = cut(read_text(printed))
    last = 0
    for at in range(len(tokens)):
        place = tokens.passage(at, at + 1)
        assert printed[place.start : place.end] == place.text
        assert last <= place.start < place.end or place.text
        last = place.start


@given(TEXTS)
def test_no_character_is_lost(printed: str) -> None:
    """What is in no token is white space."""
    text = read_text(printed)
    tokens = cut(text)
    outside, at = [], 0
    for start, end in zip(tokens.starts, tokens.ends, strict=True):
        outside.append(text.plain.text[at:start])
        at = end
    assert not "".join([*outside, text.plain.text[at:]]).strip()


@given(TEXTS)
def test_what_is_folded_once_stays(printed: str) -> None:
    """A plain text has nothing left to fold, but for an entity that the text spells out of pieces."""
    once = plain(printed).text
    if "&" not in once and "^" not in once:
        assert plain(once).text == once


@given(TEXTS)
def test_a_passage_leads_to_its_tokens(printed: str) -> None:
    """`span` is the way back from `passage`, where a character is no more than one token."""
    tokens = cut(read_text(printed))
    for at in range(len(tokens)):
        first, after = tokens.span(tokens.passage(at, at + 1))
        assert first <= at < after


@pytest.mark.parametrize(
    ("printed", "keys"),
    [
        ("5mg", ["5", "mg"]),
        ("0·5 mg", ["0·5", "mg"]),
        ("1,000 or .25", ["1,000", "or", ".25"]),
        ("2½", ["2", "1⁄2"]),
        ("10⁶", ["10", "^", "6"]),
        ("5×10^6", ["5", "×", "10", "^", "6"]),
        ("rashᵃ", ["rash", "^", "a"]),
        ("5x10", ["5", "×", "10"]),
        ("i.v. U.S. iv", ["iv", "us", "iv"]),
        ("Crohn's", ["crohn's"]),
        ("for oral useInitial approval", ["for", "oral", "use", "initial", "approval"]),
        ("predniSONE mL mRNA", ["prednisone", "ml", "mrna"]),
        ("film‑coated&nbsp;tablet", ["film", "-", "coated", "tablet"]),
        ("5\u00admg 40\u200bmg", ["5", "mg", "40", "mg"]),
        ("５ ｍｇ ﬁlm", ["5", "mg", "film"]),
    ],
)
def test_words_numbers_and_marks(printed: str, keys: list[str]) -> None:
    """What is one token, and what its key is."""
    assert cut(read_text(printed)).keys == keys


def test_kinds() -> None:
    """A mark opens an item only at the beginning of a line and before a space; a line end is a token."""
    tokens = cut(read_text("- 5 mg\n-5 a - b"))
    assert tokens.kinds[0] == BULLET
    assert [kind for kind in tokens.kinds if kind == BULLET] == [BULLET]
    assert tokens.kinds[1] == NUMBER
    assert tokens.kinds[2] == WORD
    assert tokens.kinds[3] == BREAK


def test_a_correction_is_read_in_place_of_what_is_printed() -> None:
    """The words of the correction are read, and their place is that of the printed ones."""
    text = read_text("Dose: 5&nbsp;mgg daily ½", (Replacement(6, 16, "5 mg"),))
    tokens = cut(text)
    assert tokens.keys == ["dose", ":", "5", "mg", "daily", "1⁄2"]
    assert tokens.passage(2, 4) == Passage("5&nbsp;mgg", 6)
    assert tokens.passage(5, 6).text == "½"


def test_the_longest_phrase_counts_however_it_is_printed() -> None:
    """Hyphens that join words say nothing; an exact entry wants its case; two meanings of one phrase are refused."""
    entries = [("film coated", "film", False), ("film-coated tablet", "tablet", False), ("MU", "mega", True)]
    known = Vocabulary("test", entries)
    tokens = cut(read_text("a film\u2011coated tablet of 5 MU or mu"))
    assert [found[2] for found in known.find(tokens, 0, len(tokens))] == ["tablet", "mega"]
    with pytest.raises(codes.CodeTableError, match="one spelling"):
        Vocabulary("test", [("film coated", "a", False), ("film-coated", "b", False)])


def test_units_are_told_apart_by_their_case() -> None:
    """`MU` is a million units and `mU` a thousandth: the table says so, and the text keeps its case."""
    tokens = cut(read_text("5 MU"))
    found = vocabulary("unit_synonyms").longest(tokens, 1, 2)
    assert found is not None
    assert found[0]["text"] == "MU"
    assert cut_words("el.u.")
