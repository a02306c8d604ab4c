"""Which SLSA level do this repository and these artifacts really reach, what proves it, and what to do next."""

import os.path

__all__ = ["__version__"]

__version__ = "0.1.0"

# The rooms checks, rules and reports stand beside this package in a checkout and inside it once installed.
_here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - pathlib costs start-up time
if not os.path.isdir(os.path.join(_here, "checks")):  # noqa: PTH112, PTH118 - the same
    __path__.append(os.path.dirname(_here))  # noqa: PTH120 - the same
