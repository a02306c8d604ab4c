"""Assessments to render: a small one, a rich one, a hostile one and a big one, all made from the real nouns."""

from __future__ import annotations

from dataclasses import replace

from slsacheck.model import (
    Artifact,
    AssessedSubject,
    AssessedTarget,
    Assessment,
    Atom,
    Attachment,
    BaseClaim,
    BaseImage,
    BuilderClaim,
    Coverage,
    Crosswalk,
    Dispute,
    EvidenceRecord,
    Facts,
    Finding,
    Gate,
    ImageBuild,
    ImageClaim,
    ImageFacts,
    Named,
    Outcome,
    PathPart,
    Place,
    Platform,
    Problem,
    Production,
    Publication,
    ReferenceCounts,
    Remedy,
    Requirement,
    Result,
    Revision,
    Signer,
    StatementFacts,
    Subject,
    TrackLevels,
    Verification,
    Waiver,
)
from slsacheck.model.attestation import Step
from slsacheck.model.reporting import ReportOptions

WORKFLOW = ".github/workflows/release.yml"
BUILD_ROWS = (
    "build.choose-platform",
    "build.consistent-process",
    "build.distribute-provenance",
    "build.provenance-exists",
    "build.provenance-authentic",
    "build.hosted",
    "build.provenance-unforgeable",
    "build.isolated",
)
ATTEST = """- uses: actions/attest-build-provenance@<40 hex>  # v3
  with:
    subject-path: 'dist/*.tar.gz'
"""
HOSTILE = (
    "<script>alert(1)</script>",
    "\x1b[31mred\x1b]8;;https://evil.example\x07",
    "]]>",
    "a|b|`c`",
    "@someone #1",
    "left\u202egpj.exe",
    "zero\u200bwidth\ufeff",
    "広い名前の成果物",
    "lone\udc80surrogate",
    "nul\x00 and \x0b and \uffff",
    "{{ 7*7 }}{% raw %}",
    "javascript:alert(1)",
    '" onmouseover="alert(1)',
    "line\nbreak\r\n## heading",
    "x" * 3000,
)


def remedy(name: str, platform: str) -> Remedy | None:
    """A remedy for what the samples fail."""
    if name.startswith("build.provenance-exists"):
        return Remedy(
            "build.provenance-exists", platform, "attest what is published in the job that builds it", ATTEST, "minutes"
        )
    if name.startswith("build.isolated"):
        return Remedy(
            "build.isolated",
            "any",
            "use a hosted runner, or declare the runner with a reason",
            "runs-on: ubuntu-latest\n",
            "hours",
        )
    return None


def options(**changes: object) -> ReportOptions:
    """Options that look remedies up here."""
    return replace(ReportOptions(remedy=remedy), **changes)  # type: ignore[arg-type]


def place(
    line: int = 48, path: str = WORKFLOW, excerpt: str | None = 'gh release create "$TAG" dist/*.tar.gz'
) -> Place:
    """A line of the release workflow."""
    return Place(path=path, line=line, column=9, excerpt=excerpt)


def levels(proved: int = 0, configured: int | None = 0, possible: int = 3, **more: object) -> TrackLevels:
    """Levels on the Build track."""
    values: dict[str, object] = {"track": "build", "defined": True, "applies": True, "top": 3}
    values |= {"proved": proved, "configured": configured, "declared": configured or 0, "possible": possible}
    return TrackLevels(**{**values, **more})  # type: ignore[arg-type]


def _row(name: str, title: str, level: int, version: str, track: str, area: str | None) -> Requirement:
    anchor = name.rpartition(".")[2]
    page = "requirements" if version == "v0.1" else f"{track}-requirements"
    crosswalks = (
        Crosswalk("OSPS Baseline", "OSPS-BR-06", "supports", "our reading"),
        Crosswalk("NIST SSDF 1.1", "PS.3.2", "near"),
    )
    return Requirement(
        id=name,
        title=title,
        versions=(version,),
        track=track,
        area=area,
        levels=tuple(range(level, 4)),
        subjects=("publication", "artifact"),
        responsible="producer",
        anchors=((version, f"{page}#{anchor}"),),
        meaning=f"What {title.lower()} means.",
        evidence=f"What shows {title.lower()}.",
        decidable="decidable",
        atoms=(Atom(name, level, title),),
        crosswalks=crosswalks if track == "build" else (),
    )


