"""crane, oras, cosign and skopeo copy an image between registries: what each keeps, and that our commands repair it.

`KEEPS` is the table in docs/containers.md. The tools take minutes to build, so this runs in `.ci/live`.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from slsacheck.evidence.comparison.copying import remedies
from slsacheck.evidence.comparison.promotion import Promotion
from tests.conftest import need
from tests.evidence.comparison.test_promotions import copied, two_platforms
from tests.evidence.oci.makers import Workshop
from tests.evidence.oci.shop import Store

TOOLS = ("cosign", "crane", "docker-registry", "go", "oras", "skopeo")
SKOPEO = "skopeo --insecure-policy copy --src-tls-verify=false --dest-tls-verify=false"
COMMANDS = {
    "crane copy": "crane copy --insecure {0}:v1 {1}:v1",
    "crane copy --platform": "crane copy --insecure --platform linux/amd64 {0}:v1 {1}:v1",
    "crane copy --all-tags": "crane copy --insecure --all-tags {0} {1}",
    "oras cp": "oras cp --from-plain-http --to-plain-http {0}:v1 {1}:v1",
    "oras cp -r": "oras cp -r --from-plain-http --to-plain-http {0}:v1 {1}:v1",
    "cosign copy": "cosign copy --allow-http-registry {0}:v1 {1}:v1",
    "skopeo copy": f"{SKOPEO} docker://{{0}}:v1 docker://{{1}}:v1",
    "skopeo copy --all --preserve-digests": f"{SKOPEO} --all --preserve-digests docker://{{0}}:v1 docker://{{1}}:v1",
}
KEEPS: dict[str, tuple[str, str, str, str]] = {
    "crane copy": ("yes", "yes", "no", "no"),
    "crane copy --platform": ("no", "no", "no", "no"),
    "crane copy --all-tags": ("yes", "yes", "from older registries", "yes"),
    "oras cp": ("yes", "yes", "no", "no"),
    "oras cp -r": ("yes", "yes", "yes", "no"),
    "cosign copy": ("yes", "yes", "no", "yes"),
    "skopeo copy": ("no", "no", "no", "no"),
    "skopeo copy --all --preserve-digests": ("yes", "yes", "no", "no"),
}
"""What is kept: the digest of the image, BuildKit's attestations in the index, referrers, tags of cosign."""
VERSIONS = {"crane": "0.22.1", "oras": "1.2.3", "cosign": "3.1.3", "skopeo": "1.9.3"}


def test_the_documentation_has_this_table() -> None:
    text = (Path(__file__).parents[3] / "docs" / "containers.md").read_text(encoding="utf-8")
    for name, row in KEEPS.items():
        assert f"| `{name}` | {' | '.join(row)} |" in text
    for tool, version in VERSIONS.items():
        assert f"{tool} {version}" in text


class Ends:
    """A registry with a signed image for two platforms, and one to which it is copied."""

    def __init__(self, shop: Workshop, *, from_list: bool, to_list: bool) -> None:
        self.shop, self.from_list = shop, from_list
        self.source = f"{shop.registry(referrers=from_list)}/src/app"
        self.target = shop.registry(referrers=to_list)
        store = Store()
        index, _ = two_platforms(store)
        folder = store.write(shop.folder / "image", index)
        digest = index["digest"]
        shop.run("oras", "cp", "--from-oci-layout", "--to-plain-http", f"{folder}@{digest}", f"{self.source}:v1")
        shop.sign_with_cosign(f"{self.source}@{digest}", legacy=False)
        shop.sign_with_cosign(f"{self.source}@{digest}", legacy=True)
        shop.attach(f"{self.source}@{digest}")

    def copied(self, destination: str) -> Promotion:
        return copied(f"{self.source}:v1", f"{destination}:v1", self.shop.folder / "cosign.pub")


@pytest.fixture(scope="module", params=[(True, True), (True, False), (False, True), (False, False)], ids=str)
def ends(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ends]:
    for tool in TOOLS:
        need(tool)
    shop = Workshop(tmp_path_factory.mktemp("shop"))
    yield Ends(shop, from_list=request.param[0], to_list=request.param[1])
    shop.close()


def said(*, kept: bool) -> str:
    return "yes" if kept else "no"


@pytest.mark.live
@pytest.mark.parametrize("name", COMMANDS)
def test_what_each_tool_keeps(ends: Ends, name: str) -> None:
    destination = f"{ends.target}/{name.replace(' ', '').replace('-', '')}/app"
    ends.shop.run(*shlex.split(COMMANDS[name].format(ends.source, destination)))
    found = ends.copied(destination)
    assert len(found.fates) == 7
    whole = found.change == "none"
    assert found.change in ("none", "platform-picked")
    ways = {"index-manifest": True, "referrers": True, "cosign-tag": True}
    for fate in found.fates:
        way = fate.source.attachment.found_by.replace("fallback-tag", "referrers")
        ways[way] = ways[way] and fate.state == "kept"
    expected = list(KEEPS[name])
    if expected[2] == "from older registries":
        expected[2] = said(kept=not ends.from_list)
    assert [said(kept=whole), *(said(kept=kept) for kept in ways.values())] == expected


@pytest.mark.live
@pytest.mark.parametrize("chosen", ["first", "crane", "skopeo"])
def test_our_commands_keep_what_was_lost(ends: Ends, chosen: str) -> None:
    """Pasted into a shell after a copy of one platform alone: nothing is lost any more."""
    destination = f"{ends.target}/{chosen}/app"
    ends.shop.run(*shlex.split(COMMANDS["crane copy --platform"].format(ends.source, destination)))
    for _ in range(2):  # the second time what is on the digests that came with the first
        found = ends.copied(destination)
        help_ = remedies(found, f"{ends.source}:v1", f"{destination}:v1", plain_http=True)
        for remedy in help_:
            tools = [tool for tool, _ in remedy.commands]
            tool = chosen if chosen in tools and remedy.cause == "cosign-tag" else tools[0]
            for command in [command for name, command in remedy.commands if name == tool]:
                ends.shop.run(*shlex.split(command.replace("skopeo copy", "skopeo --insecure-policy copy")))
    found = ends.copied(destination)
    assert found.kept_all
    assert found.unseen == ()
    assert {fate.source.attachment.verified for fate in found.fates} == {"pass", "not-signed"}
    assert [fate.state for fate in found.fates] == ["kept"] * 7
