"""Bounds on what a look-up costs. Services are strangers: slow, large and endless answers end in an error."""

from __future__ import annotations

__all__ = [
    "ATTEMPTS",
    "CONNECT_SECONDS",
    "FIRST_PAUSE_SECONDS",
    "MAX_ANSWER_BYTES",
    "MAX_ENTRIES",
    "MAX_REDIRECTS",
    "MAX_RETRY_AFTER_SECONDS",
    "READ_SECONDS",
    "REQUEST_SECONDS",
]

ATTEMPTS = 3
"""Tries of one request: a busy service recovers within two pauses or not soon."""

CONNECT_SECONDS = 5.0
"""To connect, TLS included: three times what a far continent needs."""

READ_SECONDS = 10.0
"""Between two packets of an answer."""

REQUEST_SECONDS = 20.0
"""One try from the first to the last byte; an answer that trickles would pass every bound between packets."""

FIRST_PAUSE_SECONDS = 0.5
"""Before the second try; doubled before each further one."""

MAX_RETRY_AFTER_SECONDS = 10.0
"""What a 429 or 503 may make us wait; one who says more is not waited for."""

MAX_ANSWER_BYTES = 24 * 1024 * 1024
"""An answer: the size to which attestations are read from files too."""

MAX_REDIRECTS = 3
"""Redirects that stay on the host; a registry needs one to spell a name its way."""

MAX_ENTRIES = 16
"""Entries of a log that are fetched for one attestation: a genuine one has one or two, a flooded index any number."""
