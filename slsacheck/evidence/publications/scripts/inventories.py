"""SBOMs and checksums."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.scripts._call import option_names

if TYPE_CHECKING:
    from slsacheck.evidence.publications.scripts._call import Call

__all__ = ["READERS"]


def _syft(call: Call) -> list[Act]:
    words = call.options(
        1,
        option_names(
            "-o --output -c --config --scope --platform --from --source-name --source-version --file "
            "--exclude -p --predicate --key"
        ),
    ).words
    if words[:1] in (["version"], ["login"], ["convert"], ["help"], ["cataloger"]) or not words:
        return []
    target = words[1] if words[0] in ("attest", "scan", "packages") and len(words) > 1 else words[0]
    image = re.search(r"^(docker|registry|podman|oci-archive):|[\w.-]+/[\w./-]+:[\w.$]", target) is not None
    return [
        call.act(
            ActKind.SBOM,
            type="container-image" if image else None,
            name=target,
            signing="keyless" if words[0] == "attest" else None,
        )
    ]


def _trivy(call: Call) -> list[Act]:
    options = call.options(
        1,
        option_names(
            "-f --format -o --output --severity --exit-code --cache-dir --scanners --timeout -c --config "
            "--ignorefile --template -t --input"
        ),
    )
    if call.word(1) == "sbom" or not re.search("cyclonedx|spdx|github", options.value("-f", "--format") or ""):
        return []
    image = options.words[:1] in (["image"], ["i"])
    return [
        call.act(
            ActKind.SBOM, type="container-image" if image else None, name=options.words[-1] if options.words else None
        )
    ]


def _always(call: Call) -> list[Act]:
    if {"--version", "--help", "-h", "validate", "convert", "diff", "merge"} & set(call.argv[1:3]):
        return []
    return [call.act(ActKind.SBOM)]


def _sbom_tool(call: Call) -> list[Act]:
    return [call.act(ActKind.SBOM)] if call.word(1).lower() == "generate" else []


def _sums(call: Call) -> list[Act]:
    """Checksums that are written down; checking them (`-c`) makes none."""
    options = call.options(1, frozenset({"-a", "--algorithm"}))
    checks = any(
        option.name in ("--check", "--status") or re.fullmatch(r"-[a-z]*c[a-z]*", option.name)
        for option in options.found
    )
    written = tuple(target for operator, target in call.command.redirects if operator in (">", ">>"))
    if checks or not options.words:
        return []
    return (
        [call.act(ActKind.BUILD, type="checksums", what=written, hashed=" ".join(options.words)[:500])]
        if written
        else []
    )


READERS = {
    "syft": _syft,
    "trivy": _trivy,
    **dict.fromkeys(
        (
            "cyclonedx-py",
            "cyclonedx-npm",
            "cyclonedx-gomod",
            "cyclonedx-bom",
            "cdxgen",
            "bom",
            "spdx-sbom-generator",
            "tern",
            "sbomnix",
        ),
        _always,
    ),
    "sbom-tool": _sbom_tool,
    **dict.fromkeys(("sha256sum", "sha512sum", "sha1sum", "shasum", "md5sum", "sha384sum", "b2sum"), _sums),
}
