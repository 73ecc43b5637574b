from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Literal, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="PayPerEventPricing")


@_attrs_define
class PayPerEventPricing:
    """Each event that the Actor reports has a price."""

    pricing_model: Literal["PAY_PER_EVENT"]
    """ Always `PAY_PER_EVENT`. """
    pricing_per_event: PricingPerEvent
    """ The events that an Actor charges for. """
    apify_margin_percentage: float | Unset = UNSET
    """ The platform's share of what the Actor earns, from 0, nothing, to 1, all of it. """
    created_at: datetime.datetime | Unset = UNSET
    """ When these terms were written down, in UTC. """
    started_at: datetime.datetime | Unset = UNSET
    """ Since when these terms apply, in UTC. """
    notified_about_future_change_at: datetime.datetime | None | Unset = UNSET
    """ When users were told that the terms would change, in UTC. Absent or null if they were not. """
    notified_about_change_at: datetime.datetime | None | Unset = UNSET
    """ When users were told that the terms had changed, in UTC. Absent or null if they were not. """
    reason_for_change: None | str | Unset = UNSET
    """ Why the terms changed, in the Actor's author's words. Absent or null if nothing was said. """
    minimal_max_total_charge_usd: float | None | Unset = UNSET
    """ The smallest `maxTotalChargeUsd` that a run of this Actor may be started with, in US dollars. Absent or null
    means any. """
    additional_properties: dict[str, Any] = _attrs_field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        pricing_model = self.pricing_model

        pricing_per_event = self.pricing_per_event.to_dict()

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

        notified_about_future_change_at: None | str | Unset
        if isinstance(self.notified_about_future_change_at, Unset):
            notified_about_future_change_at = UNSET
        elif isinstance(self.notified_about_future_change_at, datetime.datetime):
            notified_about_future_change_at = self.notified_about_future_change_at.isoformat(
                timespec="microseconds" if self.notified_about_future_change_at.microsecond % 1000 else "milliseconds"
            ).replace("+00:00", "Z")
        else:
            notified_about_future_change_at = self.notified_about_future_change_at

        notified_about_change_at: None | str | Unset
        if isinstance(self.notified_about_change_at, Unset):
            notified_about_change_at = UNSET
        elif isinstance(self.notified_about_change_at, datetime.datetime):
            notified_about_change_at = self.notified_about_change_at.isoformat(
                timespec="microseconds" if self.notified_about_change_at.microsecond % 1000 else "milliseconds"
            ).replace("+00:00", "Z")
        else:
            notified_about_change_at = self.notified_about_change_at

        reason_for_change: None | str | Unset
        if isinstance(self.reason_for_change, Unset):
            reason_for_change = UNSET
        else:
            reason_for_change = self.reason_for_change

        minimal_max_total_charge_usd: float | None | Unset
        if isinstance(self.minimal_max_total_charge_usd, Unset):
            minimal_max_total_charge_usd = UNSET
        else:
            minimal_max_total_charge_usd = self.minimal_max_total_charge_usd

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "pricingModel": pricing_model,
                "pricingPerEvent": pricing_per_event,
            }
        )
        if apify_margin_percentage is not UNSET:
            field_dict["apifyMarginPercentage"] = apify_margin_percentage
        if created_at is not UNSET:
            field_dict["createdAt"] = created_at
        if started_at is not UNSET:
            field_dict["startedAt"] = started_at
        if notified_about_future_change_at is not UNSET:
            field_dict["notifiedAboutFutureChangeAt"] = notified_about_future_change_at
        if notified_about_change_at is not UNSET:
            field_dict["notifiedAboutChangeAt"] = notified_about_change_at
        if reason_for_change is not UNSET:
            field_dict["reasonForChange"] = reason_for_change
        if minimal_max_total_charge_usd is not UNSET:
            field_dict["minimalMaxTotalChargeUsd"] = minimal_max_total_charge_usd

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        _pop = d.pop
        pricing_model = cast(Literal["PAY_PER_EVENT"], _pop("pricingModel"))
        if pricing_model != "PAY_PER_EVENT":
            raise ValueError(f"pricingModel must match const 'PAY_PER_EVENT', got '{pricing_model}'")

        pricing_per_event = PricingPerEvent.from_dict(_pop("pricingPerEvent"))

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

        _notified_about_future_change_at = _pop("notifiedAboutFutureChangeAt", UNSET)
        notified_about_future_change_at: datetime.datetime | None | Unset
        if _notified_about_future_change_at is None or _notified_about_future_change_at is UNSET:
            notified_about_future_change_at = _notified_about_future_change_at
        else:
            notified_about_future_change_at_type_0 = datetime.datetime.fromisoformat(_notified_about_future_change_at)

            notified_about_future_change_at = notified_about_future_change_at_type_0

        _notified_about_change_at = _pop("notifiedAboutChangeAt", UNSET)
        notified_about_change_at: datetime.datetime | None | Unset
        if _notified_about_change_at is None or _notified_about_change_at is UNSET:
            notified_about_change_at = _notified_about_change_at
        else:
            notified_about_change_at_type_0 = datetime.datetime.fromisoformat(_notified_about_change_at)

            notified_about_change_at = notified_about_change_at_type_0

        reason_for_change: None | str | Unset = _pop("reasonForChange", UNSET)

        minimal_max_total_charge_usd: float | None | Unset = _pop("minimalMaxTotalChargeUsd", UNSET)

        pay_per_event_pricing = cls(
            pricing_model,
            pricing_per_event,
            apify_margin_percentage,
            created_at,
            started_at,
            notified_about_future_change_at,
            notified_about_change_at,
            reason_for_change,
            minimal_max_total_charge_usd,
        )

        pay_per_event_pricing.additional_properties = d
        return pay_per_event_pricing

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


from ..models.pricing_per_event import PricingPerEvent  # noqa: E402
