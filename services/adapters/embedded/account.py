"""The user that the embedded PostgreSQL runs as: PostgreSQL refuses to run as root."""

import os
import pwd
import shutil
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

from services.adapters.embedded.errors import ClusterNotOursError

_OWN_ACCOUNT = "tell-once"
_LAST_RESORT = "nobody"
_SEARCH = 1

# The kernel's form of a POSIX access control list (linux/posix_acl_xattr.h), version 2.
_ACL_NAME = "system.posix_acl_access"
_ACL_HEADER = struct.Struct("<I")
_ACL_ENTRY = struct.Struct("<HHI")
_ACL_VERSION = 2
_USER_OBJ, _USER, _GROUP_OBJ, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
_NO_ID = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this machine by number."""

    uid: int
    gid: int

    @property
    def is_us(self) -> bool:
        """Say whether we are that user already."""
        return self.uid == os.geteuid()


def account_for(cluster: Path) -> Account:
    """Choose who runs the server on `cluster`: its owner, ourselves, or for root an account.

    As root and with no cluster yet, the account `tell-once` is used, and made if missing; where
    it cannot be made, `nobody`. Raises ClusterNotOursError when an ordinary user is given
    somebody else's cluster.
    """
    owner = cluster.stat().st_uid if cluster.exists() else None
    if os.geteuid() != 0:
        if owner not in {None, os.geteuid()}:
            raise ClusterNotOursError(
                f"{cluster} belongs to user number {owner}; run as that user, or choose another "
                "data folder with --data",
            )
        return Account(os.geteuid(), os.getegid())
    if owner:
        return Account(owner, cluster.stat().st_gid)
    return _account_for_root()


def _account_for_root() -> Account:
    entry = _find(_OWN_ACCOUNT) or _make(_OWN_ACCOUNT) or _find(_LAST_RESORT)
    if entry is None:
        raise ClusterNotOursError(
            f"PostgreSQL does not run as root, and no user {_OWN_ACCOUNT!r} could be made; make "
            "one, or run as an ordinary user",
        )
    return Account(entry.pw_uid, entry.pw_gid)


def _find(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _make(name: str) -> pwd.struct_passwd | None:
    useradd = shutil.which("useradd", path=os.defpath + ":/usr/sbin:/sbin")
    if useradd is None:
        return None
    command = [useradd, "--system", "--user-group", "--no-create-home"]
    command += ["--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", name]
    subprocess.run(command, check=False, capture_output=True)  # noqa: S603 - fixed arguments
    return _find(name)


def let_through(path: Path, account: Account) -> None:
    """Let `account` search every folder from the root down to `path`, and nothing more.

    An access control list names this one user where the file system has them; otherwise the
    folder becomes searchable (not listable) for everybody. Folders that already let everybody
    through are left alone.
    """
    if account.is_us:
        return
    folder = path.resolve()
    for step in (*reversed(folder.parents), folder):
        if not step.stat().st_mode & _SEARCH and step.stat().st_uid != account.uid:
            _let_into(step, account)


def _let_into(folder: Path, account: Account) -> None:
    try:
        os.setxattr(folder, _ACL_NAME, _with_search(_access_list(folder), account))
    except (OSError, AttributeError):  # no such lists on this file system, or on this kernel
        folder.chmod(folder.stat().st_mode | _SEARCH)


def _access_list(folder: Path) -> list[tuple[int, int, int]]:
    """Return the entries (tag, permissions, id); those that the mode stands for if no list."""
    try:
        raw = os.getxattr(folder, _ACL_NAME)[_ACL_HEADER.size :]
    except OSError:
        mode = folder.stat().st_mode
        return [
            (_USER_OBJ, mode >> 6 & 7, _NO_ID),
            (_GROUP_OBJ, mode >> 3 & 7, _NO_ID),
            (_MASK, mode >> 3 & 7, _NO_ID),
            (_OTHER, mode & 7, _NO_ID),
        ]
    return list(_ACL_ENTRY.iter_unpack(raw))


def _with_search(entries: list[tuple[int, int, int]], account: Account) -> bytes:
    named = {(tag, who): permissions for tag, permissions, who in entries}
    user = (_USER, account.uid)
    named[user] = named.get(user, 0) | _SEARCH
    named[_MASK, _NO_ID] = named.get((_MASK, _NO_ID), 0) | _SEARCH
    packed = (_ACL_ENTRY.pack(tag, named[tag, who], who) for tag, who in sorted(named))
    return _ACL_HEADER.pack(_ACL_VERSION) + b"".join(packed)
