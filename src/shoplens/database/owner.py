"""One process owns a data folder: it holds a lock, and says beside it who it is."""

import errno
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from shoplens.errors import BusyError, StorageError

LOCK = "owner.lock"
CARD = "owner.json"
PATIENCE_S = 0.5
"""Long enough to outlast every ``owner_of`` that looks at the same moment."""
_ANOTHER = "name another with --data"


@dataclass(frozen=True, slots=True)
class Owner:
    """The process that owns a folder; ``address`` is empty unless it serves HTTP."""

    pid: int
    address: str


class Ownership:
    """The lock itself; freed by ``close``, and by the system when the process dies."""

    def __init__(self, folder: Path, *, address: str = "") -> None:
        """Take the lock of ``folder``, which is made if it does not exist.

        Raises:
            BusyError: another process has it; the message says which, and what can be done.
            StorageError: the folder cannot be written.
        """
        self._card = folder / CARD
        # Whoever closes the engine may do so in another thread than the one that opened it.
        self._lock = FileLock(folder / LOCK, timeout=PATIENCE_S, thread_local=False)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(poll_interval=0.02)
            self._card.write_text(json.dumps(asdict(Owner(os.getpid(), address))), "utf-8")
        except Timeout:
            raise BusyError(_busy(folder)) from None
        except OSError as error:
            self._lock.release()
            full = error.errno in {errno.ENOSPC, errno.EDQUOT}
            advice = "free some space, then do the same again" if full else _ANOTHER
            raise StorageError(
                f"the data folder {folder} cannot be written ({error.strerror}); {advice}"
            ) from error

    def close(self) -> None:
        """Let go of the folder."""
        if self._lock.is_locked:
            self._card.unlink(missing_ok=True)
            self._lock.release()


def owner_of(folder: Path) -> Owner | None:
    """Tell which running process owns ``folder``; None if it is free."""
    if not (folder / LOCK).exists():
        return None
    probe = FileLock(folder / LOCK, timeout=0)
    try:
        with probe:
            return None
    except Timeout:
        return _read_card(folder)
    except OSError:
        return None


def _read_card(folder: Path) -> Owner:
    try:
        card = json.loads((folder / CARD).read_text("utf-8"))
        return Owner(int(card["pid"]), str(card["address"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Owner(0, "")


def _busy(folder: Path) -> str:
    owner = _read_card(folder)
    who = f"process {owner.pid}" if owner.pid else "another process"
    if owner.address:
        return f"{folder} is served by {who} at {owner.address}; stop it, or ask it over HTTP"
    return f"{folder} is in use by {who}; wait for it to end, or name another folder with --data"
