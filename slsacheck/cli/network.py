"""`--online` and the addresses that go with it, read from the arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from slsacheck.errors import UsageError

if TYPE_CHECKING:
    from slsacheck.evidence.online.services import Services

__all__ = ["asked_services"]

_ADDRESSES = ("rekor_url", "github_api_url", "npm_url", "pypi_url")


def asked_services(options: Any) -> Services | None:
    """The services that may be asked; None without `--online`.

    Raises UsageError for an address that is none, and for addresses that nobody would ask.
    """
    given = {name: getattr(options, name) for name in _ADDRESSES}
    if not options.online:
        unused = next((name for name, url in given.items() if url is not None), None)
        if unused is not None:
            flag = "--" + unused.replace("_", "-")
            raise UsageError(f"{flag} names a service that is not asked", advice="add --online")
        return None
    from slsacheck.evidence.online.services import services_of

    return services_of(
        rekor=given["rekor_url"],
        github=given["github_api_url"],
        npm=given["npm_url"],
        pypi=given["pypi_url"],
        plain_http=options.plain_http,
    )
