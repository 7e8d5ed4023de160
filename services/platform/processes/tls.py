"""TLS for whatever this program serves itself: the pages, the interfaces, the numbers.

A proxy ends TLS towards browsers and partners; with a certificate of its own the program speaks it
to that proxy too, so that nothing that families told goes in the clear from one process to another
(OWASP ASVS 12.3.1). A port with a certificate answers nothing in the clear.
"""

import ssl

from services.platform.errors import BadSetting, SettingsInvalidError
from services.platform.settings import Settings

HANDSHAKE_SECONDS = 10.0
"""After which a client that has not shaken hands is let go of.

A request's own patience begins only then.
"""


def tls_as_set(settings: Settings) -> ssl.SSLContext | None:
    """How it is spoken here; None where no certificate is named. Raises SettingsInvalidError.

    Files are read now, before anything is served and before workers are forked. Whoever comes is
    asked for no certificate: who they are they show by what they ask with.
    """
    certificate, key = settings.tls_certificate, settings.tls_key
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        lacks = "tls_key" if key is None else "tls_certificate"
        raise SettingsInvalidError([BadSetting(lacks, "is needed beside the other one of the two")])
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # What proxies speak to what is behind them, and all that is parsed here.
    context.set_alpn_protocols(["http/1.1"])
    try:
        # Without a word for it openssl would ask whoever sits at the terminal.
        context.load_cert_chain(certificate, key, password=lambda: b"")
    except (OSError, ValueError):  # also ssl.SSLError: no certificate, not its key, a passphrase
        why = "and tls_key are no certificate with its key, in PEM and without a passphrase"
        raise SettingsInvalidError([BadSetting("tls_certificate", why)]) from None
    return context
