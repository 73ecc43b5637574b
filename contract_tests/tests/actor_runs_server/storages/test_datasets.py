"""Items of datasets: pages, shapes, formats."""

import csv
import io
import xml.etree.ElementTree as ET

import pytest

ITEMS = [
    {"a": 1, "b": {"c": 2, "d": [3, 4]}, "#debug": "x"},
    {"a": "<&>", "list": [{"n": 1}, {"n": 2}, 5]},
    {},
    {"#only": "hidden"},
]


@pytest.fixture(scope="module")
def items(server, client):
    """The address of a dataset with four items."""
    with client(server.url) as api:
        dataset = api.call("POST", "/v2/datasets", 201).json()["data"]["id"]
        api.call("POST", f"/v2/datasets/{dataset}/items", 201, json=ITEMS)
        return f"/v2/datasets/{dataset}/items"


SHAPES = {
    "nothing": ({}, ITEMS),
    "offset and limit": ({"offset": 1, "limit": 2}, ITEMS[1:3]),
    "desc": ({"desc": "1", "limit": 1}, [ITEMS[3]]),
    "fields": ({"fields": "a,none", "limit": 2}, [{"a": 1}, {"a": "<&>"}]),
    "outputFields": ({"fields": "a", "outputFields": "x", "limit": 1}, [{"x": 1}]),
    "omit": ({"omit": "b,#debug", "limit": 1}, [{"a": 1}]),
    "flatten": (
        {"flatten": "b", "limit": 1},
        [{"a": 1, "b.c": 2, "b.d.0": 3, "b.d.1": 4, "#debug": "x"}],
    ),
    "unwind an array": (
        {"unwind": "list", "offset": 1, "limit": 1},
        [{"a": "<&>", "n": 1}, {"a": "<&>", "n": 2}, {"a": "<&>", "list": 5}],
    ),
    "unwind an object": (
        {"unwind": "b", "limit": 1, "omit": "#debug"},
        [{"a": 1, "c": 2, "d": [3, 4]}],
    ),
    "unwind nothing": ({"unwind": "none", "offset": 1, "limit": 1}, [ITEMS[1]]),
    "skipEmpty": ({"skipEmpty": "true"}, [ITEMS[0], ITEMS[1], ITEMS[3]]),
    "skipHidden": ({"skipHidden": "true", "offset": 3}, [{}]),
    "clean": ({"clean": "1"}, [{"a": 1, "b": ITEMS[0]["b"]}, ITEMS[1]]),
}


@pytest.mark.parametrize("name", SHAPES)
def test_items_have_the_shape_that_is_asked_for(api, items, name):
    """Each parameter has its effect, alone or with others."""
    query, expected = SHAPES[name]
    answer = api.call("GET", items, 200, params=query)
    assert answer.json() == expected
    assert answer.headers["x-apify-pagination-total"] == "4"
    assert answer.headers["x-apify-pagination-count"] == str(len(expected))


REFUSED = {
    "an unknown parameter": {"field": "a"},
    "a parameter that is not served": {"view": "overview"},
    "an unknown format": {"format": "xlsx"},
    "a boolean that is none": {"clean": "perhaps"},
    "half an item": {"limit": "1.5"},
    "a negative offset": {"offset": "-1"},
    "two characters": {"format": "csv", "delimiter": ";;"},
    "new names without fields": {"outputFields": "a"},
    "no XML name": {"format": "xml", "xmlRoot": "a b"},
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_served_is_refused(api, items, name):
    """A parameter that has no effect is answered with 400, never overlooked."""
    api.call("GET", items, 400, params=REFUSED[name])


def test_csv_has_a_row_for_each_item(api, items):
    """Nested values have columns of their own; the file begins with a byte order mark."""
    answer = api.call("GET", items, 200, params={"format": "csv", "limit": 2})
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    head = ["a", "b/c", "b/d/0", "b/d/1", "#debug", "list/0/n", "list/1/n", "list/2"]
    assert rows[0] == head
    assert rows[1] == ["1", "2", "3", "4", "x", "", "", ""]
    assert rows[2] == ["<&>", "", "", "", "", "1", "2", "5"]


def test_the_style_of_csv_can_be_chosen(api, items):
    """Delimiter, header row and byte order mark follow the query."""
    query = {"format": "csv", "fields": "a", "limit": 2, "delimiter": ";", "skipHeaderRow": 1}
    assert api.call("GET", items, 200, params=query | {"bom": 0}).content == b"1\r\n<&>\r\n"


def test_other_formats_can_be_parsed(api, items):
    """JSON lines, XML, RSS and HTML hold the items."""
    query = {"fields": "a", "limit": 2}

    def text(name, **more):
        return api.call("GET", items, 200, params=query | {"format": name} | more).text

    assert text("jsonl") == '{"a":1}\n{"a":"<&>"}\n'
    tree = ET.fromstring(text("xml", xmlRoot="all", xmlRow="each"))
    assert (tree.tag, [each.findtext("a") for each in tree.findall("each")]) == (
        "all",
        ["1", "<&>"],
    )
    feed = ET.fromstring(text("rss"))
    assert [each.findtext("a") for each in feed.iter("item")] == ["1", "<&>"]
    assert "<tr><td>&lt;&amp;&gt;</td></tr>" in text("html")


def test_a_file_can_be_downloaded(api, items):
    """With `attachment` the answer names a file."""
    answer = api.call("GET", items, 200, params={"format": "jsonl", "attachment": "true"})
    assert answer.headers["content-disposition"].endswith('.jsonl"')


def test_a_dataset_is_described(api, items):
    """The description counts the items and names their fields; the statistics judge numbers."""
    dataset = items.removesuffix("/items")
    described = api.call("GET", dataset, 200).json()["data"]
    assert (described["itemCount"], described["cleanItemCount"]) == (4, 2)
    assert described["fields"] == ["#debug", "#only", "a", "b", "list"]
    statistics = api.call("GET", f"{dataset}/statistics", 200).json()["data"]["fieldStatistics"]
    assert statistics["a"] == {"min": 1, "max": 1, "nullCount": 2, "emptyCount": 0}
