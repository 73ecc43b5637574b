"""What transports share: how an answer is collected, certificates, proxies, what failures mean.

The blocking client sends by http.client, and by httpx where a proxy is on the way; the asynchronous
one by aiohttp: httpx's own pool needs 20 seconds of processor time for 1,000 requests at once.
Transports written in Rust ignore Ctrl-C, or abort the process that ends after a failed handshake.
libcurl sends a POST again by itself when a connection dies that it used before.

Longer than 100 lines for promises: bodies and times have an end, what cannot be mended is not tried
again, and the environment's proxies and certificates are honoured.
"""

from __future__ import annotations

import abc
import functools
import os
import re
import socket
import ssl
import time
import urllib.request
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from . import errors
from ._arguments import checked
from ._messages import LARGEST_BODY, Answer, NoAnswerError, Request, unpacked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._messages import Steps

Kinds = type[Exception] | tuple[type[Exception], ...]
# What of a failure to connect is not mended by trying again. The first that fits.
LASTING: tuple[tuple[type[Exception], type[errors.NotConnectedError]], ...] = (
    (ssl.SSLEOFError, errors.NotConnectedError),
    (ssl.SSLError, errors.TlsError),
    (socket.gaierror, errors.UnknownHostError),
)


class Sender(abc.ABC):
    """What sends requests, and may be shared by clients.

    Attributes:
        blocks: Whether it needs no event loop, and suspends nothing.
        closed: Whether it sends no more.
        failures: What may be raised while it sends and reads.
        unsent: Which of these say that no byte of the request was sent.
        slow: Which of these say that it took too long.
    """

    blocks, closed = True, False
    failures: Kinds = OSError
    unsent: Kinds = ()
    slow: Kinds = TimeoutError

    @abc.abstractmethod
    def exchange(self, request: Request, headers: Mapping[str, str]) -> Steps:
        """Send a request with these headers; yield status and headers, then pieces of the body."""

    @abc.abstractmethod
    async def close(self) -> None:
        """Close all connections; those in use when their requests end."""

    async def send(self, request: Request, headers: Mapping[str, str]) -> Answer:
        """Send a request with these headers and read the answer, within its time and a limit."""
        answer, pieces, left = Answer(request), list[bytes](), LARGEST_BODY
        until = time.monotonic() + request.timeout_secs
        try:
            async with aclosing(self.exchange(request, headers)) as steps:
                async for step in steps:
                    if isinstance(step, tuple):
                        answer.status, answer.headers = step
                        continue
                    pieces.append(step)
                    left -= len(step)
                    if left < 0:
                        answer.cut = NoAnswerError(f"is larger than {LARGEST_BODY} bytes")
                        break
                    if time.monotonic() > until:
                        answer.cut = NoAnswerError("took too long", errors.HttpTimeoutError)
                        break
            if not answer.cut:
                body, pieces = b"".join(pieces), []
                pieces = [unpacked(body, answer.header(b"content-encoding"))]
        except NoAnswerError as error:
            answer.cut = error
        except self.failures as error:
            answer.cut = failure(error, self.unsent, self.slow)
        answer.body = b"".join(pieces)
        return answer


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


def ssl_context(ca_file: str | None = None) -> ssl.SSLContext:
    """Return what to trust: a file, what the environment names, or certifi's list.

    Raises:
        InvalidArgumentError: There is no such file or folder, or it has no certificates.
    """
    return _ssl_context(ca_file, os.getenv("SSL_CERT_FILE"), os.getenv("SSL_CERT_DIR"))


@functools.cache  # Making one takes 17 ms.
def _ssl_context(ca_file: str | None, named: str | None, folder: str | None) -> ssl.SSLContext:
    import certifi

    place = ca_file or named or folder or certifi.where()
    file, within = (None, place) if Path(place).is_dir() else (place, None)
    try:
        context = ssl.create_default_context(cafile=file, capath=within)
    except OSError as error:
        name = "ca_file" if ca_file else "SSL_CERT_FILE" if named else "SSL_CERT_DIR"
        raise errors.InvalidArgumentError(
            f"{name} is {place!r}: expected certificates in PEM ({error})"
        ) from None
    context.set_alpn_protocols(["http/1.1"])
    return context


def environment_proxy(url: str) -> str | None:
    """Return the URL of the proxy that the environment names for a URL, or None.

    Raises:
        InvalidArgumentError: It is no HTTP proxy.
    """
    target, proxies = urlsplit(url), urllib.request.getproxies()
    proxy = proxies.get(target.scheme) or proxies.get("all")
    places = (target.hostname or "", target.netloc)
    if not proxy or any(map(urllib.request.proxy_bypass, places)):
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    try:
        return checked("base_url", proxy)
    except errors.InvalidArgumentError:
        shown = re.sub("//.*@", "//", proxy)  # Without a password.
        raise errors.InvalidArgumentError(
            f"the environment names the proxy {shown}: expected http(s)://host:port;"
            " change it, or name this server in NO_PROXY"
        ) from None


def sender(transport: Any, url: str, ca_file: str | None, *, blocks: bool) -> Sender:  # noqa: ANN401
    """Return what sends for a client: by its user's transport if there is one.

    Raises:
        InvalidArgumentError: It is no transport, or a setting of the environment is not acceptable.
    """
    if isinstance(transport, Sender) and transport.blocks == blocks:
        return transport
    if transport is not None:
        method = "handle_request" if blocks else "handle_async_request"
        if not callable(getattr(transport, method, None)):
            raise errors.InvalidArgumentError(
                f"transport is {transport!r}: expected a transport of httpx, with {method}"
            )
        from ._httpx_bridge import ByHttpx

        return ByHttpx(lambda: transport, blocks=blocks)
    context = ssl_context(ca_file) if url.startswith("https:") else None
    proxy = environment_proxy(url)
    if not blocks:
        from ._aiohttp_transport import Aio

        return Aio(proxy, ca_file)
    if not proxy:
        from ._direct import Direct

        return Direct(ca_file)
    from ._httpx_bridge import ByHttpx, proxied

    return ByHttpx(lambda: proxied(proxy, context), blocks=True)
