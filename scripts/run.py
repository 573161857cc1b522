"""``make run``: everything on this machine, with the books of a demo company already connected to a pretend bank."""

from __future__ import annotations

import math
import sys

from scripts import ports, programs, summary
from scripts.failure import FAILURES, sentence
from scripts.installation import Installation, folder, only_one_in, read_dotenv, running
from scripts.interruption import stop_on_signals
from scripts.stack import ProgramDied
from scripts.waiting import until


def main() -> int:
    """Serves until Ctrl-C; gives the exit code."""
    stop_on_signals()
    read_dotenv()
    try:
        chosen = ports.from_environment()
        var = folder()
        with only_one_in(var):
            ports.refuse_busy(chosen)
            print("Starting banksync (the first time takes about a minute)…", flush=True)
            environment = {**programs.addresses(var, chosen), **programs.inherited()}
            with running(environment, chosen) as installation:
                _first_time(installation)
                _tell(installation)
                _watch(installation)
    except KeyboardInterrupt:
        print(f"\nStopped. The data stays in {folder()} for the next time.", flush=True)
        return 0
    except FAILURES as error:
        print(sentence(error), file=sys.stderr)
        return 1
    return 0


def _first_time(installation: Installation) -> None:
    if not installation.summary()["journals"]:
        installation.do_main_job()


def _tell(installation: Installation) -> None:
    found = installation.summary()
    print("\n".join(summary.lines(found, new=0)))
    print(f"\nOpen {installation.environment['BASE_URL']} and sign in:")
    for person in installation.people:
        print(f"  {person['email']:<26} {person['password']}   ({person['role']})")
    print(f"Ctrl-C stops it. Logs are in {installation.stack.log_folder}.", flush=True)


def _watch(installation: Installation) -> None:
    """Waits until one program ends that should run. Raises ``ProgramDied``; Ctrl-C ends it from outside."""
    [name, *_others] = until(installation.stack.dead, math.inf, what="a program to end", every=0.5)
    raise ProgramDied(f"{name} has ended, so everything is stopped:\n{installation.stack.last_lines(name)}")


if __name__ == "__main__":
    sys.exit(main())
