"""torchrun as `netspec train` has it: where a run ends early, its processes have said why, and a
traceback of torchrun's own isn't shown behind that.
"""

import logging
import signal
import sys


def main() -> int:
    """Run torchrun with the command's arguments; gives the exit status of the run."""
    from torch.distributed.elastic.multiprocessing.api import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.run import parse_args, run

    logging.disable(logging.ERROR)
    try:
        run(parse_args(sys.argv[1:]))
    except SignalException as error:
        return 128 + error.sigval
    except ChildFailedError as error:
        return _status({rank: each.exitcode for rank, each in error.failures.items()})
    return 0


def _status(statuses: dict[int, int]) -> int:
    """That of the run by those of its processes, with a word on what killed one.

    When one fails, the others get a SIGTERM.
    """
    for rank, status in statuses.items():
        if status < 0 and -status != signal.SIGTERM:
            name = signal.Signals(-status).name
            print(f"process {rank} was killed by {name}: --resume goes on", file=sys.stderr)
            return 128 - status
    return max(statuses.values())


if __name__ == "__main__":
    sys.exit(main())
