from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="ActorChargeEvent")


@_attrs_define
class ActorChargeEvent:
    """An event that an Actor charges for. It has either one price or a price for each tier."""

    event_title: str | Unset = UNSET
    """ Name of the event for people. May be absent. """
    event_description: str | Unset = UNSET
    """ What the event is, for people. May be absent. """
    event_price_usd: float | None | Unset = UNSET
    """ Price of one event in US dollars. Absent or null if the tiers have prices of their own. """
    event_tiered_pricing_usd: TieredEventPrices | Unset = UNSET
    """ Prices of one event by the tier of the user's plan, for instance `FREE`, `BRONZE`, `SILVER` or `GOLD`. """
    is_primary_event: bool | None | Unset = UNSET
    """ Whether this is what the Actor is mainly used for. Absent or null means no. """
    is_one_time_event: bool | None | Unset = UNSET
    """ Whether it is charged at most once in a run. Absent or null means no. """
    additional_properties: dict[str, Any] = _attrs_field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        event_title = self.event_title

        event_description = self.event_description

        event_price_usd: float | None | Unset
        if isinstance(self.event_price_usd, Unset):
            event_price_usd = UNSET
        else:
            event_price_usd = self.event_price_usd

        event_tiered_pricing_usd: dict[str, Any] | Unset = UNSET
        if not isinstance(self.event_tiered_pricing_usd, Unset):
            event_tiered_pricing_usd = self.event_tiered_pricing_usd.to_dict()

        is_primary_event: bool | None | Unset
        if isinstance(self.is_primary_event, Unset):
            is_primary_event = UNSET
        else:
            is_primary_event = self.is_primary_event

        is_one_time_event: bool | None | Unset
        if isinstance(self.is_one_time_event, Unset):
            is_one_time_event = UNSET
        else:
            is_one_time_event = self.is_one_time_event

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if event_title is not UNSET:
            field_dict["eventTitle"] = event_title
        if event_description is not UNSET:
            field_dict["eventDescription"] = event_description
        if event_price_usd is not UNSET:
            field_dict["eventPriceUsd"] = event_price_usd
        if event_tiered_pricing_usd is not UNSET:
            field_dict["eventTieredPricingUsd"] = event_tiered_pricing_usd
        if is_primary_event is not UNSET:
            field_dict["isPrimaryEvent"] = is_primary_event
        if is_one_time_event is not UNSET:
            field_dict["isOneTimeEvent"] = is_one_time_event

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        _pop = d.pop
        event_title = _pop("eventTitle", UNSET)

        event_description = _pop("eventDescription", UNSET)

        event_price_usd: float | None | Unset = _pop("eventPriceUsd", UNSET)

        _event_tiered_pricing_usd = _pop("eventTieredPricingUsd", UNSET)
        event_tiered_pricing_usd: TieredEventPrices | Unset
        if isinstance(_event_tiered_pricing_usd, Unset):
            event_tiered_pricing_usd = UNSET
        else:
            event_tiered_pricing_usd = TieredEventPrices.from_dict(_event_tiered_pricing_usd)

        is_primary_event: bool | None | Unset = _pop("isPrimaryEvent", UNSET)

        is_one_time_event: bool | None | Unset = _pop("isOneTimeEvent", UNSET)

        actor_charge_event = cls(
            event_title,
            event_description,
            event_price_usd,
            event_tiered_pricing_usd,
            is_primary_event,
            is_one_time_event,
        )

        actor_charge_event.additional_properties = d
        return actor_charge_event

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


from ..models.tiered_event_prices import TieredEventPrices  # noqa: E402
