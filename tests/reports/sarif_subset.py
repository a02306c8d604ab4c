"""The part of SARIF 2.1.0 that we write, as a strict schema made from the text of the standard.

Stricter than the official one: nothing else is allowed, and what section 3.27.10 says about kinds and levels is asked.
"""

from __future__ import annotations

from typing import Any


def closed(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    """An object with these properties and no others."""
    return {"type": "object", "required": list(required), "properties": properties, "additionalProperties": False}


TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
MESSAGE = closed(("text",), text=TEXT)
NUMBER: dict[str, Any] = {"type": "integer", "minimum": 1}
BAG: dict[str, Any] = {"type": "object", "properties": {"tags": {"type": "array", "uniqueItems": True}}}
PHYSICAL = closed(
    ("artifactLocation",),
    artifactLocation=closed(
        ("uri", "uriBaseId"),
        uri={"type": "string", "pattern": r"^[A-Za-z0-9._~%/-]*$", "not": {"pattern": r"(^/|(^|/)\.\.(/|$))"}},
        uriBaseId={"const": "SRCROOT"},
    ),
    region=closed(("startLine",), startLine=NUMBER, startColumn=NUMBER, snippet=MESSAGE),
)
LOCATION = closed(
    (),
    id={"type": "integer"},
    physicalLocation=PHYSICAL,
    logicalLocations={"type": "array", "items": closed(("fullyQualifiedName",), fullyQualifiedName=TEXT, kind=TEXT)},
)
LOCATIONS = {"type": "array", "items": LOCATION}
RULE = closed(
    ("id",),
    id=TEXT,
    name=TEXT,
    shortDescription=MESSAGE,
    fullDescription=MESSAGE,
    help=closed(("text",), text=TEXT, markdown=TEXT),
    helpUri={"type": "string", "pattern": "^https://slsa[.]dev/"},
    properties=BAG,
)
RESULT = closed(
    ("ruleId", "ruleIndex", "kind", "level", "message", "locations", "partialFingerprints"),
    ruleId=TEXT,
    ruleIndex={"type": "integer", "minimum": 0},
    kind={"enum": ["pass", "open", "informational", "notApplicable", "review", "fail"]},
    level={"enum": ["none", "note", "warning", "error"]},
    message=MESSAGE,
    locations=LOCATIONS,
    relatedLocations=LOCATIONS,
    partialFingerprints={"type": "object", "minProperties": 1, "additionalProperties": TEXT},
    properties=BAG,
) | {
    "if": {"properties": {"kind": {"not": {"const": "fail"}}}},
    "then": {"properties": {"level": {"const": "none"}}},
    "else": {"properties": {"level": {"not": {"const": "none"}}}},
}
NOTIFICATION = closed(("level", "message"), level={"enum": ["error", "warning", "note"]}, message=MESSAGE)
RUN = closed(
    ("tool", "results", "columnKind"),
    tool=closed(
        ("driver",),
        driver=closed(
            ("name", "rules"), name=TEXT, semanticVersion=TEXT, properties=BAG, rules={"type": "array", "items": RULE}
        ),
    ),
    automationDetails=closed(("id",), id=TEXT),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    originalUriBaseIds={"type": "object", "additionalProperties": closed((), description=MESSAGE)},
    invocations={
        "type": "array",
        "items": closed(
            ("executionSuccessful",),
            executionSuccessful={"type": "boolean"},
            endTimeUtc=TEXT,
            toolExecutionNotifications={"type": "array", "items": NOTIFICATION},
        ),
    },
    results={"type": "array", "items": RESULT},
)
SCHEMA = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | closed(
    ("$schema", "version", "runs"),
    **{"$schema": TEXT, "version": {"const": "2.1.0"}, "runs": {"type": "array", "minItems": 1, "items": RUN}},
)
