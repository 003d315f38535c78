"""Becomes an engine: a tiny program that settles whose process it is and then turns into the server.

Run by path as `python -I -S launcher.py PARENT SIGNAL USER GROUP -- COMMAND…`; it imports nothing of the
project.

- It asks Linux to send SIGNAL when the process that started the engine dies, so that even `kill -9` of the
  demo leaves nothing behind. (Elsewhere the next start cleans up.)
- PostgreSQL refuses to run as root. With USER and GROUP (numbers, not `-`) the process gives root up for
  good. It keeps one right, to pass through directories, as the project may live below a directory like
  /root that is closed to others; the alternative would be to open those directories up.

This is a program of its own rather than a `preexec_fn` because the engines are started from threads, where
Python code between fork and exec may deadlock.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAPABILITY_VERSION_3 = 0x20080522
CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2


class _Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _Words(ctypes.Structure):
    _fields_ = [
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    ]


def become(user: int, group: int) -> None:
    """Give up root for `user` and `group`, keeping on Linux the right to pass through directories."""
    linux = sys.platform == "linux"
    libc = ctypes.CDLL(None, use_errno=True)
    if linux:
        libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)
    if not linux:
        return
    header = _Header(CAPABILITY_VERSION_3, 0)
    words = (_Words * 2)()
    if libc.capget(ctypes.byref(header), words) != 0:
        return
    held = words[0].permitted
    # Reading everything is the smaller right; Docker's default set has only the other one.
    keep = next((cap for cap in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE) if held & (1 << cap)), None)
    mask = 0 if keep is None else 1 << keep
    words[0] = _Words(mask, mask, mask)
    words[1] = _Words(0, 0, 0)
    if libc.capset(ctypes.byref(header), words) == 0 and keep is not None:
        libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, keep, 0, 0)


def main(arguments: list[str]) -> None:
    """Do what the module says and become the command; returns never."""
    split = arguments.index("--")
    parent, death_signal, user, group = arguments[:split]
    command = arguments[split + 1 :]
    if user != "-":
        become(int(user), int(group))
    if sys.platform == "linux":
        # After the change of user, which would clear it.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != int(parent):  # the parent died before the request above was made
            os.kill(os.getpid(), signal.SIGKILL)
    os.execv(command[0], command)  # noqa: S606 - no shell is the point


if __name__ == "__main__":
    main(sys.argv[1:])
