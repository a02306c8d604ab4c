"""Tools that sign or attest: cosign, notation, gpg, witness, in-toto and the platforms' own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slsacheck.evidence.publications.acts import Act, ActKind
from slsacheck.evidence.publications.images import image_name
from slsacheck.evidence.publications.scripts._call import option_names
from slsacheck.patterns import regex

if TYPE_CHECKING:
    from slsacheck.evidence.publications.scripts._call import Call, Options

__all__ = ["READERS"]

_COSIGN_VALUES = option_names(
    "--key --identity-token --predicate --type --bundle --output-signature --output-certificate --certificate "
    "--certificate-chain -a --annotations --fulcio-url --rekor-url --oidc-issuer --oidc-client-id --oidc-provider "
    "--registry-referrers-mode --sk= --slot --attachment --payload --signature -o --output --output-file "
    "--timestamp-server-url --new-bundle-format= --signing-config --trusted-root --statement --hash "
    "--tlog-upload= --upload= --output-attestation --platform --sign-container-identity --format --only"
)
_PROVENANCE = regex(r"slsaprovenance|slsa\.dev/provenance", re.IGNORECASE)
_INVENTORY = regex(r"spdx|cyclonedx|sbom", re.IGNORECASE)
_GPG_SIGNS = option_names("--detach-sign --detach-sig --clearsign --clear-sign --sign -s")
_WITNESS_VALUES = option_names(
    "-s --step -o --outfile -a --attestations -k --signer-file-key-path --key -c --certificate -d -w --workingdir "
    "--config -l --log-level"
)


def _kind(options: Options) -> str:
    return "key" if options.values("--key") or options.on("--sk") else "keyless"


def _cosign(call: Call) -> list[Act]:
    word = call.word(1)
    if word == "copy":
        return _copied(call)
    if word not in ("sign", "sign-blob", "attest", "attest-blob"):
        return [call.act(ActKind.SBOM, type="container-image")] if (word, call.word(2)) == ("attach", "sbom") else []
    options = call.options(2, _COSIGN_VALUES)
    image = word in ("sign", "attest")
    kind = "container-image" if image else None
    subject = options.words[-1] if options.words else ""
    names = [image_name(choice) for choice in call.choices(subject)] if image and subject else [None]
    if word.startswith("sign"):
        what = () if image else tuple(options.words)
        return [call.act(ActKind.SIGN, type=kind, name=name, what=what, signing=_kind(options)) for name in names]
    return [_attested(call, options, kind, name, subject) for name in names]


def _copied(call: Call) -> list[Act]:
    """`cosign copy IMAGE TO`: the image with its signatures and attestations."""
    from slsacheck.evidence.publications.scripts.containers import image_acts

    words = call.options(2, _COSIGN_VALUES).words
    return image_acts(call, words[1:2], copied_from=image_name(words[0])) if len(words) > 1 else []


def _attested(call: Call, options: Options, kind: str | None, name: str | None, subject: str) -> Act:
    stated = options.value("--type") or options.value("--statement") or ""
    predicate = options.value("--predicate") or ""
    if _PROVENANCE.search(stated):
        return call.act(
            ActKind.ATTEST,
            type=kind,
            name=name,
            what=(subject,),
            at=options.place("--type", "--statement"),
            provenance="yes",
            root="cosign-attest-provenance",
            signing=_kind(options),
            subject="digest" if kind else "files",
        )
    if _INVENTORY.search(stated) or _INVENTORY.search(predicate):
        return call.act(ActKind.SBOM, type=kind, name=name, what=(predicate,), signing=_kind(options))
    return call.act(ActKind.SIGN, type=kind, name=name, what=(subject,), signing=_kind(options), predicate_type=stated)


def _notation(call: Call) -> list[Act]:
    if call.word(1) != "sign":
        return []
    words = call.options(
        2,
        option_names("-k --key --signature-format -e --expiry -m --user-metadata --id --plugin --plugin-config -u -p"),
    ).words
    return [call.act(ActKind.SIGN, type="container-image", name=image_name(words[0]) if words else None, signing="key")]


def _gpg(call: Call) -> list[Act]:
    signs = any(word in _GPG_SIGNS or re.fullmatch(r"-[a-z]*b[a-z]*", word) for word in call.argv[1:])
    words = call.options(
        1,
        option_names(
            "-u --local-user --default-key -o --output --passphrase --passphrase-file --passphrase-fd "
            "--pinentry-mode --homedir --digest-algo --status-fd"
        ),
    ).words
    return [call.act(ActKind.SIGN, what=tuple(words), signing="key")] if signs else []


def _minisign(call: Call) -> list[Act]:
    words = call.options(1, option_names("-s -x -m -c -t -p -P"))
    return (
        [call.act(ActKind.SIGN, what=words.values("-m"), signing="key")]
        if any(re.match(r"-\w*S", word) for word in call.argv[1:])
        else []
    )


def _platform(call: Call) -> list[Act]:
    """codesign, signtool and the like: signatures of an operating system's vendor."""
    verb = call.word(1).lower()
    verifies = {
        "codesign": ("-v", "--verify", "-d", "--display", "-dv"),
        "signtool": ("verify", "timestamp"),
        "jarsigner": ("-verify",),
    }
    if verb in verifies.get(call.program, ()) or (call.program in ("signtool", "osslsigncode") and verb != "sign"):
        return []
    what = tuple(word for word in call.argv[1:] if re.search(r"\.(exe|msi|dll|app|dmg|pkg|jar|deb|rpm)$", word))
    return [call.act(ActKind.SIGN, what=what, signing="key")]