def requirements(spec: str = "v1.2") -> tuple[Requirement, ...]:
    """Rows like those of the catalogue, but few and fixed: a new word there must not change a snapshot here."""
    if spec == "v0.1":
        names = ("v01.source.version-controlled", "v01.build.scripted-build", "v01.provenance.available")
        return tuple(_row(name, name.rpartition(".")[2], 1, spec, "slsa", name.split(".")[1]) for name in names)
    at = {"build.provenance-authentic": 2, "build.hosted": 2, "build.provenance-unforgeable": 3, "build.isolated": 3}
    rows = [
        _row(name, name.rpartition(".")[2].replace("-", " ").capitalize(), at.get(name, 1), spec, "build", None)
        for name in (*BUILD_ROWS, "verify.expectations")
    ]
    return (_row("source.version-controlled", "Version controlled", 1, spec, "source", None), *rows)


def publication(
    name: str, kind: str = "container-image", channel: str | None = "ghcr.io", line: int = 48, **more: object
) -> Publication:
    """Something that the release workflow publishes."""
    values: dict[str, object] = {
        "id": f"publication:{kind}:{name}@{WORKFLOW}#release",
        "name": name,
        "type": kind,
        "channel": channel,
        "at": (place(line),),
        "provenance": Production("no"),
        "signing": Production("none"),
        "sbom": Production("no"),
        "platform": "github-actions",
        "path": (
            PathPart("source", "acme/widget"),
            PathPart("trigger", "push of a tag v*", place(3, excerpt="tags: ['v*']")),
            PathPart("build", "release", place(20, excerpt="make dist")),
            PathPart("publish", "gh release create", place(line)),
            PathPart("provenance", "none", broken="no step makes provenance"),
            PathPart("channel", channel or "git"),
        ),
    }
    return Publication(**{**values, **more})  # type: ignore[arg-type]


def result(subject: str, requirement: str, outcome: Outcome, reason: str, **more: object) -> Result:
    """An answer of a check."""
    number = abs(hash((requirement, outcome.value))) if more.get("random") else 0
    more.pop("random", None)
    values: dict[str, object] = {
        "id": f"{requirement}-{outcome.value.lower()}-{len(subject)}-{number}",
        "check": requirement.replace(".", "_").replace("-", "_"),
        "requirement": requirement,
        "atom": requirement,
        "level": 1,
        "subject": subject,
        "outcome": outcome,
        "reason": reason,
        "track": "build",
        "spec_url": f"https://slsa.dev/spec/v1.2/build-requirements#{requirement.rpartition('.')[2]}",
    }
    return Result(**{**values, **more})  # type: ignore[arg-type]


def assessment(subjects: tuple[AssessedSubject, ...], results: tuple[Result, ...], **more: object) -> Assessment:
    """An assessment of a repository at a fixed time."""
    values: dict[str, object] = {
        "spec": "v1.2",
        "tool_version": "0.1.0",
        "catalogue_version": "2026.11.21",
        "generated_at": "2026-11-21T10:00:00Z",
        "offline": True,
        "targets": (
            AssessedTarget("widget", "repository", "widget", "3f2a9c1" + "0" * 33, False, "v1.4.0", "/src/widget"),
        ),
        "subjects": subjects,
        "results": results,
        "requirements": requirements(),
        "gate": Gate(met=True),
        "checks": 24,
        "seconds": 0.31,
        "tracks": ("build",),
    }
    return Assessment(**{**values, **more})  # type: ignore[arg-type]


def passing() -> Assessment:
    """A repository whose one publication would reach the top."""
    image = publication(
        "ghcr.io/acme/widget", provenance=Production("yes", "slsa-github-generator", (place(60),)), path=()
    )
    rows = tuple(
        result(image.id, row, Outcome.CONFIGURED, "the generator does it", at=(place(60),)) for row in BUILD_ROWS
    )
    top = levels(
        0, 3, 3, outcomes=tuple((row, Outcome.CONFIGURED) for row in BUILD_ROWS), trust_root="slsa-github-generator"
    )
    return assessment((AssessedSubject(image, (top,)),), rows)


