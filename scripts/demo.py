"""``make demo``: the main job once on free ports, without serving; ends with the summary, or the reason why not."""

from __future__ import annotations

import sys

from scripts import ports, programs, summary
from scripts.failure import FAILURES, sentence
from scripts.installation import folder, only_one_in, read_dotenv, running
from scripts.interruption import stop_on_signals


def main() -> int:
    """Gives the exit code: 0 when every line is in and every balance agrees with the bank."""
    stop_on_signals()
    read_dotenv()
    try:
        var, free = folder(), ports.free()
        environment = {**programs.inherited(), **programs.addresses(var, free)}
        print("Starting everything on free ports (the first time takes about a minute)…", flush=True)
        with only_one_in(var), running(environment, free) as installation:
            before = installation.summary()["lines"]
            installation.do_main_job()
            after = installation.summary()
    except KeyboardInterrupt:
        print("Stopped before the end.", file=sys.stderr)
        return 130
    except FAILURES as error:
        print(sentence(error), file=sys.stderr)
        return 1
    print("\n".join(summary.lines(after, new=after["lines"] - before)))
    wrong = summary.problems(after)
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
