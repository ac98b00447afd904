"""Web pages, as a browser saves them: what a reader sees, with what belongs to the site marked as furniture.

Furniture is what the page itself says is none of its content (`nav`, `footer`, a `role`, a class such as `breadcrumb`
or `cookie`), what stands outside its `main` part, lists of links within the page, and blocks that are links and
nothing else. What a browser does not show (scripts, forms, hidden elements) is left out.
"""

from __future__ import annotations

import codecs
import email
import email.policy
import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import groupby

from lxml import etree
from lxml.html import HTMLParser

from pipelines.documents.markup import Flow, Roles, local
from pipelines.documents.page import Page, flowing, tidy_lines
from pipelines.records import Block, Document, Finding, FindingCode, Passage, Stated
from schemas import codes

RENDERER = "html@1"
_META = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})", re.IGNORECASE)
_MARKUP = re.compile(rb"<(?:!doctype\s+html|html|head|body|meta|h[1-6]|div|p|table|ul)\b", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# What browsers read for these names, by the Encoding Standard of WHATWG.
_READ_AS = dict.fromkeys(("ascii", "us-ascii", "iso-8859-1", "iso8859-1", "latin1", "latin-1", "l1"), "cp1252")
_C1 = {code: bytes([code]).decode("cp1252", errors="ignore") or None for code in range(0x80, 0xA0)}

_SITE_TAGS = frozenset(("nav", "footer", "aside", "menu"))
_SITE_ROLES = frozenset(("navigation", "banner", "contentinfo", "search", "complementary", "menu", "menubar", "dialog"))
_SITE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|breadcrumbs?|cookies?|consent|skip(?:-?(?:link|to|nav))\w*|footer|"
    r"sidebar|social|share|sharing|newsletter|subscribe|advert\w*|ads?|banner|pagination|toc)(?:$|[\s_-])",
    re.IGNORECASE,
)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HIDDEN_CLASS = re.compile(r"(?:^|\s)(?:sr-only|visually-hidden|screen-reader-text|hidden)(?:$|\s)", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"^(?:[•◦▪*-] )?(?:\d{1,2}(?:\.\d{1,2})*[.)]? )?")
_GREAT = 2  # the level of a heading that may be a title


def render(data: bytes) -> Document:
    """The page as a reader sees it; a finding says why it cannot be read."""
    decoded = decode(data)
    if isinstance(decoded, Finding):
        return Document("", "html", RENDERER, findings=(decoded,))
    text, encoding = decoded
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.LxmlError as error:
        message = f"the page cannot be read ({error}); save it again, or give its text"
        return Document("", "html", RENDERER, encoding, findings=(Finding(FindingCode("SEED_BROKEN"), message),))
    body = None if root is None else root.find("body")
    if body is None:
        message = "the page has nothing that is shown; save it again when it has loaded"
        return Document("", "html", RENDERER, encoding, findings=(Finding(FindingCode("SEED_EMPTY"), message),))
    return _rendered(root, body, encoding)


def render_archive(data: bytes) -> Document:
    """The page that a browser saved as MHTML, with its pictures; a finding says why it cannot be read."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    part = next((part for part in message.walk() if part.get_content_type() == "text/html"), None)
    page = part.get_payload(decode=True) if part is not None else None
    if not isinstance(page, bytes):
        nothing = "the file holds no page; save the page again, as HTML"
        return Document("", "html", RENDERER, findings=(Finding(FindingCode("SEED_EMPTY"), nothing),))
    return render(page)


def _rendered(root: etree._Element, body: etree._Element, encoding: str) -> Document:
    page, site = Page(), _Site(body)
    Flow(page, page_roles(site.is_furniture)).container(body, "/html/body")
    text = page.text
    page.blocks = list(_without_contents(page.blocks, text))
    title = _title(text, page.blocks, _words_of(root.find("head/title")))
    findings = tuple(_language(root))
    if not text.strip():
        message = "the page shows no words; save it again when it has loaded"
        findings = (*findings, Finding(FindingCode("SEED_EMPTY"), message))
    return Document(
        text,
        "html",
        RENDERER,
        encoding,
        tuple(page.blocks),
        (Stated(title=title),) if title else (),
        places=tuple(page.places),
        findings=findings,
    )


def decode(data: bytes) -> tuple[str, str] | Finding:
    """The text of a page and its encoding: as its byte order mark or its markup says, else UTF-8, else Windows-1252."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _decoded(data, encoding)
    stated = _META.search(data[:4096]) or _XML_ENCODING.match(data[:1024])
    if stated:
        name = stated[1].decode("ascii", "replace").lower()
        encoding = _READ_AS.get(name, name)
        # A page whose bytes say UTF-16 in letters of one byte is none.
        if _is_known(encoding) and not encoding.startswith(("utf-16", "utf16")):
            return _decoded(data, encoding)
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _decoded(data, "cp1252")


