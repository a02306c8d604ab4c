from __future__ import annotations

import pytest

from slsacheck.evidence.attestations.moments import from_seconds, parse_moment, same_moment


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", True),
        ("2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00.500Z", True),
        ("2026-01-01T00:00:00.000000001Z", "2026-01-01T00:00:00.000000002Z", False),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", False),
        ("2026-13-01T00:00:00Z", "2026-13-01T00:00:00Z", False),
        ("x", "x", False),
    ],
)
def test_instants_are_compared_to_the_last_digit(left: str, right: str, same: bool) -> None:
    assert same_moment(left, right) is same


def test_what_is_no_time_is_none() -> None:
    assert parse_moment(None) is None
    assert parse_moment("2026-01-01") is None
    assert from_seconds(1e30) is None
    assert from_seconds(0) is not None
