"""How Sphinx builds the site; ``tools/site`` calls it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from enum import EnumType
from itertools import takewhile
from typing import Any, Generic

from pygments.lexers.special import TextLexer
from sphinx.util.nodes import make_refnode

import converters

project = "smsenc"
copyright = "the authors of smsenc"  # noqa: A001 - Sphinx wants this name
extensions = ["myst_parser", "sphinx.ext.autodoc"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["example-format/pyproject.toml"]

myst_heading_anchors = 6
myst_enable_extensions = ["colon_fence", "deflist"]

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 60

smartquotes = False

html_theme = "furo"
html_title = "smsenc"
html_favicon = "_static/icon.svg"
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_show_copyright = False
html_use_index = False
html_domain_indices = False
html_static_path = ["_static"]
html_css_files = ["site.css"]

#: The packages whose classes have a place in the pages.
_OURS = frozenset(("smsenc", "converters", "smsgate"))
_LITERAL = re.compile(r"(``.+?``)", re.DOTALL)
_MARKUP = re.compile(r"([*|`\\]|_(?=\W|$))")


def plain_docstring(*given: Any) -> None:
    """Our docstrings are text: paragraphs, ``literals``, indented examples, and no markup else.

    The last argument is the list of lines, which is changed.
    """
    lines = given[-1]
    if lines and lines[0].startswith("Alias for field number"):  # of every NamedTuple
        lines.clear()
    found: list[str] = []
    for paragraph in "\n".join(lines).split("\n\n"):
        if paragraph.startswith(" "):
            found += ["::", "", *paragraph.split("\n"), ""]
            continue
        parts = _LITERAL.split(paragraph)
        text = [part if n % 2 else _MARKUP.sub(r"\\\1", part) for n, part in enumerate(parts)]
        found += ["".join(text).replace("\n", " "), ""]
    lines[:] = found


def named_bases(*given: Any) -> None:
    """What a class is based on, above its docstring; private classes are looked through."""
    what, _name, found, _options, lines = given[-5:]
    if what not in {"class", "exception"} or not isinstance(found, type):
        return
    if bases := dict.fromkeys(_public_bases(found)):
        lines[:0] = [f"Base: {', '.join(bases)}.", ""]


def _public_bases(found: type) -> Iterator[str]:
    for base in found.__bases__:
        if base.__name__.startswith("_"):
            yield from _public_bases(base)
        elif base.__module__.partition(".")[0] in _OURS:
            yield f":py:class:`~{base.__module__}.{base.__name__}`"
        elif base not in {object, tuple, Generic}:
            yield f"``{base.__name__}``"


def short_signature(*given: Any) -> tuple[str, str | None] | None:
    """Defaults as they are written; an enumeration has no signature worth telling."""
    _what, _name, found, _options, signature, returned = given[-6:]
    if isinstance(found, EnumType):
        return "", None
    if not signature:
        return None
    fields = getattr(found, "__dataclass_fields__", {}).values()
    made = iter([f"{one.default_factory.__name__}()" for one in fields if _is_made(one)])
    signature = re.sub("<factory>", lambda _: next(made, "..."), signature)
    return re.sub(r"<(?:function|class) '?(?:\w+\.)*(\w+)'?>", r"\1", signature), returned


def _is_made(one: Any) -> bool:
    return one.default_factory is not dataclasses.MISSING


def out_of_contents(_app: Any, _domain: str, kind: str, content: Any) -> None:
    """Members of enumerations and fields would fill the table of contents of a page."""
    if kind == "attribute":
        content.parent["no-contents-entry"] = True


def _shared(*names: str) -> int:
    """How many packages and modules two full names have in common."""
    pairs = zip(*(name.split(".") for name in names), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def resolved(app: Any, env: Any, node: Any, contnode: Any) -> Any:
    """A type in a signature: a link where the page has it, under whatever module; else its name."""
    if node.get("refdomain") != "py":
        return None
    target = node["reftarget"]
    name = target.rpartition(".")[2]
    found = [
        (_shared(full, target), full, entry)
        for full, entry in env.domains["py"].objects.items()
        if full.rpartition(".")[2] == name and entry.objtype in {"class", "exception", "data"}
    ]
    if not found:
        return contnode
    # Names such as Address are in several packages: the nearest one is meant.
    _, full, entry = max(found, key=lambda one: one[0])
    return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, contnode, full)


def setup(app: Any) -> None:
    """Connect what is above; Pygments shows tables of plain text as they are."""
    for name in converters.__all__:  # loaded on first use, and only then a member
        getattr(converters, name)
    app.add_lexer("csv", TextLexer)
    app.connect("autodoc-process-docstring", plain_docstring)
    app.connect("autodoc-process-docstring", named_bases)
    app.connect("autodoc-process-signature", short_signature)
    app.connect("object-description-transform", out_of_contents)
    app.connect("missing-reference", resolved)
