"""What the Python package index asks of an attestation, and what it says of the publisher beside it (PEP 740)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.evidence.attestations.conftest import Ask
from tests.evidence.attestations.genuine import MINE, pep740
from tests.evidence.attestations.private_sigstore import SHA256, Instance, statement, workflow_statement

WHEEL, SDIST = "hello-1.2.3-py3-none-any.whl", "hello-1.2.3rc1.tar.gz"
PUBLISH = "https://docs.pypi.org/attestations/publish/v1"
GITHUB = {"kind": "GitHub", "repository": "Example/Hello", "workflow": "release.yml", "environment": "pypi"}


def published(instance: Instance, name: str = WHEEL, kind: str = PUBLISH, count: int = 1) -> dict[str, Any]:
    content = statement({}, kind) | {"subject": [{"name": name, "digest": {"sha256": SHA256}}] * count}
    return pep740(instance.bundle(content, identity=MINE))


def check(ask: Ask, document: dict[str, Any], reason: str | None, **given: Any) -> None:
    answer = ask(document, command="verify-pypi-package", **given)
    assert (answer.verdict, answer.reason_class) == (("fail", reason) if reason else ("pass", None)), answer.message


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        ({}, None),
        ({"name": SDIST}, None),
        ({"name": "hello"}, "malformed"),
        ({"count": 2}, "malformed"),
        ({"count": 0}, "subject-missing"),
        ({"kind": "https://example.com/another/v1"}, "unsupported"),
    ],
)
def test_an_attestation_is_of_a_known_kind_and_about_one_distribution(
    instance: Instance, ask: Ask, made: dict[str, Any], reason: str | None
) -> None:
    check(ask, published(instance, **made), reason)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"package_name": "Hello", "package_version": "v1.2.3-rc.1"}, None),
        ({"package_version": "1.2.3"}, "package-version-mismatch"),
        ({"package_version": "latest"}, "package-version-mismatch"),
        ({"package_name": "hello2"}, "package-name-mismatch"),
    ],
)
def test_names_and_versions_are_compared_as_the_index_does(
    instance: Instance, ask: Ask, given: dict[str, str], reason: str | None
) -> None:
    check(ask, published(instance, SDIST), reason, **given)


@pytest.mark.parametrize(
    ("publisher", "reason"),
    [
        (GITHUB, None),
        ({}, None),
        (GITHUB | {"repository": "evil/hello"}, "statement-mismatch"),
        (GITHUB | {"workflow": "other.yml"}, "statement-mismatch"),
        (GITHUB | {"kind": "GitLab"}, "statement-mismatch"),
        ({"kind": "Google", "email": "somebody@example.com"}, "statement-mismatch"),
    ],
)
def test_the_publisher_is_the_one_of_the_certificate(
    instance: Instance, ask: Ask, publisher: dict[str, str], reason: str | None
) -> None:
    groups = [{"publisher": publisher, "attestations": [published(instance)]}]
    check(ask, {"version": 1, "attestation_bundles": groups}, reason)


def test_provenance_of_a_distribution_proves_a_level(instance: Instance, ask: Ask) -> None:
    content = workflow_statement(MINE) | {"subject": [{"name": WHEEL, "digest": {"sha256": SHA256}}]}
    answer = ask(pep740(instance.bundle(content, identity=MINE)), command="verify-pypi-package")
    assert (answer.verdict, answer.level) == ("pass", 2), answer.message
