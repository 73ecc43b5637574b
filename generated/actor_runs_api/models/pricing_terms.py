from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="PricingTerms")


@_attrs_define
class PricingTerms:
    """What every pricing model has. Each may be absent."""

    apify_margin_percentage: float | Unset = UNSET
    """ The platform's share of what the Actor earns, from 0, nothing, to 1, all of it. """
    created_at: datetime.datetime | Unset = UNSET
    """ When these terms were written down, in UTC. """
    started_at: datetime.datetime | Unset = UNSET
    """ Since when these terms apply, in UTC. """
    additional_properties: dict[str, Any] = _attrs_field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        apify_margin_percentage = self.apify_margin_percentage

        created_at: str | Unset = UNSET
        if not isinstance(self.created_at, Unset):
            created_at = self.created_at.isoformat(
                timespec="microseconds" if self.created_at.microsecond % 1000 else "milliseconds"
            ).replace("+00:00", "Z")

        started_at: str | Unset = UNSET
        if not isinstance(self.started_at, Unset):
            started_at = self.started_at.isoformat(
                timespec="microseconds" if self.started_at.microsecond % 1000 else "milliseconds"
            ).replace("+00:00", "Z")

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if apify_margin_percentage is not UNSET:
            field_dict["apifyMarginPercentage"] = apify_margin_percentage
        if created_at is not UNSET:
            field_dict["createdAt"] = created_at
        if started_at is not UNSET:
            field_dict["startedAt"] = started_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        _pop = d.pop
        apify_margin_percentage = _pop("apifyMarginPercentage", UNSET)

        _created_at = _pop("createdAt", UNSET)
        created_at: datetime.datetime | Unset
        if isinstance(_created_at, Unset):
            created_at = UNSET
        else:
            created_at = datetime.datetime.fromisoformat(_created_at)

        _started_at = _pop("startedAt", UNSET)
        started_at: datetime.datetime | Unset
        if isinstance(_started_at, Unset):
            started_at = UNSET
        else:
            started_at = datetime.datetime.fromisoformat(_started_at)

        pricing_terms = cls(
            apify_margin_percentage,
            created_at,
            started_at,
        )

        pricing_terms.additional_properties = d
        return pricing_terms

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
