"""Files that are changed between the job that attests them and the one that publishes them, under the same name."""

from pathlib import Path

import pytest

from slsacheck.evidence.publications.alterations import alters_by_name
from slsacheck.model import Publication
from tests.evidence.publications.tracing import publications_of

HEAD = 'on: {push: {tags: ["v*"]}}\npermissions: {actions: read, contents: write, id-token: write, attestations: write}\njobs:\n'
UPLOAD = "      - uses: actions/upload-artifact@v4\n        with: {name: NAME, path: dist/*}\n"
FETCH = "      - uses: actions/download-artifact@v4\n        with: {name: NAME, path: dist}\n"
ATTEST = '      - uses: actions/attest-build-provenance@v3\n        with: {subject-path: "dist/*"}\n'
RELEASE = '      - uses: softprops/action-gh-release@v2\n        with: {files: "dist/*"}\n'
CHECKOUT = "      - uses: actions/checkout@v4\n"


def job(name: str, steps: str, *, needs: str = "", runner: str = "ubuntu-latest", more: str = "") -> str:
    needed = f"    needs: [{needs}]\n" if needs else ""
    return f"  {name}:\n    runs-on: {runner}\n{needed}{more}    steps:\n{steps}"


def run(script: str, *, step: str = "") -> str:
    first = f"      - id: {step}\n        run: |\n" if step else "      - run: |\n"
    return first + "".join(f"          {line}\n" for line in script.splitlines())


def traced(folder: Path, *jobs: str) -> tuple[Publication, ...]:
    path = folder / ".github/workflows/release.yml"
    path.parent.mkdir(parents=True)
    path.write_text(HEAD + "".join(jobs), encoding="utf-8")
    return publications_of(folder)


def covers(publications: tuple[Publication, ...]) -> list[tuple[str, list[str]]]:
    return [(one.type, sorted({claim.covers for claim in one.claims})) for one in publications]


BUILD = CHECKOUT + run("./build.sh --out dist/")


@pytest.mark.parametrize(
    "change",
    [
        run("signtool sign /fd SHA256 /f cert.pfx dist/app.exe"),
        run("for f in dist/*.exe; do osslsigncode sign -in $f -out $f.s; mv $f.s $f; done"),
        run("codesign --force --sign ID dist/app\nxcrun stapler staple dist/app.dmg"),
        run("Set-AuthenticodeSignature dist/app.exe -Certificate $cert"),
        run("strip dist/app"),
        "      - uses: azure/trusted-signing-action@v0.5\n        with: {files-folder: dist}\n",
        "      - uses: example/code-sign-action@v2\n        with: {folder: dist}\n",
    ],
)
def test_signing_in_place_behind_the_attestation_breaks_it(tmp_path: Path, change: str) -> None:
    found = traced(
        tmp_path,
        job("build", BUILD + ATTEST + UPLOAD.replace("NAME", "raw")),
        job("sign", FETCH.replace("NAME", "raw") + change + UPLOAD.replace("NAME", "ready"), needs="build"),
        job("publish", FETCH.replace("NAME", "ready") + RELEASE, needs="sign"),
    )
    ((_, how),) = covers(found)
    assert how == ["partial"]
    assert found[0].claims[0].reason.startswith("files are changed after they were attested: ")
    assert ".github/workflows/release.yml:" in found[0].claims[0].reason


@pytest.mark.parametrize(
    "harmless",
    [
        run("cosign sign-blob --yes dist/app.tar.gz"),
        run("gpg --detach-sign dist/app.tar.gz"),
        run("tar xzf vendor.tar.gz\nunzip tools.zip\n7z x tools.7z"),
        run("codesign --verify dist/app\nsigntool verify /pa dist/app.exe"),
        run("tar czf logs.tgz /var/log/build"),
        "      - uses: sigstore/cosign-installer@v3\n",
        "      - uses: apple-actions/import-codesign-certs@v3\n",
    ],
)
def test_signatures_beside_the_files_break_nothing(tmp_path: Path, harmless: str) -> None:
    found = traced(
        tmp_path,
        job("build", BUILD + ATTEST.replace("dist/*", "dist/*.tar.gz") + UPLOAD.replace("NAME", "raw")),
        job(
            "publish",
            FETCH.replace("NAME", "raw") + harmless + RELEASE.replace("dist/*", "dist/*.tar.gz"),
            needs="build",
        ),
    )
    assert covers(found) == [("archive", ["yes"])]


