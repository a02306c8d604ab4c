"""The command `slsacheck`; `python -P -m slsacheck` is the same without the console script."""

import gc
import sys

__all__ = ["main"]


def main(argv: list[str] | None = None) -> int:
    """Runs the command line and returns its exit status.

    `--version` answers here: before argparse and the model are imported, so that it costs hardly more than Python.
    """
    arguments = sys.argv[1:] if argv is None else list(argv)
    if arguments[:1] == ["--version"]:
        from slsacheck import __version__

        print(f"slsacheck {__version__}")  # noqa: T201 - standard output may be closed, which print takes
        return 0
    from slsacheck.cli import run

    if argv is not None:
        return run(arguments)
    # A process of our own lives shortly and makes few cycles: looking for them was a tenth of a scan.
    gc.set_threshold(200_000)
    try:
        return run(arguments)
    finally:
        gc.freeze()  # the interpreter looks once more as it ends; all memory goes back to the system then anyway


if __name__ == "__main__":
    sys.exit(main())
