"""Reads a page as a browser would, and says what is wrong with it as a file that must need nothing else."""

import re
from html.parser import HTMLParser

VOID = frozenset({"meta", "link", "br", "hr", "img", "input"})
# An address that is a name and not a load, and a picture that stands in the page itself.
NAMESPACES = ("xmlns", "xmlns:xlink")
PICTURE = "data:image/png;base64,"


class Page(HTMLParser):
    """The tags, texts and identifiers of a page; what does not nest is a fault."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.ids, self.texts, self.faults, self.open = [], [], [], [], []
        self.feed(text)
        self.close()
        self.faults += [f"<{tag}> is never closed" for tag in self.open]

    def handle_starttag(self, tag, attrs):
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        names = [name for name, _ in attrs]
        self.faults += [f"<{tag}> has an attribute twice"] if len(set(names)) < len(names) else []
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id"]

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")

    def handle_data(self, data):
        if "style" not in self.open[-1:]:
            self.texts.append(data)

    def text_of(self, tag):
        """The whole text of the page's tags of one name."""
        return " ".join(self.texts) if tag is None else [attrs for each, attrs in self.tags if each == tag]


def faults(text):
    """Return what is wrong with a page, in words."""
    page = Page(text)
    found = list(page.faults)
    found += [f"id {each!r} stands twice" for each in set(page.ids) if page.ids.count(each) > 1]
    for tag, attrs in page.tags:
        if tag in {"script", "iframe", "object", "embed", "img", "link", "base", "form", "foreignobject"}:
            found.append(f"<{tag}>")
        found += [f"<{tag} {name}={value!r}>" for name, value in attrs.items() if _is_bad(name, value or "", page.ids)]
    found += [f"a load: {each}" for each in re.findall(r"url\((?!#)[^)]*\)|@import", text) if "url" in each]
    if not text.startswith("<!doctype html>"):
        found.append("no doctype")
    return found


def _is_bad(name, value, ids):
    """Return whether an attribute runs or loads something, or leads nowhere."""
    if name.startswith("on") or name in {"src", "srcset", "action", "formaction", "data"}:
        return True
    if name in {"href", "xlink:href"}:
        return not (value.startswith(PICTURE) or (value.startswith("#") and value[1:] in ids))
    if name not in NAMESPACES and re.search(r"https?:|//|javascript:", value, re.IGNORECASE):
        return name not in {"aria-label"}
    return any(place not in ids for place in re.findall(r"url\(#([^)]*)\)", value))


def figures(text):
    """Yield the words for each figure and the sentence above it."""
    for match in re.finditer(r'<p>([^<]+)</p>\s*<figure role="img" aria-label="([^"]*)"', text):
        yield match[2], match[1]


def headings(text):
    return re.findall(r"<h2>([^<]*)</h2>", text)


def anchors(text):
    return re.findall(r'<section id="([^"]*)">\s*<h2>', text)
