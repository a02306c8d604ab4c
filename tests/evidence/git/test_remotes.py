"""Remote URLs: no credentials, and the repository's name where there is one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slsacheck.evidence.git.remotes import origin_host, origin_name, source_uri, strip_credentials


@pytest.mark.parametrize(
    ("url", "host", "name"),
    [
        ("https://github.com/o/r", "github.com", "o/r"),
        ("https://github.com/o/r.git/", "github.com", "o/r"),
        ("https://user:token@GitHub.com:443/o/r.git", "github.com", "o/r"),
        ("git@github.com:o/r.git", "github.com", "o/r"),
        ("ssh://git@github.com:22/o/r.git", "github.com", "o/r"),
        ("git+ssh://git@gitlab.com/group/sub/r.git", "gitlab.com", "group/sub/r"),
        ("https://git.example.org/o/r.js", "git.example.org", "o/r.js"),
        ("https://github.com/o/r/extra", "github.com", None),
        ("https://github.com/o", "github.com", None),
        ("https://github.com/../r", "github.com", None),
        ("/srv/git/o/r.git", None, None),
        ("file:///srv/git/o/r.git", None, None),
        ("../o/r", None, None),
        ("ext::sh -c 'touch /tmp/x' o/r", None, None),
        ("", None, None),
    ],
)
def test_names(url: str, host: str | None, name: str | None) -> None:
    assert origin_host(url) == host
    assert origin_name(url) == name
    assert source_uri(url) == (f"{host}/{name}" if name else None)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:secret@github.com/o/r", "https://github.com/o/r"),
        ("https://secret@github.com/o/r?token=secret#secret", "https://github.com/o/r"),
        ("https://a@secret@github.com/o/r", "https://github.com/o/r"),
        ("ssh://git:secret@github.com/o/r", "ssh://git@github.com/o/r"),
        ("git@github.com:o/r", "git@github.com:o/r"),
        ("ext::secret", "ext::"),
        ("https://github.com/o/r\x1b[31m\n", "https://github.com/o/r[31m"),
    ],
)
def test_credentials_do_not_stay(url: str, shown: str) -> None:
    assert strip_credentials(url) == shown


@given(st.text(max_size=80))
def test_never_fails_and_stays_printable(url: str) -> None:
    assert strip_credentials(url).isprintable()
    assert strip_credentials(strip_credentials(url)) == strip_credentials(url)
    assert origin_name(url) is None or "/" in (origin_name(url) or "")


@given(st.sampled_from(["https", "http", "HTTPS", "git+https"]), st.text(st.characters(codec="ascii"), max_size=20))
def test_no_password_survives_in_web_urls(scheme: str, password: str) -> None:
    cleaned = "".join(c for c in password if c.isalnum()) + "PASSWORD"
    assert "PASSWORD" not in strip_credentials(f"{scheme}://user:{cleaned}@host/o/r")
