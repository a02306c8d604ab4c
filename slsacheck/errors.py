"""The errors that slsacheck raises; each can say what to do about it."""

__all__ = [
    "Absent",
    "CatalogError",
    "ConfigError",
    "InputError",
    "PlanError",
    "SlsacheckError",
    "Unavailable",
    "UsageError",
]


class SlsacheckError(Exception):
    """Base of every error that is raised on purpose; `advice` says what the reader can do."""

    def __init__(self, message: str, *, advice: str = "", where: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.where = where

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.message}" + (f" ({self.advice})" if self.advice else "")


class UsageError(SlsacheckError):
    """The command line asks for something that does not exist or does not fit together (exit status 4)."""


class ConfigError(SlsacheckError):
    """The configuration file is broken (exit status 4)."""


class PlanError(SlsacheckError):
    """The checks and evidence sources at hand do not fit together; a fault of slsacheck or of a plug-in."""


class CatalogError(SlsacheckError):
    """The catalogue of requirements or trust roots is broken; a fault of slsacheck or of a plug-in."""


class InputError(SlsacheckError):
    """One piece of input is broken, hostile or over a limit; the rest of the assessment goes on."""


class Absent(SlsacheckError):  # noqa: N818 - the word of the design: looked everywhere, it is not there
    """Every place where the evidence may be was looked at, and it is not there."""


class Unavailable(SlsacheckError):  # noqa: N818 - the word of the design: could not look
    """The evidence could not be looked at; nothing follows from that but UNKNOWN."""
