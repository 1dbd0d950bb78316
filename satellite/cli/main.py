"""The command ``satellite``: reads the command line and runs one command.

Only the module of that command is imported. Every ``SatelliteError`` becomes one message and the
exit status that it carries; only a fault of the program shows a traceback.
"""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NoReturn

from satellite.cli.parser import parser
from satellite.core.errors import EXIT_STOPPED, SatelliteError, worst

Command = Callable[[Namespace], int]
"""``main`` of the module that has the command's name. Returns the exit status."""


def entry() -> NoReturn:
    """The entry point of the installed command and of ``python -m satellite``."""
    signal.signal(signal.SIGTERM, _exit_now)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # else it is ignored
        signal.signal(signal.SIGINT, _exit_now)
    # `systemctl kill -s USR1` sends it to each process of the service; only the daemon handles it.
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    # Nothing that is made while importing is garbage; looking for some costs a tenth of it all.
    gc.disable()
    status = main(sys.argv[1:])
    for number in (signal.SIGTERM, signal.SIGINT):  # it ends already
        signal.signal(number, signal.SIG_IGN)
    sys.exit(status)


def _exit_now(_number: int, _frame: object) -> NoReturn:
    """Ends at a stop that comes before the command has a handler of its own.

    An exception instead (Python's own for Ctrl-C) is raised at any place: it was lost in what was
    being imported, and crashed msgspec while that looked at a type. And an orderly end of the
    interpreter would meet PortAudio's thread in the middle of its start. So only the exit handlers
    run, which remove ALSA's folder of plugins.
    """
    atexit._run_exitfuncs()  # noqa: SLF001 - there is no public way to have them run now
    os._exit(EXIT_STOPPED)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    arguments = parser().parse_args(argv)
    try:
        command: Command = import_module(f"satellite.cli.{arguments.command}").main
        return command(arguments)
    except KeyboardInterrupt:
        return EXIT_STOPPED
    except BrokenPipeError:
        # Whoever read our output (``head``) has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_STOPPED
    except (SatelliteError, BaseExceptionGroup) as error:
        known = worst(error)
        if known is None:
            raise
        from satellite.core.logs import tell

        tell(f"satellite: {known}")
        return known.exit_status
