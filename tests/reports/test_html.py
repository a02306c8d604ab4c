"""The HTML page is self-contained, and nothing of a target is more than text in it."""

from __future__ import annotations

import base64
import hashlib
import importlib
import re
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

import pytest

from slsacheck.model import Artifact, AssessedSubject, Assessment, Coverage, Outcome
from tests.reports.conftest import Render
from tests.reports.factory import HOSTILE, assessment, big, hostile, ladder, levels, passing, publication, rich

SAMPLES = {"passing": passing, "rich": rich, "ladder": ladder, "hostile": hostile}
VOID = {"meta", "input", "br", "hr", "img", "link"}


@dataclass
class Page(HTMLParser):
    """A page as a strict reader sees it: every element closed in order, all attributes, all text."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    stack: list[str] = field(default_factory=list)
    raw: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute twice: {tag}"
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.stack and self.stack[-1] in ("style", "script"):
            self.raw[self.stack[-1]] = self.raw.get(self.stack[-1], "") + data
        else:
            self.texts.append(data)


def parsed(text: str) -> Page:
    page = Page()
    page.feed(text)
    page.close()
    assert page.stack == []
    return page


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_page_needs_nothing_from_elsewhere(sample: str, render: Render) -> None:
    text = render("html", SAMPLES[sample]())
    page = parsed(text)
    assert text.startswith('<!doctype html>\n<html lang="en">')
    for tag, attributes in page.tags:
        assert tag not in {
            "link",
            "img",
            "iframe",
            "object",
            "embed",
            "base",
            "audio",
            "video",
            "source",
            "use",
            "image",
        }
        assert not {
            name
            for name in attributes
            if name.startswith("on") or name in {"style", "src", "srcset", "action", "xlink:href", "formaction"}
        }
        href = attributes.get("href")
        assert href is None or re.fullmatch(r"#[a-z][a-z0-9-]*|https://(slsa\.dev|github\.com)/[!-~]*", href), href
    assert not re.search(r"url\(|@import", page.raw["style"])


@pytest.mark.parametrize("sample", SAMPLES)
def test_links_inside_the_page_lead_somewhere_and_ids_are_unique(sample: str, render: Render) -> None:
    page = parsed(render("html", SAMPLES[sample]()))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in page.tags:
        href = attributes.get("href") or ""
        assert not href.startswith("#") or href[1:] in ids, href
        for name in ("for", "aria-labelledby"):
            assert attributes.get(name) is None or attributes[name] in ids


def test_the_policy_allows_the_page_s_own_style_and_script_alone(render: Render) -> None:
    page = parsed(render("html", rich()))
    policy = next(found["content"] for tag, found in page.tags if tag == "meta" and "http-equiv" in found) or ""
    for kind in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(page.raw[kind].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert [tag for tag, _ in page.tags].count("script") == 1


def test_hostile_text_is_shown_as_text(render: Render) -> None:
    page = parsed(render("html", hostile()))
    allowed = {tag for tag, _ in parsed(render("html", rich())).tags}
    assert {tag for tag, _ in page.tags} <= allowed
    shown = "".join(page.texts)
    clean = importlib.import_module("slsacheck.reports._text").clean
    for evil in HOSTILE:
        assert clean(evil)[:60] in shown
    assert "{{ 7*7 }}" in shown


def test_the_script_takes_no_markup(render: Render) -> None:
    script = parsed(render("html", rich())).raw["script"]
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval|Function\(|fetch|XMLHttp|import\(", script
    )


def test_an_unknown_name_in_a_template_is_an_error() -> None:
    environment = importlib.import_module("slsacheck.reports.html")._environment()
    undefined = importlib.import_module("jinja2").UndefinedError
    with pytest.raises(undefined):
        environment.from_string("{{ nobody }}").render()
    assert environment.from_string("{{ x }}").render(x="<b>\u202e") == "&lt;b&gt;\\u202e"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("give `--require build=2` twice", "give <code>--require build=2</code> twice"),
        ("`<b>`\u202e`</code><script>`", "<code>&lt;b&gt;</code>\\u202e<code>&lt;/code&gt;&lt;script&gt;</code>"),
        ("one ` alone, {0} and %s", "one ` alone, {0} and %s"),
        ("`{0}` and ``", "<code>{0}</code> and ``"),
    ],
)
def test_what_stands_between_backticks_is_code_and_nothing_else(text: str, shown: str) -> None:
    environment = importlib.import_module("slsacheck.reports.html")._environment()
    assert environment.from_string("{{ x|spans }}").render(x=text) == shown


@pytest.mark.parametrize(
    "part",
    [
        "What keeps the levels down",
        "In detail",
        "Matrix",
        "Waivers",
        "Errors",
        "Not looked at",
        "Declarations",
        "Evidence",
    ],
)
@pytest.mark.parametrize("sample", SAMPLES)
def test_every_part_is_there_even_when_empty(sample: str, part: str, render: Render) -> None:
    assert part in " ".join(parsed(render("html", SAMPLES[sample]())).texts)


def test_empty_ledgers_say_so(render: Render) -> None:
    text = " ".join(" ".join(parsed(render("html", replace(passing(), offline=False))).texts).split())
    assert "Errors None. Waivers None." in text
    assert "Not looked at Nothing was left out." in text


def test_the_path_is_drawn_and_the_breaking_station_marked(render: Render) -> None:
    text = render("html", rich())
    page = parsed(text)
    drawings = [attributes["aria-label"] or "" for tag, attributes in page.tags if tag == "svg"]
    assert any("It breaks at provenance: no step makes provenance." in drawing for drawing in drawings)
    assert any("It breaks" not in drawing for drawing in drawings)
    assert text.count('class="station broken"') == text.count("breaks here</text>") == 3


def test_a_remedy_can_be_pasted_as_it_is(render: Render) -> None:
    text = render("html", rich())
    assert (
        '<pre tabindex="0">- uses: actions/attest-build-provenance@&lt;40 hex&gt;  # v3\n  with:\n    subject-path: &#39;dist/*.tar.gz&#39;</pre>'
        in text
    )


def test_a_big_page_has_each_remedy_once(render: Render) -> None:
    text = render("html", big(200))
    assert text.count("<pre") == 1
    assert text.count('href="#r1"') >= 180


def test_a_thousand_publications_stay_below_ten_megabytes(render: Render) -> None:
    assert len(render("html", big(1000)).encode()) < 10_000_000


def one(proved: int, configured: int | None) -> Assessment:
    item = publication("ghcr.io/acme/widget")
    return assessment((AssessedSubject(item, (levels(proved, configured),), Coverage()),), ())


@pytest.mark.parametrize(
    ("sample", "sentence"),
    [
        (assessment((), ()), "Nothing that widget publishes was seen, so no level is stated."),
        (
            one(proved=0, configured=3),
            "No Build level is proved for the publication. The configuration would give level 3.",
        ),
        (
            one(proved=0, configured=None),
            "No Build level is proved for the publication. What the configuration would give is decided elsewhere.",
        ),
        (
            one(proved=2, configured=2),
            "Build level 2 is proved for the publication. The configuration would give level 2.",
        ),
        (
            rich(),
            "No Build level is proved for the artifact. No Build level is proved for the 5 publications. The configuration would give between level 0 and level 3.",
        ),
        (ladder(), "No SLSA level is proved for the publication. The configuration would give level 1."),
    ],
)
def test_the_verdict_never_says_more_than_the_levels(sample: Assessment, sentence: str) -> None:
    assert importlib.import_module("slsacheck.reports._verdict").verdict(sample) == sentence


def test_the_verdict_of_unequal_publications() -> None:
    rows = tuple(
        AssessedSubject(publication(name), (levels(number, number, 3),)) for name, number in (("a", 1), ("b", 3))
    )
    verdict = importlib.import_module("slsacheck.reports._verdict").verdict
    assert (
        verdict(assessment(rows, ()))
        == "Build level 1 is proved for all 2 publications. The configuration would give between level 1 and level 3."
    )
    rows = tuple(
        AssessedSubject(publication(name), (levels(number, number, 3),)) for name, number in (("a", 0), ("b", 3))
    )
    assert verdict(assessment(rows, ())).startswith("No Build level is proved for all the 2 publications.")


def test_every_outcome_has_a_class_with_colours(render: Render) -> None:
    marks = importlib.import_module("slsacheck.reports._ink").MARKS
    style = parsed(render("html", rich())).raw["style"]
    assert set(marks) == set(Outcome)
    for name in ("pass", "conf", "decl", "fail", "error", "open", "na"):
        assert f".m-{name} " in style


def test_what_was_built_again_is_shown(render: Render) -> None:
    found = rich()
    told = ("built again", "dist2/widget.whl: mtime 1 (metadata alone), in a/b")
    subjects = tuple(
        replace(one, subject=replace(one.subject, facts=(told,))) if isinstance(one.subject, Artifact) else one
        for one in found.subjects
    )
    assert told[1] not in render("html", found)
    assert f"<dt>Built again</dt><dd>{told[1]}</dd>" in render("html", replace(found, subjects=subjects))
