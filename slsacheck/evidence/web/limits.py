"""Bounds on what asking somebody costs."""

from __future__ import annotations

__all__ = [
    "CONNECT_SECONDS",
    "FIRST_PAUSE_SECONDS",
    "MAX_EARNED",
    "MAX_PAUSE_SECONDS",
    "MAX_PROMPT",
    "MAX_REDIRECTS",
    "MAX_REFUSAL",
    "PATIENCE",
    "PROMPT",
    "READ_SECONDS",
    "REQUEST_SECONDS",
    "SLOWEST",
    "TRIES",
]

TRIES = 3
"""Of one request: a busy service recovers within two pauses or not soon."""
CONNECT_SECONDS = 5.0
"""To connect, TLS included: three times what a far continent needs."""
READ_SECONDS = 10.0
"""Between two packets of an answer."""
FIRST_PAUSE_SECONDS = 0.3
"""Before the second try; doubled before the third."""
MAX_PAUSE_SECONDS = 10.0
"""What a 429 or 503 may make us wait; one who says more is not waited for."""
MAX_REFUSAL = 64 << 10
"""Bytes of an answer that is not what was asked for: an error's page, a redirect's link; both have some hundred."""
MAX_REDIRECTS = 4
"""Redirects of one request; a registry needs one to its storage, and another to spell a name its way."""

REQUEST_SECONDS = 20.0
"""One try at a service, from the first to the last byte: what trickles would pass every bound between packets."""

PATIENCE = 11.0
"""Seconds of waiting for one image, beyond PROMPT for each request and the time that its bytes take at SLOWEST."""
PROMPT = 0.2
"""Seconds that an answer may take without being waited for: an index of ten platforms needs sixty answers."""
MAX_PROMPT = 30.0
"""Seconds for one image, however promptly it answers."""
SLOWEST = 500_000
"""Bytes a second of the slowest line that is waited for."""
MAX_EARNED = 30.0
"""Seconds that bytes can earn at the most."""