def _decoded(data: bytes, encoding: str) -> tuple[str, str] | Finding:
    name = {"cp1252": "windows-1252"}.get(encoding, encoding)
    if encoding in ("cp1252", "windows-1252"):
        return data.decode("latin-1").translate(_C1), "windows-1252"
    try:
        return data.decode(encoding), name
    except UnicodeError as error:
        where = f"byte {error.start}" if isinstance(error, UnicodeDecodeError) else "its end"
        message = f"the page says that it is {name}, and {where} is not; save it again as UTF-8"
        return Finding(FindingCode("SEED_NOT_UTF8"), message)


def _is_known(encoding: str) -> bool:
    try:
        return codecs.lookup(encoding)._is_text_encoding  # noqa: SLF001  (`rot13` and `zlib` are codecs, too)
    except (LookupError, ValueError):
        return False


class _Site:
    """What belongs to the site and not to the page."""

    def __init__(self, body: etree._Element) -> None:
        """Looks for the part of the page that holds its content."""
        roots = [element for element in body.iter("main") if not _is_hidden(element)]
        roots = roots or [element for element in body.iter() if element.get("role") == "main"]
        roots = roots or [element for element in body.iter("article") if not _is_hidden(element)]
        self._content = set(roots)
        self._around = {above for root in roots for above in root.iterancestors()}
        self._has_heading = any(True for _ in body.iter("h1"))

    def is_furniture(self, element: etree._Element) -> bool:
        """Whether a block is furniture as a whole."""
        name = local(element)
        if element in self._around or element in self._content or name == "body":
            return False
        if name in _SITE_TAGS or element.get("role", "").lower() in _SITE_ROLES or _has_site_class(element):
            return not (self._content and self._is_within(element)) or name in ("nav", "menu") or _is_links(element)
        if name == "header" and not self._is_within(element):
            return self._content != set() or not any(True for _ in element.iter("h1", "h2"))
        if self._content and element.getparent() in self._around:
            return not any(True for _ in element.iter("h1")) or any(
                True for root in self._content for _ in root.iter("h1")
            )
        return name not in _HEADINGS and name not in ("td", "th", "dd", "dt") and _is_links(element)

    def _is_within(self, element: etree._Element) -> bool:
        return any(above in self._content for above in element.iterancestors())


def _has_site_class(element: etree._Element) -> bool:
    named = f"{element.get('class', '')} {element.get('id', '')}"
    return len(named) > 1 and _SITE_CLASS.search(named) is not None


def _is_links(element: etree._Element) -> bool:
    """Whether a block has words and all of them are links: of a list, links within the page or three and more."""
    name = local(element)
    if name not in ("p", "div", "ul", "ol", "span"):
        return False
    links = [link for link in element.iter("a") if link.get("href") is not None]
    if not links or (name in ("div", "ul", "ol") and element.find(".//table") is not None):
        return False
    if name in ("ul", "ol"):
        is_contents = all(link.get("href", "").startswith("#") for link in links)
        return is_contents and len(links) > 1 and _has_only(element, links)
    return _has_only(element, links)


def _has_only(element: etree._Element, links: list[etree._Element]) -> bool:
    of_links = sum(len("".join(_WORD.findall("".join(link.itertext())))) for link in links)
    return 0 < of_links == len("".join(_WORD.findall("".join(element.itertext()))))