def _publications() -> tuple[AssessedSubject, ...]:
    image = publication(
        "ghcr.io/acme/widget", provenance=Production("yes", "slsa-github-generator", (place(60),)), line=60
    )
    says = ("BuildKit: provenance by itself; no signature.", "The statement is not signed.")
    image = replace(
        image,
        path=tuple(replace(part, broken="") for part in image.path),
        image_builds=(ImageBuild("buildkit", place(60), "docker/Dockerfile", "release", says=says),),
    )
    wheels = publication(
        "widget", "python-package", "pypi", 80, provenance=Production("yes", "pypi attestations", (place(80),))
    )
    wheels = replace(wheels, path=(*wheels.path[:4], PathPart("provenance", "PEP 740"), PathPart("channel", "pypi")))
    archives = publication("widget_*.tar.gz", "archive", "github-release")
    deb = publication(
        "widget.deb",
        "os-package",
        "apt.acme.example",
        external=("acme/ci/.github/workflows/deb.yml@main",),
        read="partial",
    )
    plugin = publication("plugin/", "committed-file", None, applies=False)
    dispute = Dispute("level 2 only", 2, "https://example.org/opinion")
    by_row = dict.fromkeys(BUILD_ROWS, Outcome.CONFIGURED)
    return (
        AssessedSubject(
            image,
            (
                levels(
                    0,
                    3,
                    3,
                    trust_root="slsa-github-generator",
                    trust_root_date="2026-05-15",
                    disputes=(dispute,),
                    outcomes=tuple(by_row.items()),
                ),
            ),
        ),
        AssessedSubject(
            wheels,
            (
                levels(
                    0,
                    2,
                    2,
                    why="L3: provenance is made by jobs of this repository",
                    blocked_by=("build.provenance-unforgeable", "build.isolated"),
                    outcomes=tuple(
                        (
                            by_row | {"build.provenance-unforgeable": Outcome.FAIL, "build.isolated": Outcome.UNKNOWN}
                        ).items()
                    ),
                ),
            ),
            Coverage(1, 2),
        ),
        AssessedSubject(
            archives,
            (
                levels(
                    0,
                    0,
                    0,
                    why="L1: no provenance",
                    blocked_by=("build.provenance-exists",),
                    missing_evidence=("the archives' attestations (--artifact FILE)",),
                    outcomes=tuple((by_row | {"build.provenance-exists": Outcome.FAIL}).items()),
                ),
            ),
        ),
        AssessedSubject(
            deb,
            (
                levels(
                    0,
                    None,
                    3,
                    why="decided in acme/ci/.github/workflows/deb.yml@main",
                    blocked_by=("build.provenance-exists",),
                    outcomes=(("build.provenance-exists", Outcome.UNKNOWN),),
                ),
            ),
        ),
        AssessedSubject(plugin, (levels(0, 0, 0, applies=False, why="used from git as committed; nothing is built"),)),
    )


def verification() -> Verification:
    """An attestation of which the signature verified and the expectations were not given."""
    return Verification(
        verdict="unknown",
        message="no source repository is expected; give --source-uri",
        reason_class="source-mismatch",
        steps=(
            Step("subject-digest", "pass", "sha256 matches widget-1.4.0-py3-none-any.whl"),
            Step("certificate-chain", "pass", "Fulcio, public good"),
            Step("log-inclusion", "pass", "index 123456"),
            Step("expectations", "not-possible", "no source repository was given"),
        ),
        statement=StatementFacts(
            predicate_type="https://slsa.dev/provenance/v1",
            builder_id="https://github.com/actions/runner/github-hosted",
            source_uri="git+https://github.com/acme/widget",
        ),
        signer=Signer(
            "https://github.com/acme/widget/.github/workflows/release.yml@refs/tags/v1.4.0",
            "https://token.actions.githubusercontent.com",
        ),
        step1_level=2,
        trust_root="github-hosted-actions",
        signed=True,
        authentic=True,
        missing_expectations=("--source-uri",),
        digest="sha256:" + "ab" * 32,
        path="widget.attestation.json",
    )


