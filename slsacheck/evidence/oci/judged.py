"""What hangs on an image, judged: each piece as an attachment, and its provenance by the one verifier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.envelope import Attestation
from slsacheck.evidence.attestations.held import subjects_of, verify_held
from slsacheck.evidence.attestations.notation import COSE_TYPE, JWS_TYPE
from slsacheck.evidence.attestations.statement import parse_statement
from slsacheck.evidence.attestations.steps import RefusedError
from slsacheck.model.attestation import Case
from slsacheck.model.image import Attachment
from slsacheck.record import record, replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slsacheck.evidence.attestations.readers import Reading
    from slsacheck.evidence.attestations.trustdata import TrustData
    from slsacheck.evidence.oci.attached import Piece
    from slsacheck.model.attestation import Expectations, Verification

__all__ = ["Judge", "kind_of_predicate", "speaks_of"]

_KINDS = (
    ("https://slsa.dev/provenance/", "provenance"),
    ("https://in-toto.io/Provenance/", "provenance"),
    ("https://slsa.dev/verification_summary/", "vsa"),
    ("https://spdx.dev/Document", "sbom"),
    ("https://cyclonedx.org/", "sbom"),
    ("https://sigstore.dev/cosign/sign/", "signature"),
)
_SBOMS = (("spdx", "spdx"), ("cyclonedx", "cyclonedx"), ("syft", "syft"))
_FORMS = {"cosign-simplesigning": "cosign-legacy", "message-signature": "sigstore-bundle"}
_NOTATION_FORMS = {JWS_TYPE: "notation-jws", COSE_TYPE: "notation-cose"}


def kind_of_predicate(predicate_type: str | None) -> str:
    """The kind of an attachment by its statement's predicate type."""
    return next((kind for begin, kind in _KINDS if (predicate_type or "").startswith(begin)), "attestation")


@record
class Judge:
    """By what attestations of images are judged: expectations, trust data, the user's key.

    `like` is a case of which the other files that decide trust count too: certificates, a trust policy.
    """

    expectations: Expectations
    trust: TrustData
    trusted_root: str | None = None
    public_key: str | None = None
    like: Case | None = None

    def attachment(self, piece: Piece, digests: Sequence[str]) -> Attachment:
        """One piece as it is reported; `digests` are those of which it may speak: the image's and its index's."""
        if not isinstance(piece.reading, Attestation):
            return _plain(piece)
        answer = self._answer("verify-bundle", piece, digests)
        predicate_type = answer.statement.predicate_type or _claimed(piece.reading)
        kind = "signature" if _is_signature(piece.reading) else kind_of_predicate(predicate_type)
        return Attachment(
            kind=kind,
            format=_format(piece, piece.reading),
            found_by=piece.found_by,
            digest=piece.digest,
            subject=_spoken_of(piece.reading, digests, piece.about),
            predicate_type=predicate_type,
            signer=answer.signer if answer.authentic else None,
            verified=_verified(answer, signed=piece.reading.signed),
            reason="" if answer.verdict == "pass" else answer.message,
            manifest=piece.manifest or None,
        )

    def provenance(self, piece: Piece, digests: Sequence[str]) -> Verification | None:
        """The verification of a piece that is provenance or a summary; None where it is something else."""
        if not isinstance(piece.reading, Attestation) or _is_signature(piece.reading):
            return None
        answer = self._answer("verify-artifact", piece, digests)
        kind = kind_of_predicate(answer.statement.predicate_type or _claimed(piece.reading))
        if kind == "vsa":
            answer = self._answer("verify-vsa", piece, digests)
        if kind not in ("vsa", "provenance"):
            return None
        return answer if speaks_of(piece, digests) else _of_another(answer, piece)

    def _answer(self, command: str, piece: Piece, digests: Sequence[str]) -> Verification:
        assert piece.reading is not None
        algorithm, _, value = _meant(piece.reading, digests, piece.about).partition(":")
        case = replace(
            self.like or Case(command),
            command=command,
            artifact=(),
            provenance=(),
            oci_layout=None,
            digests=(((algorithm, value),),),
            public_key=self.public_key,
            trusted_root=self.trusted_root,
            expectations=self.expectations,
        )
        if command == "verify-bundle":
            case = replace(case, expectations=_signer_alone(self.expectations))
        return verify_held(case, [piece.reading], self.trust)[0]


def _of_another(answer: Verification, piece: Piece) -> Verification:
    """That it speaks of something else is the first thing to say, whatever else is wrong with it."""
    message = f"it hangs on {piece.about} and speaks of {_spoken_of(piece.reading, (), '') or 'nothing'}"
    return replace(answer, verdict="fail", reason_class="hash-mismatch", message=message, level=None)


def _signer_alone(expected: Expectations) -> Expectations:
    """What is expected of whoever signed; what the provenance says is judged apart."""
    return type(expected)(
        identity=expected.identity,
        issuer=expected.issuer,
        public_key_id=expected.public_key_id,
        public_key_signing_hash_algo=expected.public_key_signing_hash_algo,
    )


def _claimed(reading: Attestation) -> str | None:
    """What it says that it is, where nothing came as far as to read that: the user's key was none."""
    if _is_signature(reading):
        return None
    try:
        return parse_statement(reading).predicate_type
    except RefusedError:
        return None


def _is_signature(reading: Attestation) -> bool:
    return reading.form in ("cosign-simplesigning", "message-signature", "notation")


def _format(piece: Piece, reading: Attestation) -> str:
    if reading.form == "notation":
        return _NOTATION_FORMS.get(piece.media_type, "notation-jws")
    return _FORMS.get(reading.form, reading.form)


def speaks_of(piece: Piece, digests: Sequence[str]) -> bool:
    """Whether the attestation in a piece names one of these digests; it decides only what is shown."""
    return piece.reading is not None and not set(digests).isdisjoint(_digests(piece.reading))


def _meant(reading: Reading | None, digests: Sequence[str], about: str) -> str:
    """The digest of which it speaks, if it is one of those; else that on which it hangs, which then is refused."""
    stated = _digests(reading)
    return next((digest for digest in (about, *digests) if digest in stated), about)


def _spoken_of(reading: Reading | None, digests: Sequence[str], about: str) -> str | None:
    stated = _digests(reading)
    meant = _meant(reading, digests, about)
    return meant if meant in stated else next(iter(stated), None)


def _digests(reading: Reading | None) -> tuple[str, ...]:
    return tuple(f"{name}:{value}" for _, pairs in (subjects_of(reading) if reading else ()) for name, value in pairs)


def _verified(answer: Verification, *, signed: bool) -> str:
    if not signed:
        return "not-signed"
    return answer.verdict if answer.verdict in ("pass", "fail") else "unknown"


def _plain(piece: Piece) -> Attachment:
    """A piece that is no attestation, or one that cannot be read."""
    kind, form, verified = "other", piece.artifact_type or piece.media_type, "not-signed"
    named = f"{piece.media_type} {piece.artifact_type}".lower()
    sbom = next((form for word, form in _SBOMS if word in named), None)
    if piece.media_type in _NOTATION_FORMS:
        kind, form = "signature", _NOTATION_FORMS[piece.media_type]
    elif sbom is not None:
        kind, form = "sbom", sbom
    if piece.problem:
        kind, verified = ("attestation" if kind == "other" else kind), "fail"
    return Attachment(
        kind=kind,
        format=form,
        found_by=piece.found_by,
        digest=piece.digest,
        subject=piece.about,
        verified=verified,
        reason=piece.problem,
        manifest=piece.manifest or None,
    )