def _is_hidden(element: etree._Element) -> bool:
    if element.get("hidden") is not None:
        return True
    style, named = element.get("style"), element.get("class")
    return bool((style and _HIDDEN_STYLE.search(style)) or (named and _HIDDEN_CLASS.search(named)))


_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_PARAGRAPHS = "p address blockquote dd figcaption legend pre summary caption"
_CONTAINERS = (
    "body main article section div header footer nav aside menu details figure fieldset form center hgroup dl"
    " tbody thead tfoot tr td th noscript dialog search"
)
_SKIPPED = (
    "script style template svg math canvas iframe object embed video audio map button input select textarea option"
    " noframes head title meta link base col colgroup rp datalist img picture source track progress meter"
)


def page_roles(is_furniture: Callable[[etree._Element], bool] = lambda _: False) -> Roles:
    """What the elements of a page are."""
    return Roles(
        headings=_HEADINGS,
        paragraphs=frozenset(_PARAGRAPHS.split()),
        containers=frozenset(_CONTAINERS.split()),
        lists=frozenset(("ul", "ol", "dir")),
        items=frozenset(("li",)),
        cells=frozenset(("td", "th")),
        skipped=frozenset(_SKIPPED.split()),
        keeps_lines=frozenset(("pre",)),
        terms=frozenset(("dt",)),
        is_hidden=_is_hidden,
        is_furniture=is_furniture,
    )


def _words_of(element: etree._Element | None) -> str:
    return "" if element is None else tidy_lines([flowing("".join(element.itertext()))])


def _title(text: str, blocks: list[Block], head: str) -> Passage | None:
    """The first great heading whose words are all in the title of the window, else one that begins as that does.

    Neither alone can be trusted: `Package leaflet` is a heading, and a window is named for its site, too.
    """
    wanted = _WORD.findall(head.casefold())
    great = (block for block in blocks if block.kind == "heading" and block.level <= _GREAT)
    lines = [Passage(text[block.start : block.end].partition("\n")[0], block.start) for block in great]
    named = [(line, _WORD.findall(line.text.casefold())) for line in lines]
    named = [(line, words) for line, words in named if not _words_of_kinds().issuperset(words)]
    whole = (line for line, words in named if set(words) <= set(wanted))
    begun = (line for line, words in named if words[:1] == wanted[:1])
    return next(whole, None) or next(begun, None)


@cache
def _words_of_kinds() -> frozenset[str]:
    """The words that only say what kind of page it is."""
    rows = codes.rows("title_words")
    kinds = [row["text"] for row in rows if "label" in row["roles"] or "remark" in row["roles"]]
    return frozenset(_WORD.findall(" ".join(kinds).casefold())) | {"for", "the", "of", "and", "user"}


def _without_contents(blocks: list[Block], text: str) -> Iterator[Block]:
    """The blocks, but lists of nothing but headings of the page, which are a table of contents."""
    headings = {_entry(text[block.start : block.end]) for block in blocks if block.kind == "heading"}
    for kind, run in groupby(blocks, lambda block: block.kind):
        of_run = list(run)
        entries = [_entry(text[block.start : block.end]) for block in of_run]
        if kind == "item" and len(of_run) > 1 and headings.issuperset(entries):
            yield Block("furniture", of_run[0].start, of_run[-1].end)
        else:
            yield from of_run


def _entry(words: str) -> str:
    """A heading or an entry of a table of contents, without its number."""
    return _NUMBER.sub("", " ".join(words.casefold().split())).rstrip(" .:")


def _language(root: etree._Element) -> Iterator[Finding]:
    language = root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
    if language.strip() and not language.strip().lower().startswith("en"):
        message = f"the page says that its language is {language.strip()[:20]!r}; only English is read: give that page"
        yield Finding(FindingCode("SEED_LANGUAGE"), message)


def is_html(data: bytes) -> bool:
    """Whether the beginning holds elements that only pages have."""
    start = data[:4096]
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        start = data[:8192].decode("utf-16", "ignore").encode("ascii", "ignore")
    return start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and _MARKUP.search(start) is not None