def _others() -> tuple[AssessedSubject, ...]:
    wheel = Artifact(
        "artifact:sha256:" + "cd" * 32,
        "widget-1.4.0-py3-none-any.whl",
        "python-package",
        (("sha256", "cd" * 32),),
        (Place(digest="sha256:" + "cd" * 32),),
        (verification(),),
        ("beside the file",),
        publication=f"publication:python-package:widget@{WORKFLOW}#release",
        purl="pkg:pypi/widget@1.4.0",
    )
    revision = Revision(
        "revision:3f2a9c1", "widget", "3f2a9c1" + "0" * 33, (Place(path=".git"),), "v1.4.0", "main", dirty=False
    )
    return (
        AssessedSubject(
            wheel,
            (
                levels(
                    0,
                    2,
                    3,
                    why="L1: the source repository is not expected by anybody",
                    blocked_by=("verify.expectations",),
                    missing_evidence=("--source-uri",),
                    outcomes=(("verify.expectations", Outcome.UNKNOWN),),
                ),
            ),
        ),
        AssessedSubject(revision, (levels(0, None, 3, track="source", top=4, declared=1),)),
        AssessedSubject(
            Platform("platform:gha", "GitHub Actions", (place(2),)), (levels(0, 0, 0, track="buildenv", defined=False),)
        ),
    )


def _results() -> tuple[Result, ...]:
    ids = [one.subject.id for one in (*_publications(), *_others())]
    image, wheels, archives, deb, _, wheel, revision, platform = ids
    found = [
        result(
            image,
            row,
            Outcome.CONFIGURED,
            "the generator does it",
            at=(place(60, excerpt="uses: slsa-framework/slsa-github-generator/…"),),
        )
        for row in BUILD_ROWS
    ]
    found += [
        result(
            wheels,
            "build.provenance-unforgeable",
            Outcome.FAIL,
            "the job that builds also asks for the signature",
            level=3,
            at=(place(80, excerpt="pypa/gh-action-pypi-publish"),),
        ),
        result(
            wheels,
            "build.isolated",
            Outcome.UNKNOWN,
            'the build runs on "acme-linux-8": is it thrown away after the job?',
            level=3,
            at=(place(21, ".github/workflows/wheels.yml", "runs-on: acme-linux-8"),),
            external=("runner fleet acme-linux-8",),
            atom="build.isolated.ephemeral",
        ),
        result(
            archives,
            "build.provenance-exists",
            Outcome.FAIL,
            "no step makes provenance for dist/*.tar.gz",
            at=(place(),),
            detail="read 1 workflow, 3 jobs, 14 steps",
        ),
        result(archives, "build.distribute-provenance", Outcome.NOT_APPLICABLE, "nothing to distribute"),
        result(
            deb,
            "build.provenance-exists",
            Outcome.UNKNOWN,
            "another organisation's workflow decides",
            external=("acme/ci/.github/workflows/deb.yml@main",),
            at=(place(90, excerpt="uses: acme/ci/.github/workflows/deb.yml@main"),),
        ),
        result(deb, "build.hosted", Outcome.ERROR, "the check broke: ValueError: bad label", level=2),
        result(
            wheel,
            "verify.expectations",
            Outcome.UNKNOWN,
            "no source repository is expected",
            missing=("--source-uri github.com/acme/widget",),
            attestation="sha256:" + "ab" * 32,
        ),
        result(
            wheel,
            "build.provenance-authentic",
            Outcome.PASS,
            "signature, certificate and log entry verify",
            level=2,
            attestation="sha256:" + "ab" * 32,
            trust_root="github-hosted-actions",
            at=(Place(digest="sha256:" + "ab" * 32),),
        ),
        result(
            revision,
            "source.version-controlled",
            Outcome.DECLARED,
            "the repository is git",
            track="source",
            at=(Place(path=".git"),),
        ),
        result(platform, "buildenv.attested", Outcome.UNKNOWN, "no platform evidence", track="buildenv"),
    ]
    return tuple(found)