def _notary(call: Call) -> list[Act]:
    index = 2 if call.program == "xcrun" else 1
    if call.program == "xcrun" and call.word(1) != "notarytool":
        return []
    return (
        [call.act(ActKind.SIGN, what=tuple(call.argv[index + 1 : index + 2]), signing="key", notarized="yes")]
        if call.word(index) == "submit"
        else []
    )


def _rpm(call: Call) -> list[Act]:
    signs = call.program == "rpmsign" or {"--addsign", "--resign"} & set(call.argv)
    return [call.act(ActKind.SIGN, type="os-package", signing="key")] if signs else []


def _packages(call: Call) -> list[Act]:
    return [call.act(ActKind.SIGN, type="os-package", signing="key")]


def _openssl(call: Call) -> list[Act]:
    words = call.argv[1:]
    signs = (
        (words[:1] == ("dgst",) and "-sign" in words)
        or (words[:1] == ("pkeyutl",) and "-sign" in words)
        or words[:2] == ("cms", "-sign")
    )
    return [call.act(ActKind.SIGN, signing="key")] if signs else []


def _sigstore(call: Call) -> list[Act]:
    """`python -m sigstore sign FILE`, `sigstore attest`."""
    options = call.options(
        2, option_names("--predicate --predicate-type --bundle --identity-token --output-directory --oidc-issuer")
    )
    if call.word(1) == "sign":
        return [call.act(ActKind.SIGN, what=tuple(options.words), signing="keyless")]
    if call.word(1) != "attest":
        return []
    if _PROVENANCE.search(options.value("--predicate-type") or ""):
        return [
            call.act(
                ActKind.ATTEST,
                what=tuple(options.words),
                provenance="yes",
                root="cosign-attest-provenance",
                signing="keyless",
                subject="files",
            )
        ]
    return [call.act(ActKind.SIGN, what=tuple(options.words), signing="keyless")]


def _pypi_attestations(call: Call) -> list[Act]:
    """PEP 740 publish attestations: they say who published, not how it was built."""
    return (
        [call.act(ActKind.SIGN, type="python-package", what=tuple(call.argv[2:]), signing="keyless")]
        if call.word(1) == "sign"
        else []
    )


def _witness(call: Call) -> list[Act]:
    """`witness run --step … -- command`: a collection in its own format, and what the command does."""
    from slsacheck.evidence.publications.scripts._registry import reader_of
    from slsacheck.evidence.publications.scripts._unwrap import unwrapped

    if call.word(1) != "run":
        return []
    options = call.options(2, _WITNESS_VALUES)
    makes = "yes" if options.values("-a", "--attestations") or options.on("--step", "-s") else "unknown"
    found = [call.act(ActKind.ATTEST, what=("*",), provenance=makes, root="witness", subject="files")]
    if "--" in call.argv:
        inner = unwrapped(call.from_word(call.argv.index("--") + 1))
        reader = reader_of(inner.program) if inner.program != "witness" else None
        found += list(reader(inner)) if reader is not None else []
    return found


def _in_toto(call: Call) -> list[Act]:
    """`in-toto-run`: link metadata, which is no SLSA provenance; and what the command does."""
    from slsacheck.evidence.publications.scripts._registry import reader_of
    from slsacheck.evidence.publications.scripts._unwrap import unwrapped

    found = [call.act(ActKind.SIGN, signing="key", predicate_type="https://in-toto.io/attestation/link/v0.3")]
    if call.program == "in-toto-run" and "--" in call.argv:
        inner = unwrapped(call.from_word(call.argv.index("--") + 1))
        reader = reader_of(inner.program) if inner.program != "in-toto-run" else None
        found += list(reader(inner)) if reader is not None else []
    return found


def _tejolote(call: Call) -> list[Act]:
    """`tejolote attest RUN --artifacts github://O/R/TAG`: what an observer tells of a run whose files it fetches."""
    if call.word(1) != "attest":
        return []
    options = call.options(2, option_names("--artifacts --output --encode-attestation= --vcs-url --slsa --continue"))
    found = [
        call.act(
            ActKind.ATTEST,
            provenance="yes",
            root="cosign-attest-provenance",
            signing="keyless" if options.on("--sign") else "none",
            subject="all",
        )
    ]
    if any(source.startswith("github://") for source in options.values("--artifacts")):
        found.insert(0, call.act(ActKind.FETCH, name="release", what=("*",), run="release"))
    return found


READERS = {
    "cosign": _cosign,
    "tejolote": _tejolote,
    "notation": _notation,
    **dict.fromkeys(("gpg", "gpg2"), _gpg),
    "minisign": _minisign,
    "signify": _minisign,
    **dict.fromkeys(("codesign", "signtool", "osslsigncode", "azuresigntool", "jarsigner"), _platform),
    **dict.fromkeys(("notarytool", "xcrun"), _notary),
    **dict.fromkeys(("rpm", "rpmsign"), _rpm),
    **dict.fromkeys(("debsigs", "dpkg-sig"), _packages),
    "openssl": _openssl,
    "sigstore": _sigstore,
    "pypi-attestations": _pypi_attestations,
    "witness": _witness,
    **dict.fromkeys(("in-toto-run", "in-toto-record"), _in_toto),
}
