from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="TieredEventPrices")


@_attrs_define
class TieredEventPrices:
    """Prices of one event by the tier of the user's plan, for instance `FREE`, `BRONZE`, `SILVER` or `GOLD`."""

    additional_properties: dict[str, TieredEventPrice] = _attrs_field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:

        field_dict: dict[str, Any] = {}
        for prop_name, prop in self.additional_properties.items():
            field_dict[prop_name] = prop.to_dict()

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        tiered_event_prices = cls()

        additional_properties = {}
        for prop_name, prop_dict in d.items():
            additional_property = TieredEventPrice.from_dict(prop_dict)

            additional_properties[prop_name] = additional_property

        tiered_event_prices.additional_properties = additional_properties
        return tiered_event_prices

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> TieredEventPrice:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: TieredEventPrice) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties


from ..models.tiered_event_price import TieredEventPrice  # noqa: E402
