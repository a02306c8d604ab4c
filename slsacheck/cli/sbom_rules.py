"""What each finding of `slsacheck sbom` means and asks for: what `slsacheck explain` says of one."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["SBOM_RULES", "SbomRule"]


class SbomRule(NamedTuple):
    """One rule: its severity, what it means, and what to do."""

    severity: str
    meaning: str
    remedy: str


SBOM_RULES = {
    "sbom-absent": SbomRule(
        "medium",
        "No SBOM was found: nothing is attached to the image, none lies in its layers or beside it, none was given.",
        "Let the build make one and attest it to the image's digest: `docker buildx build --sbom=true`, "
        "`actions/attest-sbom`, or `cosign attest --type spdxjson`.",
    ),
    "sbom-unread": SbomRule(
        "medium",
        "A document that says it is an SBOM could not be read: too large, damaged, or in a format that is not read.",
        "Make it again as SPDX 2.3 or CycloneDX, in JSON.",
    ),
    "sbom-of-another-image": SbomRule(
        "high",
        "The document names the digest of what it describes, and that is another image or file. A signature around it, "
        "even for this digest, does not change what it lists.",
        "Make the SBOM of the image that is released, after its digest is fixed, and attest that one.",
    ),
    "sbom-of-one-platform": SbomRule(
        "medium",
        "An SBOM that hangs on the index of several platforms lists what is in one of them.",
        "Make one for each platform, and attest it to that platform's digest.",
    ),
    "sbom-statement-of-another": SbomRule(
        "high",
        "The statement around the SBOM names another subject than the image on which it hangs.",
        "Attest the SBOM for this image's own digest.",
    ),
    "sbom-signature-bad": SbomRule(
        "high",
        "The SBOM is signed, and the signature does not verify: it was changed, or the signer is not who it should be.",
        "Find out who attached it; name whom you trust with --key, --trusted-root or --certificate-identity.",
    ),
    "sbom-removed": SbomRule(
        "info",
        "A layer holds an SBOM which a later layer removes or replaces: it is not in the image that runs.",
        "Look at the last one; nothing is wrong with the image.",
    ),
    "sbom-incomplete": SbomRule(
        "low",
        "The SBOM lacks some of the minimum elements (NTIA, 2021): supplier, name and version of each component, "
        "another identifier such as a purl, relations, the author of the document, and the time.",
        "Let a tool of the build write it: it knows what it puts in. Scanners leave suppliers out.",
    ),
    "sbom-lacks-packages": SbomRule(
        "medium",
        "Packages are installed, by the package databases in the image, and no SBOM names them.",
        "Make the SBOM from the image that is released, base image included.",
    ),
    "sbom-other-versions": SbomRule(
        "medium",
        "Packages are installed in another version than the SBOM says: it was made of another build.",
        "Make the SBOM in the build that makes the image, or from the image after it.",
    ),
    "sbom-has-others": SbomRule(
        "info",
        "The SBOM names packages of a distribution that no package database of the image has: they may come from a "
        "build stage, or from layers that were not looked at.",
        "Look whether they are meant to be in the image; if not, make the SBOM of the last stage.",
    ),
}
"""Every rule of the findings of `slsacheck sbom`."""
