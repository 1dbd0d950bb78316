"""Makes child processes end with their parent, however it ends: also by SIGKILL.

A child written in Python calls ``end_with_parent`` first of all. The kernel's parent-death signal
(prctl(2)) is sent when the *thread* that started the child ends: start children from the event loop
of the main thread. Any other program that is given pipes for input and output ends as they break.
(``setpriv --pdeathsig`` would do for one that has none. It calls capset(2), which the unit of the
service forbids, so only the demo uses it.)
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import threading

_PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """From now on this process is killed when its parent ends.

    The end of standard input, whose other end the parent must hold, kills it too: the kernel sends
    nothing for a parent that ended before it was asked.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_end_with_input, name="parent", daemon=True).start()


def follow_parent() -> None:
    """``end_with_parent``, and SIGTERM and SIGINT are ignored.

    A stop of the service is sent to each of its processes. A worker that ended by it would be
    started again by its parent, which ends it in its own time.
    """
    end_with_parent()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)


def _end_with_input() -> None:
    """Ends at once, in the middle of any work: nobody is left to take its result."""
    hung_up = select.poll()
    hung_up.register(0, 0)  # no event but the end of the other side
    hung_up.poll()
    os._exit(0)
