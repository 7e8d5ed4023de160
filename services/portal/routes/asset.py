"""Style, script and pictures, under an address that changes with any byte of them."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.portal.guard import guarded_router
from services.portal.permissions import Permission
from services.portal.portal import portal_of

router = guarded_router(Permission.ANYONE)


@router.get("/assets/{digest}/{name}")
def read(request: Request, digest: str, name: str) -> Response:
    """Give a file, compressed for those who take it so, to be kept for a year."""
    asset = portal_of(request).assets.find(digest, name)
    if asset is None:
        raise HTTPException(404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(asset.content, media_type=asset.media_type, headers=headers)
    headers["Content-Encoding"] = "gzip"
    return Response(asset.compressed, media_type=asset.media_type, headers=headers)
