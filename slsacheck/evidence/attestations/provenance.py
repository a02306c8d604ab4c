"""SLSA provenance v0.1, v0.2 and v1 in one set of words."""

from __future__ import annotations

from slsacheck.evidence.attestations.buildtypes import build_type, flatten
from slsacheck.evidence.attestations.jsondoc import Document, as_list, as_map, as_text, dig
from slsacheck.evidence.attestations.refs import normal_repository, split_ref
from slsacheck.evidence.attestations.statement import Statement
from slsacheck.record import field, record

__all__ = ["PROVENANCE_TYPES", "Provenance", "read_provenance"]

PROVENANCE_TYPES = {
    "https://in-toto.io/Provenance/v0.1": "v0.1",
    "https://slsa.dev/provenance/v0.1": "v0.1",
    "https://slsa.dev/provenance/v0.2": "v0.2",
    "https://slsa.dev/provenance/v1": "v1",
    "https://slsa.dev/provenance/v1.0?draft": "v1",
}
"""Predicate type to the shape of its fields; matched exactly, the URI carries only the major version."""

_DELEGATOR = "https://github.com/slsa-framework/slsa-github-generator/delegator-generic@v0"
_MAX_TEXT = 2_000


@record
class Provenance:
    """What a provenance says. Texts are its own words, nothing here is verified.

    `source` is the repository that configured the build, `ref` and `digest` its revision; `material` is the address of
    what was checked out. `environment` are the parameters that the platform chose. `missing` lists REQUIRED fields that
    are unset or empty.
    """

    version: str
    predicate_type: str
    builder_id: str = ""
    build_type: str = ""
    source: str = ""
    ref: str = ""
    digest: str = ""
    material: str = ""
    material_count: int = 0
    entry_point: str = ""
    invocation_id: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    environment: Document = field(default_factory=dict)
    metadata: Document = field(default_factory=dict)
    missing: tuple[str, ...] = ()


def _digest(value: object) -> str:
    digests = as_map(value)
    for name in ("gitCommit", "sha1", "sha256"):
        if isinstance(digests.get(name), str):
            return as_text(digests[name])
    return next((text for text in digests.values() if isinstance(text, str)), "")


def _missing(statement: Statement, fields: dict[str, object]) -> tuple[str, ...]:
    lacks = [name for name, value in fields.items() if not value]
    if not any(digests for _, digests in statement.subjects):
        lacks.append("subject digest")
    return tuple(lacks)


def _v01(statement: Statement) -> Provenance:
    predicate = statement.predicate
    recipe = as_map(predicate.get("recipe"))
    materials = as_list(predicate.get("materials"))
    position = recipe.get("definedInMaterial", 0)
    defined = materials[position] if isinstance(position, int) and 0 <= position < len(materials) else None
    builder = as_text(dig(predicate, "builder", "id"))
    kind = as_text(recipe.get("type"))
    uri = as_text(dig(defined, "uri"))
    source, ref = split_ref(uri)
    return Provenance(
        version="v0.1",
        predicate_type=statement.predicate_type,
        builder_id=builder,
        build_type=kind,
        source=source,
        ref=ref,
        digest=_digest(dig(defined, "digest")),
        material=uri,
        material_count=len(materials),
        entry_point=as_text(recipe.get("entryPoint")),
        invocation_id=as_text(dig(predicate, "metadata", "buildInvocationId")),
        parameters=flatten(recipe.get("arguments")),
        environment=as_map(recipe.get("environment")),
        metadata=as_map(predicate.get("metadata")),
        missing=_missing(statement, {"builder.id": builder, "recipe.type": kind}),
    )


