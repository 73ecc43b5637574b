from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.run_origin import RunOrigin
from ..types import UNSET, Unset

T = TypeVar("T", bound="RunMeta")


@_attrs_define
class RunMeta:
    """How a run came about."""

    origin: RunOrigin | str
    """ What started the run. New origins appear from time to time. """
    client_ip: None | str | Unset = UNSET
    """ IP address that the run was started from. Absent or null if not known or not told. """
    user_agent: None | str | Unset = UNSET
    """ The `User-Agent` of the request that started the run. Absent or null if not known or not told. """
    schedule_id: None | str | Unset = UNSET
    """ Id of the schedule that started the run. Absent or null if none did. """
    scheduled_at: datetime.datetime | None | Unset = UNSET
    """ When the schedule was due, in UTC. Absent or null if no schedule started the run. """
    additional_properties: dict[str, Any] = _attrs_field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        origin: str
        if isinstance(self.origin, str):
            origin = self.origin
        else:
            origin = self.origin

        client_ip: None | str | Unset
        if isinstance(self.client_ip, Unset):
            client_ip = UNSET
        else:
            client_ip = self.client_ip

        user_agent: None | str | Unset
        if isinstance(self.user_agent, Unset):
            user_agent = UNSET
        else:
            user_agent = self.user_agent

        schedule_id: None | str | Unset
        if isinstance(self.schedule_id, Unset):
            schedule_id = UNSET
        else:
            schedule_id = self.schedule_id

        scheduled_at: None | str | Unset
        if isinstance(self.scheduled_at, Unset):
            scheduled_at = UNSET
        elif isinstance(self.scheduled_at, datetime.datetime):
            scheduled_at = self.scheduled_at.isoformat(
                timespec="microseconds" if self.scheduled_at.microsecond % 1000 else "milliseconds"
            ).replace("+00:00", "Z")
        else:
            scheduled_at = self.scheduled_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "origin": origin,
            }
        )
        if client_ip is not UNSET:
            field_dict["clientIp"] = client_ip
        if user_agent is not UNSET:
            field_dict["userAgent"] = user_agent
        if schedule_id is not UNSET:
            field_dict["scheduleId"] = schedule_id
        if scheduled_at is not UNSET:
            field_dict["scheduledAt"] = scheduled_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        _pop = d.pop
        origin: RunOrigin | str = _pop("origin")

        client_ip: None | str | Unset = _pop("clientIp", UNSET)

        user_agent: None | str | Unset = _pop("userAgent", UNSET)

        schedule_id: None | str | Unset = _pop("scheduleId", UNSET)

        _scheduled_at = _pop("scheduledAt", UNSET)
        scheduled_at: datetime.datetime | None | Unset
        if _scheduled_at is None or _scheduled_at is UNSET:
            scheduled_at = _scheduled_at
        else:
            scheduled_at_type_0 = datetime.datetime.fromisoformat(_scheduled_at)

            scheduled_at = scheduled_at_type_0

        run_meta = cls(
            origin,
            client_ip,
            user_agent,
            schedule_id,
            scheduled_at,
        )

        run_meta.additional_properties = d
        return run_meta

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