def facts() -> Facts:
    """Facts with everything in them."""
    return Facts(
        ci_systems=(
            Named("github-actions", (place(1),)),
            Named("drone", (Place(path=".drone.yml", line=1),), live=False, understood=False),
        ),
        build_tools=(Named("goreleaser", (Place(path=".goreleaser.yaml", line=1),)),),
        references=ReferenceCounts(48, 47, 1, local=5, composite=((".github/actions/setup/action.yml", 2),)),
        hazards=(
            Finding(
                "pull-request-target-checkout",
                "high",
                "code of a pull request runs with a write token",
                (Place(path=".github/workflows/preview.yml", line=12, excerpt="ref: ${{ github.head_ref }}"),),
                "check out the base revision, or use pull_request",
            ),
            Finding("unpinned-reference", "low", "an action is used by a tag that can move", (place(30),)),
        ),
        hints=(Finding("sbom-missing", "info", "no SBOM is made", ()),),
        publishing="found",
        scripted_build="yes",
        version_controlled="yes",
        external=("acme/ci/.github/workflows/deb.yml@main",),
    )


def rich() -> Assessment:
    """Every outcome, every kind of subject, waivers, errors, a gate that is not met."""
    subjects = (*_publications(), *_others())
    target = AssessedTarget(
        "widget", "repository", "widget", "3f2a9c1" + "0" * 33, True, "v1.4.0", "/src/widget", facts()
    )
    return assessment(
        subjects,
        _results(),
        targets=(target,),
        gate=Gate(
            False,
            ("build=2",),
            tuple(one.subject.id for one in subjects[:4]),
            ("build=2: widget_*.tar.gz has proved 0",),
        ),
        waivers=(
            Waiver("build.isolated.ephemeral", subjects[1].subject.id, "the fleet is rebuilt nightly", "2027-01-01"),
            Waiver("build.hosted", "*", "old", "2025-01-01", expired=True),
        ),
        evidence=(
            EvidenceRecord("pipelines", "sha256:" + "12" * 32, "2026-11-21T10:00:00Z"),
            EvidenceRecord("branch_rules", "", "2026-11-21T10:00:00Z", "unavailable", "the run is offline"),
        ),
        errors=(Problem(".github/workflows/broken.yml", "line 3: a mapping ends nowhere", "repair the file"),),
        tracks=("build", "source"),
    )


def ladder() -> Assessment:
    """The one ladder of v0.1, with its areas."""
    image = publication("ghcr.io/acme/widget")
    areas = tuple(
        (name, levels(0, level, 4, track=name, top=4))
        for name, level in (("source", 1), ("build", 2), ("provenance", 2), ("common", 0))
    )
    slsa = levels(0, 1, 3, track="slsa", top=4, areas=areas, why="L2: v01.source.version-controlled is open")
    rows = (
        result(
            image.id, "v01.build.scripted-build", Outcome.CONFIGURED, "a script builds", at=(place(),), track="slsa"
        ),
    )
    return assessment(
        (AssessedSubject(image, (slsa,)),), rows, spec="v0.1", requirements=requirements("v0.1"), tracks=("slsa",)
    )


def evil_image(evil: str) -> ImageFacts:
    """An image that puts the same into each of its words."""
    return ImageFacts(
        "sha256:1",
        evil,
        BuilderClaim("unknown", evil, evil),
        evil,
        evil,
        BaseClaim(evil, evil, evil),
        evil,
        claims=tuple(ImageClaim("source", evil, evil, outcome, evil) for outcome in (Outcome.PASS, Outcome.DECLARED)),
        bases=(
            BaseImage("base", evil, evil, evil),
            BaseImage("builder", evil, evil, evil, Outcome.FAIL, "no", evil, "verified", evil, evil, Signer(evil), 2),
        ),
    )