def _v02(statement: Statement) -> Provenance:
    predicate = statement.predicate
    invocation = as_map(predicate.get("invocation"))
    config = as_map(invocation.get("configSource"))
    materials = as_list(predicate.get("materials"))
    builder = as_text(dig(predicate, "builder", "id"))
    kind = as_text(predicate.get("buildType"))
    source, ref = split_ref(as_text(config.get("uri")))
    return Provenance(
        version="v0.2",
        predicate_type=statement.predicate_type,
        builder_id=builder,
        build_type=kind,
        source=source,
        ref=ref,
        digest=_digest(config.get("digest")),
        material=as_text(dig(materials[0], "uri")) if materials else "",
        material_count=len(materials),
        entry_point=as_text(config.get("entryPoint")),
        invocation_id=as_text(dig(predicate, "metadata", "buildInvocationId")),
        parameters=flatten(invocation.get("parameters")),
        environment=as_map(invocation.get("environment")),
        metadata=as_map(predicate.get("metadata")),
        missing=_missing(statement, {"builder.id": builder, "buildType": kind}),
    )


def _path(value: object, path: str | None) -> str:
    return as_text(dig(value, *path.split("."))) if path else ""


def _v1_source(definition: Document, kind: str) -> tuple[str, str, str]:
    """Source, ref and digest: from where the buildType says, else from the run, else from the first input."""
    known = build_type(kind)
    external = definition.get("externalParameters")
    internal = as_map(definition.get("internalParameters"))
    first = next(iter(as_list(definition.get("resolvedDependencies"))), None)
    digest = _digest(dig(first, "digest"))
    if known is not None and known.source is not None:
        source, ref = split_ref(_path(external, known.source))
        return source, _path(external, known.ref) or ref, digest
    workflow = as_text(internal.get("GITHUB_WORKFLOW_REF"))
    repository, _, ref = workflow.partition("@")
    if ref and repository.count("/") >= 2:  # noqa: PLR2004 - owner, name, path
        return "https://github.com/" + "/".join(repository.split("/")[:2]), ref, digest
    dependencies = as_list(definition.get("resolvedDependencies"))
    fetched = next((one for one in dependencies if as_text(dig(one, "uri")).startswith("git+")), first)
    source, ref = split_ref(as_text(dig(fetched, "uri")))
    return source, ref, _digest(dig(fetched, "digest"))


def _v1_entry(definition: Document, kind: str) -> str:
    known = build_type(kind)
    if known is not None and known.entry_point is not None:
        return _path(definition.get("externalParameters"), known.entry_point)
    workflow = as_text(dig(definition, "internalParameters", "GITHUB_WORKFLOW_REF")).partition("@")[0]
    return "/".join(workflow.split("/")[2:])


def _v1(statement: Statement) -> Provenance:
    definition = as_map(statement.predicate.get("buildDefinition"))
    details = as_map(statement.predicate.get("runDetails"))
    dependencies = as_list(definition.get("resolvedDependencies"))
    builder = as_text(dig(details, "builder", "id"))
    kind = as_text(definition.get("buildType"))
    source, ref, digest = _v1_source(definition, kind)
    has_parameters = isinstance(definition.get("externalParameters"), dict)
    return Provenance(
        version="v1",
        predicate_type=statement.predicate_type,
        builder_id=builder,
        build_type=kind,
        source=source,
        ref=ref,
        digest=digest,
        material=as_text(dig(dependencies[0], "uri")) if dependencies else "",
        material_count=len(dependencies),
        entry_point=_v1_entry(definition, kind),
        invocation_id=as_text(dig(details, "metadata", "invocationId")),
        parameters=flatten(definition.get("externalParameters")),
        environment=as_map(definition.get("internalParameters")),
        metadata=as_map(details.get("metadata")),
        missing=_missing(
            statement,
            {"runDetails.builder.id": builder, "buildType": kind, "externalParameters": has_parameters},
        ),
    )


def read_provenance(statement: Statement) -> Provenance | None:
    """The provenance in a statement; None when its predicate is another one."""
    version = PROVENANCE_TYPES.get(statement.predicate_type)
    reader = {"v0.1": _v01, "v0.2": _v02, "v1": _v1}.get(version or "")
    return reader(statement) if reader is not None else None


def repository_of(provenance: Provenance) -> str:
    """The source repository in the form in which repositories are compared; empty when none is named."""
    return normal_repository(provenance.source) if provenance.source else ""


def delegated(provenance: Provenance) -> bool:
    """Whether a builder made with slsa-github-generator's delegator wrote it: then the signer is the delegator."""
    return provenance.build_type == _DELEGATOR
