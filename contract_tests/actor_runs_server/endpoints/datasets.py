"""The endpoints of dataset items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from actor_runs_server.api_error import ApiError
from actor_runs_server.endpoints.lookup import data
from actor_runs_server.http import bodies, parameters
from actor_runs_server.http.middleware import encode
from actor_runs_server.http.resources import Answer, Call
from actor_runs_server.records.database import Page
from actor_runs_server.storages.datasets import Shape, decoded
from actor_runs_server.storages.formats import BOM, FORMATS, Style
from actor_runs_server.storages.storages import DATASET

if TYPE_CHECKING:
    from actor_runs_server.endpoints.lookup import Lookup
    from actor_runs_server.runs.service import Service

MAX_ITEMS: Final = 250_000
ITEMS: Final = (
    "format",
    "offset",
    "limit",
    "desc",
    "clean",
    "fields",
    "outputFields",
    "omit",
    "unwind",
    "flatten",
    "skipHidden",
    "skipEmpty",
    "attachment",
    "delimiter",
    "bom",
    "xmlRoot",
    "xmlRow",
    "skipHeaderRow",
    "feedTitle",
    "feedDescription",
)  # The options of formats that are texts, and their parameters.
TEXTS: Final = {
    "xml_root": "xmlRoot",
    "xml_row": "xmlRow",
    "feed_title": "feedTitle",
    "feed_description": "feedDescription",
}


@frozen
class DatasetEndpoints:
    """Reads and appends items."""

    service: Service
    lookup: Lookup

    async def get_items(self, call: Call) -> Answer:
        """GET .../items: items in one of the formats, without an envelope."""
        self.lookup.only(call, *ITEMS, "signature")
        storage = self.lookup.signed_storage(call, DATASET)
        answer = self.shown(call, storage.id, 200)
        self.lookup.count(call, storage, "DATASET_READS")
        return answer

    async def push_items(self, call: Call) -> Answer:
        """POST .../items: one JSON object or an array of them."""
        self.lookup.only(call)
        storage = self.lookup.storage(call, DATASET, write=True)
        content = await bodies.read(call.request)
        value = bodies.parse(content, "invalid-request", "The body")
        items = value if isinstance(value, list) else [value]
        if not all(isinstance(item, dict) for item in items):
            raise ApiError("invalid-request", "An item is a JSON object.")
        self.service.datasets.push(storage.id, map(encode, items))
        self.lookup.count(call, storage, "DATASET_WRITES", len(items))
        return Answer(encode({}), 201)

    async def get_statistics(self, call: Call) -> Answer:
        """GET .../statistics: the smallest and the largest number in each field, and more."""
        self.lookup.only(call)
        storage = self.lookup.storage(call, DATASET)
        page = Page(limit=MAX_ITEMS)
        items = list(decoded(self.service.datasets.documents(storage.id, page)))
        statistics = {}
        for name in dict.fromkeys(key for item in items for key in item):
            values = [item.get(name) for item in items]
            numbers = [
                value
                for value in values
                if isinstance(value, int | float) and not isinstance(value, bool)
            ]
            statistics[name] = {
                "min": min(numbers, default=None),
                "max": max(numbers, default=None),
                "nullCount": sum(value is None for value in values),
                "emptyCount": sum(value in ("", [], {}) for value in values),
            }
        return data({"fieldStatistics": statistics})

    def check(self, call: Call, *more: str) -> None:
        """Refuse what `shown` would refuse, and parameters that are none of items nor further ones."""
        parameters.only(call.query, *ITEMS, *more)
        View.of(call.query)

    def shown(self, call: Call, dataset: str, status: int) -> Answer:
        """Return the items of a dataset as the query asks for them."""
        view, datasets = View.of(call.query), self.service.datasets
        page, kind = view.page, FORMATS[view.format]
        documents = datasets.documents(dataset, page)
        if view.shape.plain and view.format == "json":
            body = b"[" + b",".join(documents) + b"]"
            count = len(documents)
        else:
            items = view.shape.apply(decoded(documents))
            body, count = kind.write(items, view.style), len(items)
        if kind.bom if view.bom is None else view.bom:
            body = BOM + body
        headers = {
            "x-apify-pagination-total": datasets.count(dataset),
            "x-apify-pagination-offset": page.offset,
            "x-apify-pagination-limit": page.limit,
            "x-apify-pagination-count": count,
            "x-apify-pagination-desc": str(page.newest_first).lower(),
        }
        if view.attachment:
            headers["content-disposition"] = f'attachment; filename="{dataset}.{kind.ending}"'
        pairs = tuple((key.encode(), f"{value}".encode()) for key, value in headers.items())
        return Answer(body, status, kind.media_type.encode(), pairs)


@frozen(kw_only=True)
class View:
    """How a query wants items to be shown; `bom` None is the custom of the format."""

    format: str
    page: Page
    shape: Shape
    style: Style
    bom: bool | None
    attachment: bool

    @classmethod
    def of(cls, query: parameters.Query) -> View:
        """Read a query.

        Raises:
            ApiError: 400 for a value that is not valid.
        """
        return cls(
            format=parameters.choice(query, "format", FORMATS) or "json",
            page=parameters.page(query, MAX_ITEMS),
            shape=shape(query),
            style=style(query),
            bom=parameters.boolean(query, "bom"),
            attachment=bool(parameters.boolean(query, "attachment")),
        )


def shape(query: parameters.Query) -> Shape:
    """Return what the query does with items."""
    clean = bool(parameters.boolean(query, "clean"))
    fields = parameters.names(query, "fields") or None
    renamed = parameters.names(query, "outputFields") or None
    if renamed and len(renamed) != len(fields or ()):
        raise ApiError(
            "invalid-value", "Query parameter 'outputFields' needs a name for each of 'fields'."
        )
    return Shape(
        unwind=parameters.names(query, "unwind"),
        fields=fields,
        output_fields=renamed,
        omit=parameters.names(query, "omit"),
        flatten=parameters.names(query, "flatten"),
        skip_hidden=clean or bool(parameters.boolean(query, "skipHidden")),
        skip_empty=clean or bool(parameters.boolean(query, "skipEmpty")),
    )


def style(query: parameters.Query) -> Style:
    """Return the options of the format."""
    delimiter = query.get("delimiter", ",")
    if len(delimiter) != 1:
        raise ApiError("invalid-value", "Query parameter 'delimiter' is not one character.")
    for name in ("xmlRoot", "xmlRow"):
        if name in query and not query[name].isidentifier():
            raise ApiError("invalid-value", f"Query parameter {name!r} is not an XML name.")
    header_row = not parameters.boolean(query, "skipHeaderRow")
    texts = {key: query[name] for key, name in TEXTS.items() if name in query}
    return Style(delimiter=delimiter, header_row=header_row, **texts)
