"""Fetch the pages' style and script once, check them, strip the licensed font, and keep them.

Run `python deploy/vendor_assets.py` with npm at hand; what it writes is committed, so that neither
running nor testing the service needs node. GDS Transport may be used on gov.uk services only and
the compiled style always holds it (two font rules, a notice, and its name in every font list).
"""  # noqa: INP001

import base64
import hashlib
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "services" / "portal" / "static"


@dataclass(frozen=True, slots=True)
class Package:
    """An npm package: exact version, its sha512 as the registry states it, the files we keep."""

    spec: str
    integrity: str
    files: tuple[str, ...]


GOVUK_FRONTEND = Package(
    # The version that govuk-frontend-jinja 4.1.0 renders for.
    spec="govuk-frontend@6.3.0",
    integrity=(
        "sha512-cXIQxm5PHCsbic47GXZrVBZhAeeshTLRL6ZBKilLsR6rMCjJuWb7Fruq0VUNMBJFlJk/srsRj/q8d5bM9cgKoA=="
    ),
    files=(
        "package/dist/govuk/govuk-frontend.min.css",
        "package/dist/govuk/govuk-frontend.min.js",
    ),
)

_FONT_RULE = re.compile(r"@font-face\s*\{[^}]*GDS Transport[^}]*\}")
_FONT_NOTICE = re.compile(r"/\*![^*]*Margaret Calvert[^*]*\*/\s*")
_CREST = re.compile(r"url\(/assets/images/govuk-crest\.svg\)")
_SOURCE_MAP = re.compile(r"\s*(?:/\*#|//#) sourceMappingURL=\S+(?: \*/)?\s*$")
_RESIDUE = ("GDS Transport", "Calvert", "@font-face", "url(/assets", "sourceMappingURL")


class VendoringError(Exception):
    """What was fetched is not what we expect; nothing is written."""


def main() -> int:
    """Fetch, check, strip and write every file; 0 when all is well."""
    with tempfile.TemporaryDirectory() as folder:
        contents = _fetch(GOVUK_FRONTEND, Path(folder))
    for name, text in contents.items():
        (STATIC / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"{name}: {len(text)} characters\n")
    return 0


def strip(text: str) -> str:
    """Take out of a style or script the licensed font, its notice, the crest and the source map.

    Raises VendoringError when any trace of them is left.
    """
    text = _FONT_RULE.sub("", text)
    text = _FONT_NOTICE.sub("", text)
    text = text.replace("GDS Transport,arial,sans-serif", "arial,sans-serif")
    text = _CREST.sub("none", text)
    text = _SOURCE_MAP.sub("\n", text)
    left = [residue for residue in _RESIDUE if residue in text]
    if left:
        raise VendoringError(f"still in the file after stripping: {', '.join(left)}")
    return text


def check_integrity(content: bytes, integrity: str) -> None:
    """Compare with a subresource-integrity string. Raises VendoringError."""
    algorithm, _, expected = integrity.partition("-")
    actual = base64.b64encode(hashlib.new(algorithm, content).digest()).decode("ascii")
    if actual != expected:
        raise VendoringError(f"{algorithm} of the package is {actual}, not as stated here")


def _fetch(package: Package, folder: Path) -> dict[str, str]:
    subprocess.run(  # noqa: S603
        ["npm", "pack", "--silent", package.spec],  # noqa: S607
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    (archive,) = folder.glob("*.tgz")
    check_integrity(archive.read_bytes(), package.integrity)
    with tarfile.open(archive) as tar:
        return {Path(name).name: strip(_read(tar, name)) for name in package.files}


def _read(tar: tarfile.TarFile, name: str) -> str:
    member = tar.extractfile(name)
    if member is None:
        raise VendoringError(f"{name} is not a file of the package")
    return member.read().decode("utf-8")


if __name__ == "__main__":
    sys.exit(main())