def test_what_is_signed_before_it_is_attested_is_covered(tmp_path: Path) -> None:
    found = traced(
        tmp_path,
        job("build", BUILD + UPLOAD.replace("NAME", "raw")),
        job(
            "sign",
            FETCH.replace("NAME", "raw") + run("signtool sign /f c.pfx dist/app.exe") + ATTEST + RELEASE,
            needs="build",
        ),
    )
    assert [how for _, how in covers(found)] == [["yes"]]


def test_an_archive_that_is_packed_from_attested_programs_is_not_attested(tmp_path: Path) -> None:
    found = traced(
        tmp_path,
        job("build", BUILD + ATTEST + UPLOAD.replace("NAME", "raw")),
        job(
            "publish",
            FETCH.replace("NAME", "raw")
            + run("tar -czf dist/app-linux.tar.gz -C dist app")
            + RELEASE.replace("dist/*", "dist/*.tar.gz"),
            needs="build",
        ),
    )
    assert covers(found) == [("archive", ["partial"])]


def hashed(folder: Path, script: str, *, before: str = "", behind: str = "") -> tuple[Publication, ...]:
    release = RELEASE.replace("dist/*", "*.tar.gz")
    outputs = "    outputs: {hashes: '${{ steps.hash.outputs.hashes }}'}\n"
    return traced(
        folder,
        job("build", CHECKOUT + run("./build.sh") + before + run(script, step="hash") + behind + release, more=outputs),
        "  provenance:\n    needs: [build]\n"
        "    uses: slsa-framework/slsa-github-generator/.github/workflows/generator_generic_slsa3.yml@v2.1.0\n"
        "    with: {base64-subjects: '${{ needs.build.outputs.hashes }}', upload-assets: true}\n",
    )


SUMS = 'echo "hashes=$(sha256sum *.tar.gz | base64 -w0)" >> "$GITHUB_OUTPUT"'


def test_hashes_that_can_be_read_cover(tmp_path: Path) -> None:
    assert covers(hashed(tmp_path, SUMS)) == [("archive", ["yes"])]


def test_files_that_change_behind_the_hashes_are_not_covered(tmp_path: Path) -> None:
    assert covers(hashed(tmp_path, SUMS, behind=run("tar -czf app.tar.gz app extra"))) == [("archive", ["partial"])]
    assert covers(hashed(tmp_path / "b", SUMS, before=run("tar -czf app.tar.gz app"))) == [("archive", ["yes"])]


def test_hashes_from_a_script_that_says_nothing_are_unknown(tmp_path: Path) -> None:
    assert covers(hashed(tmp_path, "python tools/subjects.py --github-output")) == [("archive", ["unknown"])]


def test_a_checksum_file_covers_what_it_was_written_from(tmp_path: Path) -> None:
    script = 'echo "hashes=$(base64 -w0 checksums.txt)" >> "$GITHUB_OUTPUT"'
    (_, how), *_ = covers(hashed(tmp_path, script, before=run("sha256sum *.deb > checksums.txt")))
    assert how != ["yes"]
    assert covers(hashed(tmp_path / "b", script, before=run("sha256sum *.tar.gz > checksums.txt"))) == [
        ("archive", ["yes"])
    ]


def test_actions_that_sign_in_place_are_known_by_their_words() -> None:
    assert alters_by_name("signpath/github-action-submit-signing-request")
    assert alters_by_name("someone/sign-windows-binaries")
    assert not alters_by_name("sigstore/gh-action-sigstore-python")
    assert not alters_by_name("someone/cosign-sign-artifacts")
    assert not alters_by_name("actions/checkout")
