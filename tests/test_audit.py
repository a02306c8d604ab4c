"""The pre-release audit: what is missing comes first, and nothing is called complete that is not."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from slsacheck.audit import audit_of
from slsacheck.cli.status import strict_reasons
from slsacheck.model import (
    Artifact,
    ArtifactInput,
    Attachment,
    AuditItem,
    BuilderClaim,
    ImageClaim,
    ImageFacts,
    ImageSbom,
    Place,
    Problem,
    Production,
    Publication,
    Revision,
    Subject,
    Target,
    Verification,
)
from slsacheck.plugins import reporter_of
from tests.reports.factory import assessment, options, publication, verification

TARGET = Target("repository", "widget", "/w", artifacts=(ArtifactInput("x"),))
TAGGED = Revision("revision:1", "widget", "a" * 40, (), tag="v1.4.0", dirty=False)
WHEELS = publication("Python packages", "python-package", "pypi")
IMAGE = publication("ghcr.io/acme/widget")
PROVED = replace(verification(), verdict="pass", reason_class=None, expectations="pass", missing_expectations=())


def artifact(name: str, of: Publication | None, *found: Verification, kind: str = "", **more: Any) -> Artifact:
    return Artifact(
        f"artifact:{name}",
        name,
        kind or (of.type if of else "other"),
        (("sha256", "1" * 64),),
        (Place(path=name),),
        found,
        publication=of.id if of else None,
        **more,
    )


def image(name: str, *found: Verification, **more: Any) -> Artifact:
    facts = ImageFacts("sha256:" + "1" * 64, "m", BuilderClaim("ko"), **more.pop("facts", {}))
    return artifact(name, IMAGE, *found, image=facts, **more)


def kinds(
    *subjects: Subject, expected: dict[str, int] | None = None, target: Target = TARGET
) -> list[tuple[str, bool]]:
    items = audit_of(target, subjects, expected or {})
    assert items is not None
    assert all(item.reason and item.remedy for item in items)
    return [(item.kind, item.blocking) for item in items]


def test_nothing_is_complete_where_something_could_not_be_read() -> None:
    wheel = artifact("widget-1.4.0-py3-none-any.whl", WHEELS, PROVED)
    broken = Problem("evidence external", "TypeError: no", fatal=True)
    items = audit_of(TARGET, (WHEELS, TAGGED, wheel), {}, (broken,)) or ()
    assert [(item.kind, item.blocking) for item in items] == [("evidence-unread", True)]
    assert "evidence external" in items[0].reason


def test_nothing_is_called_complete_where_no_publication_was_seen() -> None:
    wheel = artifact("widget-1.4.0-py3-none-any.whl", None, PROVED, kind="python-package")
    assert kinds(TAGGED, wheel) == [("publication-unseen", False)]
    assert kinds(TAGGED, wheel, target=replace(TARGET, complete=True)) == []
    found = replace(assessment((), ()), audit=audit_of(TARGET, (TAGGED, wheel), {}))
    text = reporter_of("markdown").function(found, options())
    assert "Nothing is missing" not in text
    assert "else belongs to the release is not known" in text


def test_what_is_to_be_given_can_be_pasted() -> None:
    items = audit_of(TARGET, (WHEELS, TAGGED), {}) or ()
    assert "--artifact 'FILE=Python packages'" in items[0].remedy


def test_an_image_is_explained_by_the_command_for_images() -> None:
    unsigned = replace(PROVED, authentic=False)
    items = audit_of(TARGET, (IMAGE, TAGGED, image("ghcr.io/acme/widget:v1.4.0", unsigned)), {}) or ()
    assert [item.remedy for item in items] == ["`slsacheck verify-image` shows step by step why"]


def test_a_scan_is_no_audit() -> None:
    assert audit_of(replace(TARGET, artifacts=()), (TAGGED,), {}) is None
    assert audit_of(replace(TARGET, kind="file"), (TAGGED,), {}) is None


def test_a_complete_release() -> None:
    wheel = artifact("widget-1.4.0-py3-none-any.whl", WHEELS, PROVED)
    assert kinds(WHEELS, IMAGE, TAGGED, wheel, image("ghcr.io/acme/widget:v1.4.0", PROVED)) == []


def test_what_was_not_given_is_named_with_its_flag() -> None:
    wheel = artifact("widget-1.4.0-py3-none-any.whl", WHEELS, PROVED)
    items = audit_of(TARGET, (WHEELS, IMAGE, TAGGED, wheel), {})
    assert items is not None
    assert [(item.kind, item.remedy) for item in items] == [("artifact-missing", "--image ghcr.io/acme/widget:v1.4.0")]


def test_names_that_only_a_run_knows_are_not_pasted() -> None:
    open_name = publication("ghcr.io/${{ github.repository }}")
    items = audit_of(TARGET, (open_name, TAGGED), {})
    assert items is not None
    assert "${{" not in items[0].remedy


def test_a_checksum_file_says_how_many_there_are() -> None:
    wheel = artifact("widget-1.4.0-py3-none-any.whl", WHEELS, PROVED)
    assert kinds(WHEELS, TAGGED, wheel, expected={WHEELS.id: 2}) == [("artifact-missing", True)]
    assert kinds(WHEELS, TAGGED, wheel, expected={WHEELS.id: 1}) == []


@pytest.mark.parametrize("kind", ["checksums", "metadata", "committed-file"])
def test_what_goes_with_the_others_is_not_asked_for(kind: str) -> None:
    extra = publication("sums", kind)
    assert kinds(extra, TAGGED, artifact("SHA256SUMS", extra, kind="checksums")) == []


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        ((), "provenance-missing"),
        ((replace(PROVED, authentic=False, message="no log entry"),), "provenance-unverified"),
        ((replace(PROVED, expectations="fail"),), "provenance-of-another"),
        ((verification(),), "expectations-missing"),
        ((replace(PROVED, authentic=False), PROVED), None),
        ((replace(PROVED, verdict="fail", reason_class="hash-mismatch"),), "provenance-of-another"),
        ((replace(PROVED, verdict="fail", reason_class="subject-missing"),), "provenance-of-another"),
        ((replace(PROVED, verdict="unknown"),), "provenance-unverified"),
        ((replace(PROVED, verdict="fail", reason_class="hash-mismatch"), PROVED), None),
    ],
)
def test_each_artifact_needs_verified_provenance_of_this_revision(
    found: tuple[Verification, ...], kind: str | None
) -> None:
    assert kinds(WHEELS, TAGGED, artifact("widget-1.4.0.whl", WHEELS, *found)) == ([(kind, True)] if kind else [])


def test_an_sbom_is_no_provenance() -> None:
    sbom = replace(PROVED, statement=replace(PROVED.statement, predicate_type="https://spdx.dev/Document"))
    assert kinds(WHEELS, TAGGED, artifact("widget-1.4.0.whl", WHEELS, sbom)) == [("provenance-missing", True)]


@pytest.mark.parametrize(
    ("name", "agrees"),
    [
        ("widget-1.4.0-py3-none-any.whl", True),
        ("widget-1.4.0.tar.gz", True),
        ("widget-1.4.1.tar.gz", False),
        ("widget_1.4.0_linux_amd64.tar.gz", True),
        ("widget_1.3.9_linux_amd64.tar.gz", False),
        ("widget-linux-amd64", True),
        ("widget-v1.4.0.zip", True),
        ("widget-v2.0.zip", False),
        ("widget-1.4.0rc1-py3-none-any.whl", False),
        ("widget-ubuntu-22.04.tar.gz", True),
        ("widget-ubuntu-22.04-1.4.0.deb", True),
        ("widget-ubuntu-22.04-1.3.0.deb", False),
        ("widget-macos13.2-arm64.zip", True),
        ("widget-1.4.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", True),
    ],
)
def test_versions_in_file_names(name: str, agrees: bool) -> None:
    one = artifact(name, WHEELS, PROVED)
    assert kinds(WHEELS, TAGGED, one) == ([] if agrees else [("version-differs", True)])


@pytest.mark.parametrize(
    ("tag", "label", "agrees"),
    [
        ("v1.4.0", "1.4.0", True),
        ("1.4", None, True),
        ("latest", None, True),
        ("latest", "main", True),
        ("latest", "1.3.0", False),
        ("1.3", None, False),
        ("sha-0123abc", None, True),
    ],
)
def test_versions_of_images(tag: str, label: str | None, agrees: bool) -> None:
    claims = (ImageClaim("version", label, "label x"),) if label else ()
    one = image(f"127.0.0.1:5000/acme/widget:{tag}", PROVED, facts={"claims": claims})
    assert kinds(IMAGE, TAGGED, one) == ([] if agrees else [("version-differs", True)])


@pytest.mark.parametrize("tag", ["widget/v1.4.0", "widget@1.4.0", "release-1.4.0", "1.4.0"])
def test_tags_with_a_name_before_the_version(tag: str) -> None:
    wheel = artifact("widget-1.4.0-py3-none-any.whl", WHEELS, PROVED)
    assert kinds(WHEELS, replace(TAGGED, tag=tag), wheel) == []
    assert kinds(WHEELS, replace(TAGGED, tag=tag), replace(wheel, name="widget-1.5.0.whl")) == [
        ("version-differs", True)
    ]


@pytest.mark.parametrize(
    ("tag", "name", "agrees"),
    [
        ("v1.4.0-rc.1", "widget-1.4.0rc1-py3-none-any.whl", True),
        ("v1.4.0-beta.2", "widget-1.4.0b2.tar.gz", True),
        ("v1.4.0-rc.2", "widget-1.4.0rc1-py3-none-any.whl", False),
        ("v1.4.0-rc.1", "widget-1.4.0.tar.gz", False),
        ("2026-11-21", "widget-1.4.0.tar.gz", True),
        ("v5", "widget-1.4.0.tar.gz", True),
        ("nightly", "widget-1.4.0.tar.gz", True),
    ],
)
def test_spellings_of_versions(tag: str, name: str, agrees: bool) -> None:
    one = artifact(name, WHEELS, PROVED)
    assert kinds(WHEELS, replace(TAGGED, tag=tag), one) == ([] if agrees else [("version-differs", True)])


def test_without_a_tag_or_with_changes_the_audit_says_so() -> None:
    wheel = artifact("widget-9.9.whl", WHEELS, PROVED)
    bare = replace(TAGGED, tag=None, dirty=True)
    assert kinds(WHEELS, bare, wheel) == [("revision-dirty", False), ("revision-untagged", False)]
    assert kinds(WHEELS, wheel) == [("revision-unknown", True)]


@pytest.mark.parametrize(("value", "agrees"), [("a" * 40, True), ("A" * 12, True), ("b" * 40, False), ("main", True)])
def test_revisions_in_labels(value: str, agrees: bool) -> None:
    one = image("acme/widget:v1.4.0", PROVED, facts={"claims": (ImageClaim("revision", value, "label x"),)})
    assert kinds(IMAGE, TAGGED, one) == ([] if agrees else [("revision-differs", True)])


def test_sboms_and_signatures_that_the_build_makes() -> None:
    made = replace(IMAGE, sbom=Production("yes", "syft"), signing=Production("keyless", "cosign"))
    one = image("ghcr.io/acme/widget:v1.4.0", PROVED)
    assert kinds(made, TAGGED, one) == [("sbom-missing", False)]
    sbom = Attachment("sbom", "spdx", "referrers", "sha256:2", "sha256:" + "1" * 64, verified="not-signed")
    assert kinds(made, TAGGED, replace(one, attachments=(sbom,))) == []
    foreign = replace(sbom, subject="sha256:" + "9" * 64)
    assert kinds(made, TAGGED, replace(one, attachments=(foreign,))) == [("sbom-missing", False)]
    unsigned = replace(one, verifications=(replace(PROVED, authentic=False),), attachments=(sbom,))
    assert ("signature-missing", False) in kinds(made, TAGGED, unsigned)


@pytest.mark.parametrize(("describes", "agrees"), [("this", True), ("unnamed", True), ("part", True), ("other", False)])
def test_sboms_that_describe_another_image(describes: str, agrees: bool) -> None:
    sbom = ImageSbom("sha256:2", "spdx", "2.3", describes=describes, described=("sha256:" + "9" * 64,))
    one = image("acme/widget:v1.4.0", PROVED, facts={"sboms": (sbom,)})
    assert kinds(IMAGE, TAGGED, one) == ([] if agrees else [("sbom-differs", True)])


def test_what_could_not_be_read_or_placed() -> None:
    unread = replace(image("ghcr.io/acme/widget:v1.4.0"), digests=())
    assert kinds(IMAGE, TAGGED, unread) == [("artifact-unread", True)]
    other = artifact("tool.bin", None, PROVED)
    assert kinds(IMAGE, TAGGED, image("ghcr.io/acme/widget:v1.4.0", PROVED), other) == [("artifact-unplaced", False)]


GAP = AuditItem("artifact-missing", "x", "the image: nothing of it was given", "--image REF")
NOTE = AuditItem("revision-dirty", None, "the work tree has changes", "commit them", blocking=False)


@pytest.mark.parametrize("name", ["terminal", "markdown", "html", "json"])
def test_the_first_thing_that_is_said(name: str) -> None:
    from slsacheck.plugins import reporter_of
    from tests.reports.factory import options

    found = replace(assessment((), ()), audit=(GAP, NOTE))
    text = reporter_of(name).function(found, options())
    if name == "json":
        document = json.loads(text)["audit"]
        assert (document["complete"], len(document["items"])) == (False, 2)
        return
    said = "1 thing is missing for this release"
    assert said in text
    assert 0 < text.index(said) < text.index("nothing of it was given") < text.index("the work tree has changes")
    complete = reporter_of(name).function(replace(found, audit=(NOTE,)), options(width=200))
    assert "Nothing is missing for this release" in complete
    assert "for this release" not in reporter_of(name).function(replace(found, audit=None), options())


def test_gaps_are_test_cases() -> None:
    from defusedxml.ElementTree import fromstring

    from slsacheck.plugins import reporter_of
    from tests.reports.factory import options

    found = replace(assessment((), ()), audit=(GAP, NOTE))
    suite = fromstring(reporter_of("junit").function(found, options())).find("testsuite[@name='release']")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("2", "1", "1")
    good = fromstring(reporter_of("junit").function(replace(found, audit=()), options()))
    case = good.find("testsuite[@name='release']/testcase")
    assert case is not None
    assert case.get("name") == "nothing is missing"


def test_gaps_fail_a_strict_run() -> None:
    found = replace(assessment((), ()), audit=(GAP, NOTE))
    assert strict_reasons(found) == ("audit artifact-missing",)
