"""Credentials for a registry: the files of docker and podman, and the helpers that they name.

They are read when a registry asks for them, used for its host alone, and shown nowhere.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from slsacheck.errors import SlsacheckError, Unavailable
from slsacheck.evidence.attestations.dsse import lenient_base64
from slsacheck.evidence.attestations.jsondoc import Document, as_map, as_text, dig, parse_json
from slsacheck.evidence.attestations.steps import RefusedError
from slsacheck.evidence.files import read_regular
from slsacheck.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Credentials", "find"]

MAX_FILE = 1 << 20
"""Bytes of a credential file."""
HELPER_SECONDS = 10
"""Seconds that a helper may take: one that asks a cloud for a token takes two or three."""
_DOCKER_HUB = ("index.docker.io", "docker.io", "registry-1.docker.io")


@record
class Credentials:
    """A user's name and password, or a token that is exchanged for another (`identity`)."""

    user: str
    password: str
    identity: str = ""

    def __repr__(self) -> str:
        return "Credentials(…)"


def find(host: str, repository: str, environment: Mapping[str, str] | None = None) -> Credentials | None:
    """The credentials for a repository; None where nothing names any. The closest entry counts, as in podman.

    Raises Unavailable where a credential helper that should know them does not work.
    """
    environment = environment if environment is not None else os.environ
    for path in _files(environment):
        document = _document(path)
        helper = as_text(dig(document, "credHelpers", host))
        if helper:
            return _helped(helper, host, environment)
        for key in _keys(host, repository):
            entry = as_map(dig(document, "auths", key))
            found = _entry(entry) if entry else None
            if found is not None:
                return found
        store = as_text(document.get("credsStore"))
        if store and (found := _stored(store, host, environment)) is not None:
            return found
    return None


def _files(environment: Mapping[str, str]) -> Iterator[str]:
    """Where credentials lie, docker's file first."""
    home = environment.get("HOME") or "/"
    yield os.path.join(environment.get("DOCKER_CONFIG") or os.path.join(home, ".docker"), "config.json")  # noqa: PTH118
    if environment.get("REGISTRY_AUTH_FILE"):
        yield environment["REGISTRY_AUTH_FILE"]
        return
    for variable, ending in (("XDG_RUNTIME_DIR", ""), ("XDG_CONFIG_HOME", ""), ("HOME", ".config")):
        if environment.get(variable):
            yield os.path.join(environment[variable], ending, "containers", "auth.json")  # noqa: PTH118


def _document(path: str) -> Document:
    try:
        return as_map(parse_json(read_regular(os.path.realpath(path), "the credential file", MAX_FILE), "it"))
    except (SlsacheckError, RefusedError):
        return {}  # a file that cannot be read names nobody: the registry then says that it wants to know


def _keys(host: str, repository: str) -> Iterator[str]:
    parts = [host, *repository.split("/")]
    for length in range(len(parts), 0, -1):
        yield "/".join(parts[:length])
    hosts = _DOCKER_HUB if host in _DOCKER_HUB else (host,)
    for one in hosts:
        yield from (one, f"https://{one}", f"https://{one}/v1/", f"https://{one}/v2/", f"http://{one}")


def _entry(entry: Document) -> Credentials | None:
    identity = as_text(entry.get("identitytoken"))
    user, password = as_text(entry.get("username")), as_text(entry.get("password"))
    if entry.get("auth"):
        try:
            text = lenient_base64(entry.get("auth"), "an entry of the credential file").decode("utf-8")
        except (RefusedError, UnicodeDecodeError):
            return None
        user, _, password = text.partition(":")
        password = password.rstrip("\0")
    return Credentials(user, password, identity) if user or identity else None


def _stored(store: str, host: str, environment: Mapping[str, str]) -> Credentials | None:
    try:
        return _helped(store, host, environment)
    except Unavailable:
        return None  # a store for everything may not know this registry, which then is asked without a name


def _helped(helper: str, host: str, environment: Mapping[str, str]) -> Credentials | None:
    """What a credential helper of docker answers (`docker-credential-HELPER get`)."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", helper, re.ASCII):
        raise Unavailable("the credential file names a helper whose name is none", where=host)
    answer = _run(f"docker-credential-{helper}", host, environment)
    try:
        document = as_map(parse_json(answer, "it"))
    except RefusedError as problem:
        raise Unavailable(f"docker-credential-{helper} answered with no JSON", where=host) from problem
    user, secret = as_text(document.get("Username")), as_text(document.get("Secret"))
    if user == "<token>":
        return Credentials("", "", secret)
    return Credentials(user, secret) if secret else None


def _run(program: str, host: str, environment: Mapping[str, str]) -> bytes:
    import shutil
    import subprocess

    path = shutil.which(program, path=environment.get("PATH"))
    if path is None or not os.path.isabs(path):  # noqa: PTH117 - as everywhere in the evidence
        raise Unavailable(f"{program} is not installed", where=host, advice="or give `auths` in the credential file")
    try:
        done = subprocess.run(
            [path, "get"],
            input=host.encode("ascii", "replace"),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=HELPER_SECONDS,
            check=False,
            env=dict(environment),
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"{program} did not answer", where=host) from error
    if done.returncode != 0 or len(done.stdout) > MAX_FILE:
        raise Unavailable(f"{program} has no credentials for it", where=host)
    return done.stdout
