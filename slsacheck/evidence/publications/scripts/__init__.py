"""What scripts and the configuration of release tools publish, build, sign and attest.

`acts_of_script` reads the text of a step; `acts_of_command` one command line that an action puts together. Scripts,
Makefile targets, npm scripts and the like in the same repository are followed. Nothing is executed.
"""

from slsacheck.evidence.publications.scripts._run import acts_of_command, acts_of_script

__all__ = ["acts_of_command", "acts_of_script"]
