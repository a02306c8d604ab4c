"""The draft Build Environment track: nobody publishes what would decide it today, and it says what that would be."""

from __future__ import annotations

from collections.abc import Iterable

from slsacheck.api import check, unknown
from slsacheck.model import Platform, Verdict

EVIDENCE = {
    "buildenv.image-provenance": "provenance of the build image, from its producer",
    "buildenv.image-provenance-verifiable": "provenance or a VSA of the build image that anyone can verify",
    "buildenv.platform-build-l2": "an assessment of the build platform at Build level 2",
    "buildenv.verify-image-before-instantiation": "the platform's attestation that it verified the image",
    "buildenv.image-build-l3": "Build level 3 provenance of the build image",
    "buildenv.reference-values": "signed reference values of the boot process, from the image's producer",
    "buildenv.agent-boot-quote": "a boot quote from the build agent",
    "buildenv.agent-dispatch-attestation": "the agent's attestation that binds the quote to the build",
    "buildenv.platform-build-l3": "an assessment of the build platform at Build level 3",
    "buildenv.verify-quote-before-dispatch": "the platform's attestation that it verified the quote",
    "buildenv.host-quotes": "a description or attestation of the host interface from the compute platform",
    "buildenv.host-boot-validation": "the compute platform's word on Secure Boot or its equivalent",
    "buildenv.host-verifies-image": "the compute platform's attestation that it verified the image",
    "buildenv.hw-agent-quote": "a quote from trusted hardware",
    "buildenv.hw-dispatch-attestation": "a dispatch attestation with the host's quote",
    "buildenv.verify-host-quote": "the platform's attestation that it verified the host's quote",
    "buildenv.trusted-hardware": "the compute platform's endorsement of its hardware",
    "buildenv.host-secure-boot": "the compute platform's word on the boot of the host interface",
}


@check(*EVIDENCE, experimental=True)
def build_environment_is_attested(platform: Platform) -> Iterable[Verdict]:
    """The build environment is what its producers and the platform attest."""
    reason = "the configuration names only a label; what runs behind it is attested by nobody here"
    return [unknown(reason, at=platform.at, atom=atom, missing=[text]) for atom, text in EVIDENCE.items()]
