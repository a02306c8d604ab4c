from __future__ import annotations

from collections.abc import Iterator

import pytest

from slsacheck.evidence.online.services import Services, services_of
from tests.evidence.online.service import Service, serving


@pytest.fixture(autouse=True)
def no_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither tokens nor proxies of whoever runs the tests."""
    for name in ("GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "NETRC"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as found:
        yield found


@pytest.fixture
def services(service: Service) -> Services:
    """Every service at the one on loopback."""
    return services_of(rekor=service.url, github=service.url, npm=service.url, pypi=service.url)
