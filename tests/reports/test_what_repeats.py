"""What repeats is said once, what waits for something else is folded, and what everything waits for comes first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from slsacheck.model import Artifact, AssessedSubject, Assessment, Attachment, Finding, Outcome, Place, Revision
from tests.reports.conftest import Render
from tests.reports.factory import assessment, levels, place, publication, result, rich
from tests.reports.images import IMAGE, signed_image

SOURCE = "source.version-controlled"
OPEN = ("build.distribute-provenance", "build.provenance-exists")


def with_source() -> Assessment:
    """A publication of which nothing shows whether it has provenance, and an open revision."""
    image = publication("ghcr.io/acme/widget", path=())
    revision = Revision("revision:3f2a9c1", "widget", "3f2a9c1" + "0" * 33, (Place(path=".git"),))
    results = [result(image.id, name, Outcome.UNKNOWN, "the matrix is computed", at=(place(60),)) for name in OPEN]
    results.append(
        result(revision.id, SOURCE, Outcome.UNKNOWN, "git does not record it", missing=("`git log`, of all",))
    )
    return assessment(
        (
            AssessedSubject(image, (levels(0, 0, 3, blocked_by=OPEN),)),
            AssessedSubject(revision, (levels(0, None, 4, track="source", top=4, blocked_by=(SOURCE,)),)),
        ),
        tuple(results),
    )


def with_hazards(count: int) -> Assessment:
    """As many jobs that use one tag."""
    found = rich()
    hazards = tuple(
        Finding("unpinned-reference", "low", "actions/checkout@v6 can change", (place(line),), "set `a: b`, then pin")
        for line in range(1, count + 1)
    )
    target = found.targets[0]
    return replace(found, targets=(replace(target, facts=replace(target.facts, hazards=hazards)),))


@pytest.mark.parametrize("form", ["html", "markdown", "terminal"])
def test_a_hazard_of_many_places_is_said_once(form: str, render: Render) -> None:
    text = render(form, with_hazards(12), verbosity=1)
    assert text.count("can change") == 1


def test_a_hazard_says_how_many_there_are_and_what_to_do(render: Render) -> None:
    text = render("markdown", with_hazards(12))
    assert "(12)" in text
    assert "and 9 more places" in text
    assert "to do: set `a: b`, then pin" in text
    assert "12 times" in render("html", with_hazards(12))


@pytest.mark.parametrize("form", ["html", "markdown", "terminal"])
def test_the_question_on_which_the_others_wait_gives_its_name_and_remedy(form: str, render: Render) -> None:
    text = render(form, with_source())
    assert "build.provenance-exists and 1 more" in text
    assert "build.distribute-provenance and 1 more" not in text


def test_what_is_open_about_the_source_is_folded_beside_what_can_be_done(render: Render) -> None:
    page = render("html", with_source())
    assert '<details class="fold"><summary>What is open about the source' in page
    text = render("markdown", with_source())
    assert "<summary>Open about the source (1)</summary>" in text


def test_what_is_open_about_the_source_is_not_folded_where_there_is_nothing_else(render: Render) -> None:
    found = with_source()
    alone = replace(found, subjects=found.subjects[1:], results=found.results[2:])
    assert '<details class="fold" open>' in render("html", alone)
    text = render("markdown", alone)
    assert "Open about the source" not in text
    assert "would decide it: `git log`, of all" in text


def test_a_closing_line_that_is_too_long_is_not_broken_in_the_middle(render: Render) -> None:
    closing = render("terminal", rich(), width=80).rstrip().split("\n")[-3:]
    assert closing[0] == "1 revision, 5 publications, 1 artifact, 1 platform, 18 checks"
    assert closing[1] == "1 passed, 8 configured, 1 declared, 1 not applicable"
    assert closing[2].strip("= ") == "2 failed, 1 in error, 4 unknown, 2 hazards in 0.31s"


def test_attachments_that_look_alike_are_a_line_with_their_number(render: Render) -> None:
    found = signed_image()
    one = found.subjects[0]
    assert isinstance(one.subject, Artifact)
    ones = tuple(
        Attachment("sbom", "cyclonedx", "image-layer", f"sha256:{number:064x}", IMAGE, verified="not-signed")
        for number in range(3)
    )
    many = replace(found, subjects=(replace(one, subject=replace(one.subject, attachments=ones)),))
    assert render("terminal", many).count("sbom (3 times)") == 1
    assert "3 times" not in render("terminal", many, verbosity=1)
