from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.webhook_event_type import WebhookEventType, check_webhook_event_type
from ..types import UNSET, Unset

T = TypeVar("T", bound="WebhookDefinition")


@_attrs_define
class WebhookDefinition:
    """A webhook for one run, when it calls and whom."""

    event_types: list[WebhookEventType]
    """ The events to call on. """
    request_url: str
    """ Where the event is sent to, by POST. """
    payload_template: None | str | Unset = UNSET
    """ Template of the JSON that is sent, with variables in double braces. Absent or null means the usual payload,
    with the event and the run. """
    headers_template: None | str | Unset = UNSET
    """ Template of further HTTP headers, as a JSON object. Absent or null means none. """
    should_interpolate_strings: bool | None | Unset = UNSET
    """ Whether variables inside strings of the templates are filled in too. Absent or null means no. """
    idempotency_key: None | str | Unset = UNSET
    """ Key by which a webhook is recognised when the request that starts the run is repeated, so that it is not
    made twice. Absent or null means that each request makes its own. """
    ignore_ssl_errors: bool | None | Unset = UNSET
    """ Whether a bad TLS certificate of the receiver is put up with. Absent or null means no. """
    do_not_retry: bool | None | Unset = UNSET
    """ Whether a failed call is left at that. Absent or null means that it is tried again. """
    additional_properties: dict[str, Any] = _attrs_field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        event_types = []
        for event_types_item_data in self.event_types:
            event_types_item: str = event_types_item_data
            event_types.append(event_types_item)

        request_url = self.request_url

        payload_template: None | str | Unset
        if isinstance(self.payload_template, Unset):
            payload_template = UNSET
        else:
            payload_template = self.payload_template

        headers_template: None | str | Unset
        if isinstance(self.headers_template, Unset):
            headers_template = UNSET
        else:
            headers_template = self.headers_template

        should_interpolate_strings: bool | None | Unset
        if isinstance(self.should_interpolate_strings, Unset):
            should_interpolate_strings = UNSET
        else:
            should_interpolate_strings = self.should_interpolate_strings

        idempotency_key: None | str | Unset
        if isinstance(self.idempotency_key, Unset):
            idempotency_key = UNSET
        else:
            idempotency_key = self.idempotency_key

        ignore_ssl_errors: bool | None | Unset
        if isinstance(self.ignore_ssl_errors, Unset):
            ignore_ssl_errors = UNSET
        else:
            ignore_ssl_errors = self.ignore_ssl_errors

        do_not_retry: bool | None | Unset
        if isinstance(self.do_not_retry, Unset):
            do_not_retry = UNSET
        else:
            do_not_retry = self.do_not_retry

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "eventTypes": event_types,
                "requestUrl": request_url,
            }
        )
        if payload_template is not UNSET:
            field_dict["payloadTemplate"] = payload_template
        if headers_template is not UNSET:
            field_dict["headersTemplate"] = headers_template
        if should_interpolate_strings is not UNSET:
            field_dict["shouldInterpolateStrings"] = should_interpolate_strings
        if idempotency_key is not UNSET:
            field_dict["idempotencyKey"] = idempotency_key
        if ignore_ssl_errors is not UNSET:
            field_dict["ignoreSslErrors"] = ignore_ssl_errors
        if do_not_retry is not UNSET:
            field_dict["doNotRetry"] = do_not_retry

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        _pop = d.pop
        event_types = []
        _event_types = _pop("eventTypes")
        for event_types_item_data in _event_types:
            event_types_item = check_webhook_event_type(event_types_item_data)

            event_types.append(event_types_item)

        request_url = _pop("requestUrl")

        payload_template: None | str | Unset = _pop("payloadTemplate", UNSET)

        headers_template: None | str | Unset = _pop("headersTemplate", UNSET)

        should_interpolate_strings: bool | None | Unset = _pop("shouldInterpolateStrings", UNSET)

        idempotency_key: None | str | Unset = _pop("idempotencyKey", UNSET)

        ignore_ssl_errors: bool | None | Unset = _pop("ignoreSslErrors", UNSET)

        do_not_retry: bool | None | Unset = _pop("doNotRetry", UNSET)

        webhook_definition = cls(
            event_types,
            request_url,
            payload_template,
            headers_template,
            should_interpolate_strings,
            idempotency_key,
            ignore_ssl_errors,
            do_not_retry,
        )

        webhook_definition.additional_properties = d
        return webhook_definition

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
