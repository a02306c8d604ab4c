"""The HTML report: one page that needs no network, no script and no mouse.

Nothing of the target can become markup, script, link target or style: every text is made harmless and escaped, there
are no style attributes, anchors are numbers, and links lead only to addresses of `_common.safe_url`. A content security
policy allows the page's own style and script by their digests and nothing else.
"""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from slsacheck.api import reporter

from ._common import plural, safe_url
from ._page import page_of
from ._shelf import Block
from ._text import clean

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

    from slsacheck.model import Assessment
    from slsacheck.model.reporting import ReportOptions

__all__ = ["render"]

_PACKAGE = __name__.rpartition(".")[0]


@reporter(
    "html", suffix=".html", help="one page for people, with a path, reasons and remedies for everything published"
)
def render(assessment: Assessment, options: ReportOptions) -> str:
    """The report as one self-contained HTML page."""
    style, script = _template_file("style.css"), _template_file("script.js")
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            page_of(assessment, options),
            style=style,
            script=script,
            policy=_policy(style, script),
        )
    )


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


@cache
def _template_file(name: str) -> str:
    from importlib.resources import files

    return files(_PACKAGE).joinpath("templates", name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    """The templates' environment: autoescape always, an unknown name is an error, every text made harmless."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=FunctionLoader(_template_file),
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["safe_url"] = safe_url
    environment.filters["plural"] = plural
    environment.filters["spans"] = _spans
    # The two files of this package that must not be escaped: their digests stand in the policy.
    environment.filters["own_file"] = Markup
    return environment


def _harmless(value: Any) -> Any:
    """A value as text without control, bidirectional and zero-width characters; markup and blocks as they are.

    An undefined value stays what it is, so that it raises.
    """
    from jinja2 import Undefined

    if isinstance(value, Block | Undefined) or hasattr(value, "__html__"):
        return value
    return clean(str(value))


def _spans(value: Any) -> Markup:
    """A sentence with what stands between backticks as code; everything in it is made harmless and escaped."""
    from markupsafe import Markup, escape

    pieces = re.split(r"`([^`]+)`", clean(str(value)))
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if number % 2 else escape(piece) for number, piece in enumerate(pieces)
    )
