"""Images made, signed and attested by the tools that people use, in registries that people run; all on loopback.

Used by the live tests and by `scripts/make_images.py`. Nothing here reaches beyond this machine, but for the build of
the registry, whose modules Go fetches.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.clock import HANGS
from tests.evidence.attestations.der import key_usage

__all__ = ["MAKERS", "USER", "Workshop"]

REGISTRY = Path(__file__).with_name("registry")
STORAGE = "version: 0.1\nstorage: {{inmemory: {{}}}}\nhttp: {{addr: {}}}\nlog: {{level: error}}\n"
CLOSED = "auth: {{htpasswd: {{realm: x, path: {}}}}}\n"
USER = ("user", "secret-word")
BCRYPT = "$2b$04$i3UWUk.7g5PApz5RFU/W4epJQB/2b9JBJwh8Z9J33hb.4rTRV1.Om"
"""The user's password as htpasswd keeps it."""
PREDICATE = {
    "buildDefinition": {
        "buildType": "https://example.org/b",
        "externalParameters": {},
        "resolvedDependencies": [{"uri": "git+https://github.com/o/r", "digest": {"gitCommit": "a" * 40}}],
    },
    "runDetails": {"builder": {"id": "https://example.org/builder"}},
}
Key = ec.EllipticCurvePrivateKey
BOM = {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": []}
LEGACY = ("--use-signing-config=false", "--tlog-upload=false", "--new-bundle-format=false")


class Workshop:
    """A folder in which tools run, with a home of their own, and the registries that they push to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.servers: list[subprocess.Popen[str]] = []
        self.environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(folder),
            "DOCKER_CONFIG": str(folder),
            "XDG_CONFIG_HOME": str(folder / ".config"),
            "COSIGN_PASSWORD": "",
            "SYFT_CHECK_FOR_APP_UPDATE": "false",
            "GOCACHE": os.environ.get("GOCACHE") or str(Path.home() / ".cache" / "go-build"),
            "GOMODCACHE": os.environ.get("GOMODCACHE") or str(Path.home() / "go" / "pkg" / "mod"),
            "GOFLAGS": "-mod=mod",
        } | {name: os.environ[name] for name in ("GOPROXY", "GONOSUMDB", "GOSUMDB") if name in os.environ}
        (folder / "config.json").write_text("{}")
        (folder / "hello.txt").write_text("hello\n")
        (folder / "predicate.json").write_text(json.dumps(PREDICATE))
        (folder / "bom.json").write_text(json.dumps(BOM))

    def run(self, *command: str, inside: str = ".", **environment: str) -> str:
        """Runs a tool in the folder or one below; its standard output."""
        done = subprocess.run(
            command,
            cwd=self.folder / inside,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=HANGS,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
        return done.stdout

    def succeeds(self, *command: str) -> bool:
        """Whether a tool ends with status 0."""
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, timeout=HANGS, check=False
        )
        return done.returncode == 0

    def registry(self, *, referrers: bool, closed: bool = False) -> str:
        """Starts a registry: one in Go with the list of referrers, or Debian's old one without; its address.

        The latter may be `closed` for all but USER.
        """
        if referrers:
            shutil.copytree(REGISTRY, self.folder / "registry", dirs_exist_ok=True)
            self.run("go", "build", "-C", str(self.folder / "registry"), "-o", str(self.folder / "served"), ".")
            command = [str(self.folder / "served")]
            server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            self.servers.append(server)
            assert server.stdout is not None
            return server.stdout.readline().strip()
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{found.getsockname()[1]}"
        (self.folder / "htpasswd").write_text(f"{USER[0]}:{BCRYPT}\n")
        closing = CLOSED.format(self.folder / "htpasswd") if closed else ""
        (self.folder / "registry.yml").write_text(STORAGE.format(address) + closing)
        command = ["docker-registry", "serve", str(self.folder / "registry.yml")]
        quiet = subprocess.DEVNULL
        self.servers.append(subprocess.Popen(command, stdout=quiet, stderr=quiet, env=self.environment, text=True))
        _wait_for(address)
        return address

    def close(self) -> None:
        """Stops the registries."""
        for server in self.servers:
            server.terminate()
            server.wait(HANGS)
            if server.stdout is not None:
                server.stdout.close()

    def digest(self, image: str) -> str:
        """The image by its digest, as crane gives it."""
        return f"{image.rpartition(':')[0]}@{self.run('crane', 'digest', '--insecure', image).strip()}"

    def sign_with_cosign(self, image: str, *, legacy: bool, attest: bool = True) -> None:
        """A signature by a key, and provenance: as bundles, or as cosign wrote them before."""
        if not (self.folder / "cosign.key").exists():
            self.run("cosign", "generate-key-pair")
            (self.folder / "signing.json").write_text(self.run("cosign", "signing-config", "create"))
        form = LEGACY if legacy else ("--signing-config", "signing.json")
        common = ("--key", "cosign.key", *form, "--allow-http-registry", "-y")
        self.run("cosign", "sign", *common, image)
        if attest:
            self.run("cosign", "attest", *common, "--type", "slsaprovenance1", "--predicate", "predicate.json", image)

    def sign_with_notation(self, image: str) -> None:
        """Signatures in both forms, by a signer under an authority of our own."""
        config = self.folder / ".config" / "notation"
        if not config.exists():
            _authority(config)
        for form in ("jws", "cose"):
            self.run("notation", "sign", "--insecure-registry", "--signature-format", form, "--key", "t", image)

    def attach(self, image: str) -> str:
        """An SBOM that nobody signed, as a referrer; its name by digest."""
        kind = "application/vnd.cyclonedx+json"
        told = self.run("oras", "attach", "--plain-http", "--artifact-type", kind, image, f"bom.json:{kind}")
        return f"{image.partition('@')[0]}@{told.rpartition('Digest: ')[2].strip()}"


def _wait_for(address: str) -> None:
    host, _, port = address.partition(":")
    for _ in range(2_000):
        try:
            socket.create_connection((host, int(port)), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(address)


def _name(common: str) -> x509.Name:
    said = {NameOID.COUNTRY_NAME: "US", NameOID.STATE_OR_PROVINCE_NAME: "WA", NameOID.ORGANIZATION_NAME: "Example"}
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in (said | {NameOID.COMMON_NAME: common}).items()])


def _certificate(common: str, key: Key, root_key: Key) -> bytes:
    """A certificate for thirty years: the root's own, or a signer's under it."""
    root, start = key is root_key, datetime.now(UTC) - timedelta(days=1)
    builder = x509.CertificateBuilder().subject_name(_name(common)).issuer_name(_name("root"))
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(start).not_valid_after(start + timedelta(days=365 * 30))
    builder = builder.add_extension(key_usage(digital_signature=not root, key_cert_sign=root), critical=True)
    if root:
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
    else:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=True)
    return builder.sign(root_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _authority(config: Path) -> None:
    """notation's settings with a root and a signer of our own."""
    store = config / "truststore" / "x509" / "ca" / "t"
    store.mkdir(parents=True)
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root, leaf = _certificate("root", root_key, root_key), _certificate("signer", key, root_key)
    private = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (config / "t.key").write_bytes(key.private_bytes(*private))
    (config / "t.crt").write_bytes(leaf + root)
    (store / "root.pem").write_bytes(root)
    known = {"name": "t", "keyPath": str(config / "t.key"), "certPath": str(config / "t.crt")}
    (config / "signingkeys.json").write_text(json.dumps({"default": "t", "keys": [known]}))
    policy = {"name": "t", "registryScopes": ["*"], "signatureVerification": {"level": "strict"}}
    policy |= {"trustStores": ["ca:t"], "trustedIdentities": ["*"]}
    (config / "trustpolicy.json").write_text(json.dumps({"version": "1.0", "trustPolicies": [policy]}))


def _crane(shop: Workshop, image: str) -> None:
    shop.run("tar", "--create", "--file", "layer.tar", "hello.txt")
    shop.run("crane", "append", "--insecure", "--new_layer", "layer.tar", "--new_tag", image)


def _ko(shop: Workshop, image: str) -> None:
    folder = shop.folder / "hello"
    folder.mkdir(exist_ok=True)
    (folder / "go.mod").write_text("module example.test/hello\n\ngo 1.21\n")
    (folder / "main.go").write_text("package main\n\nfunc main() {}\n")
    base = f"{image.rpartition('/')[0]}/base:1"
    _crane(shop, base)
    name, _, tag = image.rpartition(":")
    shop.run("ko", "build", "--bare", "--insecure-registry", "--platform=linux/amd64", "-t", tag, ".", inside="hello",
             KO_DOCKER_REPO=name, KO_DEFAULTBASEIMAGE=base, GOFLAGS="-mod=mod -ldflags=-s")  # fmt: skip


def _buildah(shop: Workshop, image: str) -> None:
    text = "FROM scratch\nLABEL org.opencontainers.image.source=https://github.com/o/r\nCOPY hello.txt /\n"
    (shop.folder / "Dockerfile").write_text(text)
    common = ("buildah", "--root", "store", "--runroot", "run", "--storage-driver", "vfs")
    shop.run(*common, "build", "--isolation", "chroot", "--timestamp", "0", "--tag", "hello:1", ".")
    shop.run(*common, "push", "--tls-verify=false", "hello:1", f"docker://{image}")


def _umoci(shop: Workshop, image: str) -> None:
    shutil.rmtree(shop.folder / "umoci", ignore_errors=True)
    shop.run("umoci", "init", "--layout", "umoci")
    shop.run("umoci", "new", "--image", "umoci:1")
    shop.run("umoci", "config", "--image", "umoci:1", "--config.label", "a=b", "--created", "2026-01-01T00:00:00Z")
    shop.run("umoci", "insert", "--image", "umoci:1", "hello.txt", "/hello.txt")
    shop.run("skopeo", "--insecure-policy", "copy", "--dest-tls-verify=false", "oci:umoci:1", f"docker://{image}")


MAKERS = {"crane": _crane, "ko": _ko, "buildah": _buildah, "umoci": _umoci}
"""What makes an image and pushes it, by the name of its tool."""
