"""The style, script and picture files, read once and served under a path with their hash."""

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent / "static"
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: as it is and compressed. `media_type` is its Content-Type."""

    media_type: str
    content: bytes
    compressed: bytes


@dataclass(frozen=True, slots=True)
class Assets:
    """All files by name. `digest` changes with any byte, so answers may be kept for ever."""

    digest: str
    files: dict[str, Asset]

    def url(self, name: str) -> str:
        """Give the address of a file. Raises KeyError for a name that is not there."""
        self.files[name]
        return f"/assets/{self.digest}/{name}"

    def find(self, digest: str, name: str) -> Asset | None:
        """Give the file behind an address, or None."""
        return self.files.get(name) if digest == self.digest else None


def read_assets(folder: Path = _FOLDER) -> Assets:
    """Read every style, script and picture of the folder."""
    paths = sorted(path for path in folder.iterdir() if path.suffix in _MEDIA_TYPES)
    contents = {path.name: path.read_bytes() for path in paths}
    digest = hashlib.sha256()
    for name, content in contents.items():
        digest.update(name.encode("utf-8") + b"\0" + content + b"\0")
    files = {name: _asset(name, content) for name, content in contents.items()}
    return Assets(digest.hexdigest()[:16], files)


def _asset(name: str, content: bytes) -> Asset:
    return Asset(_MEDIA_TYPES[Path(name).suffix], content, gzip.compress(content, mtime=0))
