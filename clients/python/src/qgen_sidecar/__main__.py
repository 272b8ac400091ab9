"""`python -m qgen_sidecar …` is the sidecar's own command line."""

import os
import subprocess
import sys

from ._find import find_binary


def main() -> None:
    command = [find_binary(), *sys.argv[1:]]
    if os.name == "nt":  # there exec would detach from the console
        sys.exit(subprocess.run(command).returncode)
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
