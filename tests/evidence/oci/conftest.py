"""Images and registries for the tests of `slsacheck.evidence.oci`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from slsacheck.catalog import load
from slsacheck.evidence.artifacts import collect
from slsacheck.evidence.targets import open_target
from slsacheck.evidence.tree import Problems
from slsacheck.model import Artifact, ArtifactInput, Expectations, GitFacts, Target
from tests.evidence.oci.shop import BUILDER, Registry, Store

Looked = tuple[tuple[Artifact, ...], str]
Look = Callable[..., Looked]

EXPECTED = Expectations(source_uri="github.com/o/r", builder_id=BUILDER, build_type="https://example.org/b")


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def registry(store: Store) -> Iterator[Registry]:
    found = Registry(store)
    yield found
    found.close()


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Look:
    """Collects the artifacts of one image and the problems met, as one text; nobody's credentials are there."""
    home = tmp_path_factory.mktemp("home")
    for name in ("DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))

    def run(reference: object, *, key: str | None = None, attestations: tuple[str, ...] = ()) -> Looked:
        target = Target(
            "image",
            "x",
            artifacts=(ArtifactInput(str(reference), kind="image"),),
            attestations=attestations,
            expectations=EXPECTED,
            public_key=key,
        )
        problems = Problems()
        opened = open_target(target, plain_http=True)
        found = collect(target, GitFacts(present=False), None, load(), opened, problems)
        return found, "\n".join(f"{one.where}: {one.reason}" for one in problems.items())

    return run
