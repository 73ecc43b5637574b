from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="RunMetamorph")


@_attrs_define
class RunMetamorph:
    """The transformation of a run into another Actor, by which it stays the same run."""

    created_at: datetime.datetime
    """ When it happened, in UTC. """
    actor_id: str
    """ Id of the Actor that the run turned into. """
    build_id: str
    """ Id of the build that the run turned into. """
    input_key: None | str | Unset = UNSET
    """ Key under which the new Actor finds its input in the run's key-value store. Absent or null if it gets none.
    """
    additional_properties: dict[str, Any] = _attrs_field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        created_at = self.created_at.isoformat(
            timespec="microseconds" if self.created_at.microsecond % 1000 else "milliseconds"
        ).replace("+00:00", "Z")

        actor_id = self.actor_id

        build_id = self.build_id

        input_key: None | str | Unset
        if isinstance(self.input_key, Unset):
            input_key = UNSET
        else:
            input_key = self.input_key

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "createdAt": created_at,
                "actorId": actor_id,
                "buildId": build_id,
            }
        )
        if input_key is not UNSET:
            field_dict["inputKey"] = input_key

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        _pop = d.pop
        created_at = datetime.datetime.fromisoformat(_pop("createdAt"))

        actor_id = _pop("actorId")

        build_id = _pop("buildId")

        input_key: None | str | Unset = _pop("inputKey", UNSET)

        run_metamorph = cls(
            created_at,
            actor_id,
            build_id,
            input_key,
        )

        run_metamorph.additional_properties = d
        return run_metamorph

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
