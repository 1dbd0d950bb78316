"""Child processes end with us, however we end: also by SIGKILL, or for want of memory.

A child written in Python calls ``end_with_parent`` first of all. The kernel's parent-death signal
(prctl(2)) counts from the *thread* that started the child: start children from the event loop of
the main thread. Any other program that is given pipes for input and output ends by itself as they
break. (``setpriv --pdeathsig`` would be the way for one that has none. It calls capset(2), which
the unit of the service forbids, so only the demo uses it.)
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import threading

_PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """From now on this process is killed when its parent is no more.

    Standard input is watched besides, which the parent must hold the other end of: the kernel
    sends nothing for a parent that died before it was asked.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_end_with_input, name="parent", daemon=True).start()


def belong_to_who_asks() -> None:
    """The child's side, first of all: a stop of the service reaches each of its processes. This
    one ends with who asks or when its standard input does, not before: it would be started again.
    """
    end_with_parent()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)


def _end_with_input() -> None:
    """Ends at once, in the middle of any work: whoever could want its result is gone."""
    hung_up = select.poll()
    hung_up.register(0, 0)  # no event but the end of the other side
    hung_up.poll()
    os._exit(0)
