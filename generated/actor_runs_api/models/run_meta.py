from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.run_origin import RunOrigin, check_run_origin
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
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

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
            scheduled_at = self.scheduled_at.isoformat()
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

        def _parse_origin(data: object) -> RunOrigin | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                origin_type_0 = check_run_origin(data)

                return origin_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(RunOrigin | str, data)

        origin = _parse_origin(d.pop("origin"))

        def _parse_client_ip(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        client_ip = _parse_client_ip(d.pop("clientIp", UNSET))

        def _parse_user_agent(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        user_agent = _parse_user_agent(d.pop("userAgent", UNSET))

        def _parse_schedule_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        schedule_id = _parse_schedule_id(d.pop("scheduleId", UNSET))

        def _parse_scheduled_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                scheduled_at_type_0 = datetime.datetime.fromisoformat(data)

                return scheduled_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        scheduled_at = _parse_scheduled_at(d.pop("scheduledAt", UNSET))

        run_meta = cls(
            origin=origin,
            client_ip=client_ip,
            user_agent=user_agent,
            schedule_id=schedule_id,
            scheduled_at=scheduled_at,
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
