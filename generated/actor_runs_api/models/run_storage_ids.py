from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="RunStorageIds")


@_attrs_define
class RunStorageIds:
    """All storages of a run, by kind. A kind that is absent is not told."""

    datasets: StorageAliases | Unset = UNSET
    """ Ids of storages by the alias that the run knows them under. """
    key_value_stores: StorageAliases | Unset = UNSET
    """ Ids of storages by the alias that the run knows them under. """
    request_queues: StorageAliases | Unset = UNSET
    """ Ids of storages by the alias that the run knows them under. """
    additional_properties: dict[str, Any] = _attrs_field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        datasets: dict[str, Any] | Unset = UNSET
        if not isinstance(self.datasets, Unset):
            datasets = self.datasets.to_dict()

        key_value_stores: dict[str, Any] | Unset = UNSET
        if not isinstance(self.key_value_stores, Unset):
            key_value_stores = self.key_value_stores.to_dict()

        request_queues: dict[str, Any] | Unset = UNSET
        if not isinstance(self.request_queues, Unset):
            request_queues = self.request_queues.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if datasets is not UNSET:
            field_dict["datasets"] = datasets
        if key_value_stores is not UNSET:
            field_dict["keyValueStores"] = key_value_stores
        if request_queues is not UNSET:
            field_dict["requestQueues"] = request_queues

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        _pop = d.pop
        _datasets = _pop("datasets", UNSET)
        datasets: StorageAliases | Unset
        if isinstance(_datasets, Unset):
            datasets = UNSET
        else:
            datasets = StorageAliases.from_dict(_datasets)

        _key_value_stores = _pop("keyValueStores", UNSET)
        key_value_stores: StorageAliases | Unset
        if isinstance(_key_value_stores, Unset):
            key_value_stores = UNSET
        else:
            key_value_stores = StorageAliases.from_dict(_key_value_stores)

        _request_queues = _pop("requestQueues", UNSET)
        request_queues: StorageAliases | Unset
        if isinstance(_request_queues, Unset):
            request_queues = UNSET
        else:
            request_queues = StorageAliases.from_dict(_request_queues)

        run_storage_ids = cls(
            datasets,
            key_value_stores,
            request_queues,
        )

        run_storage_ids.additional_properties = d
        return run_storage_ids

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


from ..models.storage_aliases import StorageAliases  # noqa: E402
