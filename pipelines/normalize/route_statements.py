"""Routes outside a route field: a sentence that says nothing else, and the end of a title.

    sentence   For subcutaneous or intravenous use.     IV infusion or IM injection.     Oral use.
    title      APIXEX (apixaban) tablets, for oral use     Tramadol (oral)

A sentence with any other word states no route: `5 mg by intravenous injection` may be one dose of several.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipelines.normalize.route import read_routes
from pipelines.normalize.sentences import read_statements
from pipelines.records import Passage, Route

_LONGEST = 120  # characters; what is longer says more than a route
_TITLE_END = re.compile(r"(?:,\s*(?P<use>for\s[^()]*)|\((?P<bracket>[^()]*)\))\s*\Z", re.IGNORECASE)


def routes_of_title(title: Passage) -> tuple[Route, ...]:
    """The routes that a title ends with."""
    end = _TITLE_END.search(title.text)
    return _all_routes(title.part(*end.span(end.lastgroup or 0))) if end else ()


def routes_in_sentences(text: Passage) -> Iterator[Route]:
    """The routes of each sentence that names routes and nothing else."""
    for statement in read_statements(text):
        if len(statement.place.text) <= _LONGEST:
            yield from _all_routes(statement.place.strip(" .:"))


def _all_routes(words: Passage) -> tuple[Route, ...]:
    """The routes of words that are read to the end; none where one word is not understood."""
    routes, findings = read_routes(words)
    return () if findings else routes
