from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="RunOptions")


@_attrs_define
class RunOptions:
    """The options of a run, after those of the request, the task and the Actor have been put together."""

    build: str
    """ The build that was asked for, by tag or number. """
    timeout_secs: float
    """ How long the run may take, in seconds. """
    memory_mbytes: int
    """ Memory of the run in megabytes, a power of two from 128 on. """
    disk_mbytes: int
    """ Disk space of the run in megabytes, usually twice its memory. """
    max_items: float | None | Unset = UNSET
    """ How many dataset items are charged for at most. Absent or null means without limit. """
    max_total_charge_usd: float | None | Unset = UNSET
    """ What the run may cost at most, in US dollars. Absent or null means without limit. """
    restart_on_error: bool | None | Unset = UNSET
    """ Whether the run is restarted when it fails. Not every server tells; absent or null says nothing. """
    additional_properties: dict[str, Any] = _attrs_field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        build = self.build

        timeout_secs = self.timeout_secs

        memory_mbytes = self.memory_mbytes

        disk_mbytes = self.disk_mbytes

        max_items: float | None | Unset
        if isinstance(self.max_items, Unset):
            max_items = UNSET
        else:
            max_items = self.max_items

        max_total_charge_usd: float | None | Unset
        if isinstance(self.max_total_charge_usd, Unset):
            max_total_charge_usd = UNSET
        else:
            max_total_charge_usd = self.max_total_charge_usd

        restart_on_error: bool | None | Unset
        if isinstance(self.restart_on_error, Unset):
            restart_on_error = UNSET
        else:
            restart_on_error = self.restart_on_error

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "build": build,
                "timeoutSecs": timeout_secs,
                "memoryMbytes": memory_mbytes,
                "diskMbytes": disk_mbytes,
            }
        )
        if max_items is not UNSET:
            field_dict["maxItems"] = max_items
        if max_total_charge_usd is not UNSET:
            field_dict["maxTotalChargeUsd"] = max_total_charge_usd
        if restart_on_error is not UNSET:
            field_dict["restartOnError"] = restart_on_error

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        _pop = d.pop
        build = _pop("build")

        timeout_secs = _pop("timeoutSecs")

        memory_mbytes = _pop("memoryMbytes")

        disk_mbytes = _pop("diskMbytes")

        max_items: float | None | Unset = _pop("maxItems", UNSET)

        max_total_charge_usd: float | None | Unset = _pop("maxTotalChargeUsd", UNSET)

        restart_on_error: bool | None | Unset = _pop("restartOnError", UNSET)

        run_options = cls(
            build,
            timeout_secs,
            memory_mbytes,
            disk_mbytes,
            max_items,
            max_total_charge_usd,
            restart_on_error,
        )

        run_options.additional_properties = d
        return run_options

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
