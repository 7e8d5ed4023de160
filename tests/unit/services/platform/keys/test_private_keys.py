"""Nobody but the owner may use the keys: what is looser is mended at the start, or refused."""

from pathlib import Path

import pytest

from services.platform.errors import KeyUnusableError
from services.platform.keys.place import KeysPlace


def modes(folder: Path) -> set[tuple[str, int]]:
    """Of a folder and all that is in it."""
    found = [folder, *folder.rglob("*")]
    return {("folder" if p.is_dir() else "file", p.stat().st_mode & 0o777) for p in found}


def test_keys_are_made_private(tmp_path: Path):
    """Folders 0700, files 0600, whatever umask says."""
    KeysPlace(tmp_path / "keys").open()

    assert modes(tmp_path / "keys") == {("folder", 0o700), ("file", 0o600)}


def test_looser_modes_are_mended_when_keys_are_opened(tmp_path: Path):
    """As an archive or another disk brings them back."""
    place = KeysPlace(tmp_path / "keys")
    place.open()
    for path in (place.folder, *place.folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o664)

    place.open_known()

    assert modes(place.folder) == {("folder", 0o700), ("file", 0o600)}


def test_what_cannot_be_mended_is_refused_if_everybody_may_use_it(tmp_path: Path):
    """No mode is changed in /proc, whoever asks: as with a file that is somebody else's."""
    place = KeysPlace(tmp_path / "keys")
    place.open()
    (place.folder / "note").symlink_to("/proc/self/status")

    with pytest.raises(KeyUnusableError, match=r"everybody may use note"):
        place.open_known()
