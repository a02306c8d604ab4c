"""What kind of artifact a file is, by its name and its first bytes (output contract, `type`)."""

import re

from slsacheck.errors import SlsacheckError

__all__ = ["kind_of", "kind_of_name"]

_NAMES: tuple[tuple[str, str], ...] = (
    (r".*\.(sha(1|224|256|384|512)(sum)?|md5)|.*(sha\d+sums?|checksums?)(\.txt)?", "checksums"),
    (r".*\.(intoto\.jsonl?|sigstore(\.json)?|bundle|att|provenance|sig|asc|pem|crt|minisig|attestation)", "metadata"),
    (r".*\.(spdx|cdx|cyclonedx|sbom|syft)(\.(json|xml|rdf|tag))?|sbom\..*|.*[._-]sbom\.(json|xml)", "metadata"),
    (r".*\.whl|.*\.egg", "python-package"),
    (r".*\.gem", "ruby-gem"),
    (r".*\.crate", "crate"),
    (r".*\.(jar|war|ear|aar|pom)", "maven-artifact"),
    (r".*\.s?nupkg", "nuget-package"),
    (r".*\.(deb|rpm|apk|ipk|pkg\.tar\.(zst|xz|gz)|flatpak|snap)", "os-package"),
    (r".*\.(msi|msix|dmg|pkg|appimage)|.*[._-](setup|installer)\.exe", "installer"),
    (r".*\.(tar|tar\.\w+|tgz|tbz2?|txz|zip|7z|gz|xz|zst|bz2|iso|img)", "archive"),
    (r".*\.exe", "binary"),
)
_MAGIC = (
    b"\x7fELF",
    b"MZ",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\0asm",
    b"#!",
)
"""ELF, PE, Mach-O (four), WebAssembly, script."""


def kind_of_name(name: str) -> str | None:
    """The type that a name alone tells; None where it tells none."""
    for pattern, kind in _NAMES:
        if re.fullmatch(pattern, name, re.IGNORECASE | re.DOTALL):
            return kind
    return None


def kind_of(name: str, path: str) -> str:
    """The type of the artifact at `path`, called `name`; `other` where neither name nor first bytes tell."""
    by_name = kind_of_name(name)
    if by_name is not None:
        return by_name
    try:
        begin = _begin(path)
    except (OSError, SlsacheckError):
        return "other"
    return "binary" if begin.startswith(_MAGIC) else "other"


def _begin(path: str) -> bytes:
    with open(path, "rb") as stream:
        return stream.read(4)