def hostile() -> Assessment:
    """A target that puts markup, escapes and worse wherever it can."""
    base = rich()
    subjects: list[AssessedSubject] = []
    results: list[Result] = []
    for number, evil in enumerate(HOSTILE):
        at = (Place(path=f"{evil}.yml", line=number + 1, url=f"https://github.com/{evil}", excerpt=evil, digest=evil),)
        item = publication(
            evil,
            "container-image",
            evil,
            at=at,
            external=(evil,),
            provenance=Production("yes", evil, at),
            image_builds=(ImageBuild(evil, at[0], evil, evil, ((evil, evil),), (evil,), (evil, evil)),),
            path=tuple(
                PathPart(kind, evil, at[0], evil)
                for kind in ("trigger", "build", "publish", "provenance", "channel", evil)
            ),
        )
        outcome = list(Outcome)[number % len(Outcome)]
        subjects.append(
            AssessedSubject(
                item,
                (
                    levels(
                        0,
                        None if number % 2 else 0,
                        3,
                        why=evil,
                        blocked_by=("build.isolated",),
                        missing_evidence=(evil,),
                        outcomes=(("build.isolated", outcome),),
                    ),
                ),
            )
        )
        results.append(
            result(
                item.id,
                "build.isolated",
                outcome,
                evil,
                at=at,
                external=(evil,),
                missing=(evil,),
                detail=evil,
                spec_url="javascript:alert(1)",
                id=f"{number}-{evil}",
            )
        )
        artifact = Artifact(
            f"artifact:{evil}",
            evil,
            "other",
            (("sha256", evil),),
            at,
            (
                replace(
                    verification(),
                    message=evil,
                    signer=Signer(evil, evil),
                    path=evil,
                    steps=(Step(evil, evil, evil),),
                    statement=StatementFacts(evil, evil, (evil,), evil, evil, evil, evil),
                ),
            ),
            (evil,),
            purl=evil,
            facts=((evil, evil), ("built again", evil)),
            image=evil_image(evil),
            attachments=(
                Attachment("other", evil, "beside", evil, evil, evil, Signer(evil, evil), "fail", evil),
                Attachment("provenance", evil, "referrers", "d", "sha256:1", evil, Signer(evil), "pass", evil),
            ),
        )
        subjects.append(AssessedSubject(artifact, (levels(0, 0, 3, why=evil),)))
    evil = HOSTILE[0]
    bad = Place(path=evil, line=1, excerpt=HOSTILE[1])
    target = AssessedTarget(
        evil,
        "repository",
        evil,
        HOSTILE[1],
        None,
        evil,
        evil,
        replace(
            facts(),
            hazards=tuple(Finding(one, "high", one, (bad,), one, (one,)) for one in HOSTILE),
            ci_systems=tuple(Named(one, (bad,), True, False, one) for one in HOSTILE),
            external=HOSTILE,
        ),
    )
    return replace(
        base,
        subjects=tuple(subjects),
        results=tuple(results),
        targets=(target,),
        gate=Gate(False, ("build=2",), (), HOSTILE),
        waivers=tuple(Waiver(one, one, one, one) for one in HOSTILE),
        evidence=tuple(EvidenceRecord(one, one, one, "unavailable", one) for one in HOSTILE),
        errors=tuple(Problem(one, one, one, one) for one in HOSTILE),
    )


def big(count: int = 1000) -> Assessment:
    """Many publications of which most fail in the same way."""
    subjects: list[AssessedSubject] = []
    results: list[Result] = []
    for number in range(count):
        item: Subject = publication(f"ghcr.io/acme/service-{number:04}", line=number + 1)
        failing = number % 10 != 0
        subjects.append(
            AssessedSubject(
                item,
                (
                    levels(
                        0,
                        0 if failing else 3,
                        0 if failing else 3,
                        why="L1: no provenance" if failing else "",
                        blocked_by=("build.provenance-exists",) if failing else (),
                        outcomes=tuple(
                            (row, Outcome.FAIL if failing and row == "build.provenance-exists" else Outcome.CONFIGURED)
                            for row in BUILD_ROWS
                        ),
                    ),
                ),
            )
        )
        for row in BUILD_ROWS:
            failed = failing and row == "build.provenance-exists"
            results.append(
                result(
                    item.id,
                    row,
                    Outcome.FAIL if failed else Outcome.CONFIGURED,
                    "no step makes provenance for the image" if failed else "the generator does it",
                    at=(place(number + 1, excerpt=f"docker push ghcr.io/acme/service-{number:04}"),),
                    id=f"{number}-{row}",
                )
            )
    return assessment(tuple(subjects), tuple(results))
