from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.run_general_access import RunGeneralAccess, check_run_general_access
from ..types import UNSET, Unset

T = TypeVar("T", bound="UpdateRunRequest")


@_attrs_define
class UpdateRunRequest:
    """A status message for a run. The documents want both the id and the message; servers are known to do without the id,
    since the path has it.

    """

    run_id: str
    """ Id of the run, the same as in the path. """
    status_message: str
    """ The message to show. It replaces the one before. """
    is_status_message_terminal: bool | Unset = UNSET
    """ Whether this is the very last message of the run. Absent means that it is not known to be. """
    general_access: RunGeneralAccess | Unset = UNSET
    """ Who may read a run.

    | value | meaning |
    |---|---|
    | `FOLLOW_USER_SETTING` | whoever the owner's account setting lets |
    | `ANYONE_WITH_ID_CAN_READ` | whoever knows the run's id |
    | `RESTRICTED` | only who was given access |
     """
    additional_properties: dict[str, Any] = _attrs_field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        run_id = self.run_id

        status_message = self.status_message

        is_status_message_terminal = self.is_status_message_terminal

        general_access: str | Unset = UNSET
        if not isinstance(self.general_access, Unset):
            general_access = self.general_access

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "runId": run_id,
                "statusMessage": status_message,
            }
        )
        if is_status_message_terminal is not UNSET:
            field_dict["isStatusMessageTerminal"] = is_status_message_terminal
        if general_access is not UNSET:
            field_dict["generalAccess"] = general_access

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        _pop = d.pop
        run_id = _pop("runId")

        status_message = _pop("statusMessage")

        is_status_message_terminal = _pop("isStatusMessageTerminal", UNSET)

        _general_access = _pop("generalAccess", UNSET)
        general_access: RunGeneralAccess | Unset
        if isinstance(_general_access, Unset):
            general_access = UNSET
        else:
            general_access = check_run_general_access(_general_access)

        update_run_request = cls(
            run_id,
            status_message,
            is_status_message_terminal,
            general_access,
        )

        update_run_request.additional_properties = d
        return update_run_request

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
