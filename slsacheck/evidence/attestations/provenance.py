"""SLSA provenance v0.1, v0.2 and v1 in one set of words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slsacheck.evidence.attestations.buildtypes import BuildType, build_type, flatten
from slsacheck.evidence.attestations.jsondoc import Document, as_list, as_map, as_text, dig
from slsacheck.evidence.attestations.refs import normal_repository, split_ref
from slsacheck.record import field, record

if TYPE_CHECKING:
    from slsacheck.evidence.attestations.statement import Statement

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
    known, metadata = build_type(kind), predicate.get("metadata")
    claimed = known is not None and not source and bool(known.source_metadata)
    return Provenance(
        version="v0.2",
        predicate_type=statement.predicate_type,
        builder_id=builder,
        build_type=kind,
        source=as_text(dig(metadata, *known.source_metadata)) if known and claimed else source,
        ref=ref,
        digest=(
            as_text(dig(metadata, *known.revision_metadata)) if known and claimed else _digest(config.get("digest"))
        ),
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


def _first(*texts: str) -> str:
    return next((text for text in texts if text), "")


def _declared_source(definition: Document, metadata: object, known: BuildType) -> tuple[str, str]:
    """Source and ref where the buildType says that they stand."""
    external = definition.get("externalParameters")
    source, ref = split_ref(_path(external, known.source))
    if known.source_dependency is not None:
        named = [one for one in _dependencies(definition) if dig(one, "name") == known.source_dependency]
        source, ref = split_ref(_git(named))
    return _first(source, as_text(dig(metadata, *known.source_metadata))), _first(_path(external, known.ref), ref)


def _dependencies(definition: Document) -> list[object]:
    return as_list(definition.get("resolvedDependencies"))


def _git(dependencies: list[object]) -> str:
    """The address of the first dependency that was fetched with git."""
    uris = (as_text(dig(one, "uri")) for one in dependencies)
    return next((uri for uri in uris if uri.startswith(("git+", "git:"))), "")


def _v1_source(definition: Document, kind: str, metadata: object) -> tuple[str, str]:
    """Source and ref: from where the buildType says, else from the run, else from the first git dependency."""
    known = build_type(kind)
    if known is not None and (known.source or known.source_dependency):
        return _declared_source(definition, metadata, known)
    workflow = as_text(dig(definition, "internalParameters", "GITHUB_WORKFLOW_REF"))
    repository, _, ref = workflow.partition("@")
    if ref and repository.count("/") >= 2:  # noqa: PLR2004 - owner, name, path
        return "https://github.com/" + "/".join(repository.split("/")[:2]), ref
    return split_ref(_git(_dependencies(definition)))


def _v1_digest(definition: Document, kind: str, metadata: object, source: str) -> str:
    """The revision: the digest of the dependency that is the source, else what parameters or metadata say of it."""
    known = build_type(kind)
    for one in _dependencies(definition) if source else []:
        if normal_repository(split_ref(as_text(dig(one, "uri")))[0]) == normal_repository(source):
            return _digest(dig(one, "digest"))
    if known is None:
        return ""
    said = as_text(dig(metadata, *known.revision_metadata)) if known.revision_metadata else ""
    return _first(_digest(dig(definition, "externalParameters", "configSource", "digest")), said)


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
    metadata = details.get("metadata")
    source, ref = _v1_source(definition, kind, metadata)
    has_parameters = isinstance(definition.get("externalParameters"), dict)
    return Provenance(
        version="v1",
        predicate_type=statement.predicate_type,
        builder_id=builder,
        build_type=kind,
        source=source,
        ref=ref,
        digest=_v1_digest(definition, kind, metadata, source),
        material=as_text(dig(dependencies[0], "uri")) if dependencies else "",
        material_count=len(dependencies),
        entry_point=_v1_entry(definition, kind),
        invocation_id=as_text(dig(details, "metadata", "invocationId")),
        parameters=flatten(definition.get("externalParameters")),
        environment=as_map(definition.get("internalParameters")),
        metadata=as_map(metadata),
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
