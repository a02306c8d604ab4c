"""What an SBOM is worth: of what it speaks, who made it and when, what it names, what it leaves out.

The minimum elements are those of NTIA, "The Minimum Elements For a Software Bill of Materials" (2021): supplier, name,
version, other identifiers, relations, author of the data, time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.steps import shown
from slsacheck.evidence.sbom.contents import said
from slsacheck.record import record

if TYPE_CHECKING:
    from slsacheck.evidence.sbom.bills import Bill
    from slsacheck.evidence.sbom.contents import Sbom
    from slsacheck.evidence.sbom.inventory import Inventory

__all__ = ["Finding", "Judged", "describes", "judge_bill", "minimum_elements"]

_BUILDERS: tuple[str, ...] = (
    *("ko", "buildpacks", "melange", "apko", "bazel", "buildkit", "nix", "kaniko", "jib", "spring-boot", "maturin"),
    *("cyclonedx-gradle", "cyclonedx-maven", "cyclonedx-npm", "cyclonedx-node", "cyclonedx-py", "cyclonedx-gomod"),
    *("cargo-cyclonedx", "spdx-maven", "spdx-gradle", "auditwheel", "cibuildwheel"),
)
"""Tools that know what goes in because they are part of the build."""
_SCANNERS: tuple[str, ...] = (
    *("syft", "trivy", "tern", "grype", "docker scout", "scout", "distro2sbom", "sbom-tool", "microsoft", "snyk"),
    *("blackduck", "anchore", "clair", "fossa", "cdxgen", "scancode", "prisma", "twistlock", "wiz"),
)
"""Tools that look at what came out."""
_IN_BUILD = {"buildpacks": "the lifecycle of Buildpacks writes it while it builds"}
_IN_BUILD |= {"apk": "melange writes it into the package when it builds it"}
_IN_BUILD |= {"bitnami": "it came with the component into the image"}
_IN_BUILD |= {"python": "it is part of the package (PEP 770)", "java": "it is part of the archive"}


@record
class Finding:
    """Something to act on: severity high, medium, low or info, what it is, why, and what to do."""

    severity: str
    rule: str
    message: str
    advice: str
    place: str = ""


@record
class Judged:
    """An SBOM and what is to be said of it.

    `describes` is `this`, `other`, `part` or `unnamed`; `made` is `build`, `after` or `unknown`, with the reason;
    `missing` are minimum elements that it lacks, each with how many components lack it.
    """

    bill: Bill
    describes: str = "unnamed"
    described: tuple[str, ...] = ()
    made: str = "unknown"
    made_why: str = ""
    by: tuple[str, ...] = ()
    components: int = 0
    with_purl: int = 0
    with_digest: int = 0
    missing: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def judge_bill(bill: Bill, inventory: Inventory) -> Judged:
    """What is to be said of one document of an image or file."""
    if bill.sbom is None:
        advice = "make it again, smaller or in a format that is read: SPDX or CycloneDX"
        return Judged(bill, findings=(Finding("medium", "sbom-unread", bill.problem, advice, bill.place),))
    sbom = bill.sbom
    word = describes(bill, sbom, inventory)
    made, why = _made(bill, sbom, inventory)
    missing = minimum_elements(sbom)
    return Judged(
        bill=bill,
        describes=word,
        described=sbom.digests,
        made=made,
        made_why=why,
        by=tuple(shown(tool) for tool in sbom.tools[:5]),
        components=len(sbom.components),
        with_purl=sum(bool(one.purl) for one in sbom.components),
        with_digest=sum(bool(one.hashes) for one in sbom.components),
        missing=missing,
        findings=tuple(_findings(bill, sbom, inventory, word, missing)),
    )


def describes(bill: Bill, sbom: Sbom, inventory: Inventory) -> str:
    """What a document says that it describes: this (`this`), another digest (`other`), or none that it names.

    One inside an image describes a `part` of it, and so does one that hangs on an index and describes a platform's.
    """
    if not set(sbom.digests).isdisjoint(inventory.names):
        return "this"
    if bill.layer is not None or "!/" in bill.place or _of_a_platform(bill, sbom, inventory):
        return "part"
    return "other" if sbom.digests else "unnamed"


def _of_a_platform(bill: Bill, sbom: Sbom, inventory: Inventory) -> bool:
    """Whether it speaks of an index by its statement, and of one of its images by itself."""
    above = inventory.kind == "index" or bill.subject != inventory.digest
    return above and not set(sbom.digests).isdisjoint(inventory.children)


def minimum_elements(sbom: Sbom) -> tuple[str, ...]:
    """The minimum elements that it lacks, in words, with how many of its components lack them."""
    total = len(sbom.components)
    counted = {
        "supplier name": sum(not one.supplier for one in sbom.components),
        "component name": sum(not one.name for one in sbom.components),
        "version": sum(not said(one.version) for one in sbom.components),
        "unique identifier (purl or CPE)": sum(not (one.purl or one.cpes) for one in sbom.components),
    }
    found = [f"{name} of {count} of {total} components" for name, count in counted.items() if count]
    if not total:
        found.append("any component")
    if total > 1 and not sbom.edges:
        found.append("dependency relationships")
    if not sbom.authors and not sbom.tools:
        found.append("author of the SBOM")
    if not sbom.created or sbom.created.startswith("0001-"):
        found.append("time")
    return tuple(found)


def _made(bill: Bill, sbom: Sbom, inventory: Inventory) -> tuple[str, str]:
    """When it was made: `build`, `after` or `unknown`, and what shows it. A document may say anything."""
    if bill.producer in _IN_BUILD:
        return "build", _IN_BUILD[bill.producer]
    phases = {phase.lower() for phase in sbom.phases}
    if phases & {"build", "pre-build"}:
        return "build", "it says so itself (lifecycle phase)"
    if phases & {"post-build", "operations", "discovery"}:
        return "after", "it says so itself (lifecycle phase)"
    return _by_tool(bill, sbom) or _by_time(bill, sbom, inventory)


def _by_tool(bill: Bill, sbom: Sbom) -> tuple[str, str] | None:
    tools = [tool.lower() for tool in sbom.tools]
    builder = next((tool for tool in tools if tool.startswith(_BUILDERS)), None)
    if builder is not None:
        return "build", f"{shown(builder)} makes it from what it builds with"
    if bill.found_by == "index-manifest":
        return "build", "the builder attached it, from a scan of what it had built"
    scanner = next((tool for tool in tools if tool.startswith(_SCANNERS)), None)
    return ("after", f"{shown(scanner)} looks at what was built") if scanner is not None else None


def _by_time(bill: Bill, sbom: Sbom, inventory: Inventory) -> tuple[str, str]:
    if bill.layer is not None:
        return "build", "it is part of the image; by whom is not said"
    if inventory.created[:2] == "20" and sbom.created[:10] > inventory.created[:10]:
        return "after", f"it is of {shown(sbom.created[:10])}, the image of {shown(inventory.created[:10])}"
    return "unknown", f"nothing says it{'' if sbom.tools else ', not even the tool'}"


def _findings(bill: Bill, sbom: Sbom, inventory: Inventory, word: str, missing: tuple[str, ...]) -> list[Finding]:
    found = []
    if word == "other":
        found.append(_of_another(bill, sbom, inventory))
    elif word == "part" and _of_a_platform(bill, sbom, inventory):
        message = f"it hangs on the index and describes the image of one platform alone ({sbom.digests[0]})"
        advice = "make one for each platform, and attest it to that platform's digest"
        found.append(Finding("medium", "sbom-of-one-platform", message, advice, bill.place))
    if bill.subject is not None and bill.subject not in inventory.names:
        message = f"it hangs on {inventory.digest}, and its statement speaks of {shown(bill.subject)}"
        found.append(
            Finding("high", "sbom-statement-of-another", message, "attest the SBOM for this image", bill.place)
        )
    if bill.verified == "fail":
        advice = "find out who attached it, and name whom you trust (--key, --trusted-root, --certificate-identity)"
        message = f"its signature does not verify: {bill.reason}"
        found.append(Finding("high", "sbom-signature-bad", message, advice, bill.place))
    if bill.removed_in is not None:
        message = f"a later layer ({bill.removed_in}) removes or replaces it: it is not in the image that runs"
        found.append(Finding("info", "sbom-removed", message, "look at the last one", bill.place))
    if missing:
        message = f"it lacks minimum elements: {', '.join(missing)}"
        found.append(Finding("low", "sbom-incomplete", message, "let a tool of the build write them", bill.place))
    return found


def _of_another(bill: Bill, sbom: Sbom, inventory: Inventory) -> Finding:
    """The statement may be signed, and for this very digest: what it holds is about another."""
    thing = "file" if inventory.kind == "file" else "image"
    signed = "signed " if bill.verified == "pass" else ""
    stated = f"; the {signed}statement around it names this {thing}" if bill.predicate_type else ""
    message = f"the document describes {', '.join(sbom.digests[:3])}, not this {thing} ({inventory.digest}){stated}"
    advice = f"make and attest the SBOM of the {thing} that is released: this one lists what is in another"
    return Finding("high", "sbom-of-another-image", message, advice, bill.place)
