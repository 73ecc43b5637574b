from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="PricingPerEvent")


@_attrs_define
class PricingPerEvent:
    """The events that an Actor charges for."""

    actor_charge_events: ActorChargeEvents | Unset = UNSET
    """ The events that an Actor charges for, by name. """
    additional_properties: dict[str, Any] = _attrs_field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        actor_charge_events: dict[str, Any] | Unset = UNSET
        if not isinstance(self.actor_charge_events, Unset):
            actor_charge_events = self.actor_charge_events.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if actor_charge_events is not UNSET:
            field_dict["actorChargeEvents"] = actor_charge_events

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        _pop = d.pop
        _actor_charge_events = _pop("actorChargeEvents", UNSET)
        actor_charge_events: ActorChargeEvents | Unset
        if isinstance(_actor_charge_events, Unset):
            actor_charge_events = UNSET
        else:
            actor_charge_events = ActorChargeEvents.from_dict(_actor_charge_events)

        pricing_per_event = cls(
            actor_charge_events,
        )

        pricing_per_event.additional_properties = d
        return pricing_per_event

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


from ..models.actor_charge_events import ActorChargeEvents  # noqa: E402
