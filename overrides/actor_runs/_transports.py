"""What transports share: certificates to trust, proxies on the way, and what failures mean.

The blocking client sends by http.client, and by httpx where a proxy is on the way; the asynchronous
one by aiohttp: httpx's own pool needs 20 seconds of processor time for 1,000 requests at once.
Transports written in Rust ignore Ctrl-C, or abort the process that ends after a failed handshake.
libcurl sends a POST again by itself when a connection dies that it used before.
"""

from __future__ import annotations

import functools
import os
import re
import socket
import ssl
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, runtime_checkable
from urllib.parse import urlsplit

from . import _arguments, errors
from ._messages import Answer, NoAnswerError, Request

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

T = TypeVar("T")
Kinds = type[Exception] | tuple[type[Exception], ...]
# What of a failure to connect is not mended by trying again. The first that fits.
LASTING: tuple[tuple[type[Exception], type[errors.NotConnectedError]], ...] = (
    (ssl.SSLEOFError, errors.NotConnectedError),
    (ssl.SSLError, errors.TlsError),
    (socket.gaierror, errors.UnknownHostError),
)


@runtime_checkable
class Sender(Protocol):
    """What sends requests, and may be shared by clients."""

    closed: bool

    async def send(self, request: Request, headers: Mapping[str, str]) -> Answer:
        """Send a request with these headers and read the answer, within its time.

        Raises:
            NoAnswerError: No whole head arrived.
        """
        ...

    async def close(self) -> None:
        """Close all connections; those in use when their requests end."""


def ssl_context(ca_file: str | None = None) -> ssl.SSLContext:
    """Return what to trust: a file, what the environment names, or certifi's list.

    Raises:
        InvalidArgumentError: There is no such file or folder, or it has no certificates.
    """
    return _ssl_context(ca_file, os.getenv("SSL_CERT_FILE"), os.getenv("SSL_CERT_DIR"))


@functools.cache  # Making one takes 17 ms.
def _ssl_context(ca_file: str | None, named: str | None, folder: str | None) -> ssl.SSLContext:
    import certifi

    file = ca_file or named or (None if folder else certifi.where())
    place = None if file else Path(folder or "")
    try:
        if place:
            next(place.iterdir(), None)  # A folder that is missing would go unnoticed.
        context = ssl.create_default_context(cafile=file, capath=place)
    except OSError as error:
        name = "ca_file" if ca_file else "SSL_CERT_FILE" if named else "SSL_CERT_DIR"
        raise errors.InvalidArgumentError(
            f"{name} is {file or folder!r}: expected certificates in PEM ({error})"
        ) from None
    context.set_alpn_protocols(["http/1.1"])
    return context


def environment_proxy(url: str) -> str | None:
    """Return the URL of the proxy that the environment names for a URL, or None.

    Raises:
        InvalidArgumentError: It is no HTTP proxy.
    """
    target = urlsplit(url)
    proxies = urllib.request.getproxies()
    proxy = proxies.get(target.scheme) or proxies.get("all")
    places = (target.hostname or "", target.netloc)
    if not proxy or any(map(urllib.request.proxy_bypass, places)):
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    if not _arguments.is_acceptable("base_url", proxy):
        shown = re.sub("//.*@", "//", proxy)  # Without a password.
        raise errors.InvalidArgumentError(
            f"the environment names the proxy {shown}: expected http(s)://host:port;"
            " change it, or name this server in NO_PROXY"
        )
    return proxy


def finished(call: Coroutine[Any, Any, T]) -> T:
    """Run a call to its end, which one step is where sending and sleeping suspend nothing."""
    try:
        call.send(None)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    raise RuntimeError("a call of a blocking client was suspended")


def failure(
    error: BaseException | None, unsent: Kinds = (), slow: Kinds = TimeoutError
) -> NoAnswerError:
    """Return what it means that no whole answer arrived.

    Args:
        error: What a transport raised.
        unsent: Which errors say that no byte of the request was sent.
        slow: Which errors say that it took too long.
    """
    # The text of a proxy's refusal would show its URL, and a password in that.
    reason = getattr(error, "message", "") or str(error) or type(error).__name__
    if not isinstance(error, unsent):
        lost = errors.HttpTimeoutError if isinstance(error, slow) else errors.ConnectionLostError
        return NoAnswerError(reason, lost)
    while error:
        for cause, kind in LASTING:
            if isinstance(error, cause):
                return NoAnswerError(reason, kind)
        error = error.__cause__ or error.__context__
    return NoAnswerError(reason, errors.NotConnectedError)
