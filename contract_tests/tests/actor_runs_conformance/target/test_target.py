"""The address of a target is read, and one that cannot be used is refused."""

import pytest

from actor_runs_conformance.target.target import BadTargetError, base_url

URLS = {
    "http://127.0.0.1:8000": "http://127.0.0.1:8000",
    "http://127.0.0.1:8000/": "http://127.0.0.1:8000",
    "https://example.com/prefix/v2/": "https://example.com/prefix",
}
BAD_URLS = {
    "localhost:8000": "http(s) URL",
    "ftp://example.com": "http(s) URL",
    "http://": "http(s) URL",
    "http://user:secret@example.com": "APIFY_TOKEN",
    "http://example.com/?token=x": "before /v2",
    "http://example.com:port": "not a URL",
}


@pytest.mark.parametrize(("given", "expected"), URLS.items())
def test_url(given, expected):
    """The URL is what stands before /v2."""
    assert expected == base_url(given)


@pytest.mark.parametrize(("given", "says"), BAD_URLS.items())
def test_bad_url(given, says):
    """A URL that cannot be used is refused, with the remedy and without its password."""
    with pytest.raises(BadTargetError) as told:
        base_url(given)
    assert says in str(told.value)
    assert "secret" not in str(told.value)
