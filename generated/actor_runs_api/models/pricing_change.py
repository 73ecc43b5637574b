from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="PricingChange")


@_attrs_define
class PricingChange:
    """What users were told of a change of the terms. Each may be absent, all are if there was none."""

    notified_about_future_change_at: datetime.datetime | None | Unset = UNSET
    """ When users were told that the terms would change, in UTC. Absent or null if they were not. """
    notified_about_change_at: datetime.datetime | None | Unset = UNSET
    """ When users were told that the terms had changed, in UTC. Absent or null if they were not. """
    reason_for_change: None | str | Unset = UNSET
    """ Why the terms changed, in the Actor's author's words. Absent or null if nothing was said. """
    additional_properties: dict[str, Any] = _attrs_field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
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

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if notified_about_future_change_at is not UNSET:
            field_dict["notifiedAboutFutureChangeAt"] = notified_about_future_change_at
        if notified_about_change_at is not UNSET:
            field_dict["notifiedAboutChangeAt"] = notified_about_change_at
        if reason_for_change is not UNSET:
            field_dict["reasonForChange"] = reason_for_change

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        _pop = d.pop
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

        pricing_change = cls(
            notified_about_future_change_at,
            notified_about_change_at,
            reason_for_change,
        )

        pricing_change.additional_properties = d
        return pricing_change

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
