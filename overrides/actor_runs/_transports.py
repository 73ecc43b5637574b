"""What carries the requests, and what its failures mean.

httpx is the interface of both clients. Below it, the synchronous one uses httpx's own transport and
the asynchronous one aiohttp: httpx's own pool needs 20 seconds of processor time for 1,000 requests
at once, aiohttp less than one. Transports written in Rust need half of that again, but a process
that ends right after a failed TLS handshake is sometimes aborted by them, and Ctrl-C waits.
"""

from __future__ import annotations

import functools
import re
import urllib.request

import httpx

from . import _arguments, errors

CONNECT_TIMEOUT_SECS = 10

# All clients share one; making it takes 17 ms.
ssl_context = functools.cache(httpx.create_ssl_context)

# What a transport raises if no whole answer arrives.
NO_ANSWER = (httpx.RequestError, TimeoutError)
# No byte of the request was sent. A proxy's error is that it did not connect any further.
UNCONNECTED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


def sync_transport(base_url: str) -> httpx.BaseTransport:
    """Return the transport for one request after another, of any number of threads."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
    proxy = environment_proxy(base_url)
    return httpx.HTTPTransport(verify=ssl_context(), limits=limits, proxy=proxy)


def async_transport(base_url: str) -> httpx.AsyncBaseTransport:
    """Return the transport for many requests at once."""
    from ._aiohttp_transport import AiohttpTransport  # Here, since it takes 100 ms.

    return AiohttpTransport(environment_proxy(base_url))


def environment_proxy(url: str) -> str | None:
    """Return the URL of the proxy that the environment names for a URL, or None.

    Raises:
        InvalidArgumentError: It is no HTTP proxy.
    """
    target = httpx.URL(url)
    proxies = urllib.request.getproxies()
    proxy = proxies.get(target.scheme) or proxies.get("all")
    places = (target.host, target.netloc.decode())
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


def decoded(response: httpx.Response) -> httpx.Response:
    """Return an answer with its body decoded; a refusal whose body cannot be is one all the same.

    Raises:
        httpx.DecodingError: The body of a success cannot be decoded.
    """
    try:
        response.read()
    except httpx.DecodingError:
        if response.is_success:
            raise
        del response.headers["content-encoding"]
        return httpx.Response(response.status_code, headers=response.headers)
    return response


def failure(error: Exception) -> type[errors.TransportError] | None:
    """Return what a transport's exception means, or None if an answer came but is not readable."""
    if isinstance(error, UNCONNECTED):
        return errors.NotConnectedError
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return errors.HttpTimeoutError
    return None if isinstance(error, httpx.DecodingError) else errors.ConnectionLostError
