from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="RunUsage")


@_attrs_define
class RunUsage:
    """How much of each resource a run has used. A resource that is absent or null was not used or is not told."""

    actor_compute_units: float | None | Unset = UNSET
    """ Compute units; one is a gigabyte of memory for an hour. """
    dataset_reads: float | None | Unset = UNSET
    """ Reads from datasets. """
    dataset_writes: float | None | Unset = UNSET
    """ Writes to datasets. """
    key_value_store_reads: float | None | Unset = UNSET
    """ Reads from key-value stores. """
    key_value_store_writes: float | None | Unset = UNSET
    """ Writes to key-value stores. """
    key_value_store_lists: float | None | Unset = UNSET
    """ Listings of key-value stores. """
    request_queue_reads: float | None | Unset = UNSET
    """ Reads from request queues. """
    request_queue_writes: float | None | Unset = UNSET
    """ Writes to request queues. """
    data_transfer_internal_gbytes: float | None | Unset = UNSET
    """ Data moved inside the platform, in gigabytes. """
    data_transfer_external_gbytes: float | None | Unset = UNSET
    """ Data moved between the platform and the outside, in gigabytes. """
    proxy_residential_transfer_gbytes: float | None | Unset = UNSET
    """ Data moved through residential proxies, in gigabytes. """
    proxy_serps: float | None | Unset = UNSET
    """ Result pages of search engines fetched through proxies. """
    additional_properties: dict[str, Any] = _attrs_field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        actor_compute_units: float | None | Unset
        if isinstance(self.actor_compute_units, Unset):
            actor_compute_units = UNSET
        else:
            actor_compute_units = self.actor_compute_units

        dataset_reads: float | None | Unset
        if isinstance(self.dataset_reads, Unset):
            dataset_reads = UNSET
        else:
            dataset_reads = self.dataset_reads

        dataset_writes: float | None | Unset
        if isinstance(self.dataset_writes, Unset):
            dataset_writes = UNSET
        else:
            dataset_writes = self.dataset_writes

        key_value_store_reads: float | None | Unset
        if isinstance(self.key_value_store_reads, Unset):
            key_value_store_reads = UNSET
        else:
            key_value_store_reads = self.key_value_store_reads

        key_value_store_writes: float | None | Unset
        if isinstance(self.key_value_store_writes, Unset):
            key_value_store_writes = UNSET
        else:
            key_value_store_writes = self.key_value_store_writes

        key_value_store_lists: float | None | Unset
        if isinstance(self.key_value_store_lists, Unset):
            key_value_store_lists = UNSET
        else:
            key_value_store_lists = self.key_value_store_lists

        request_queue_reads: float | None | Unset
        if isinstance(self.request_queue_reads, Unset):
            request_queue_reads = UNSET
        else:
            request_queue_reads = self.request_queue_reads

        request_queue_writes: float | None | Unset
        if isinstance(self.request_queue_writes, Unset):
            request_queue_writes = UNSET
        else:
            request_queue_writes = self.request_queue_writes

        data_transfer_internal_gbytes: float | None | Unset
        if isinstance(self.data_transfer_internal_gbytes, Unset):
            data_transfer_internal_gbytes = UNSET
        else:
            data_transfer_internal_gbytes = self.data_transfer_internal_gbytes

        data_transfer_external_gbytes: float | None | Unset
        if isinstance(self.data_transfer_external_gbytes, Unset):
            data_transfer_external_gbytes = UNSET
        else:
            data_transfer_external_gbytes = self.data_transfer_external_gbytes

        proxy_residential_transfer_gbytes: float | None | Unset
        if isinstance(self.proxy_residential_transfer_gbytes, Unset):
            proxy_residential_transfer_gbytes = UNSET
        else:
            proxy_residential_transfer_gbytes = self.proxy_residential_transfer_gbytes

        proxy_serps: float | None | Unset
        if isinstance(self.proxy_serps, Unset):
            proxy_serps = UNSET
        else:
            proxy_serps = self.proxy_serps

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if actor_compute_units is not UNSET:
            field_dict["ACTOR_COMPUTE_UNITS"] = actor_compute_units
        if dataset_reads is not UNSET:
            field_dict["DATASET_READS"] = dataset_reads
        if dataset_writes is not UNSET:
            field_dict["DATASET_WRITES"] = dataset_writes
        if key_value_store_reads is not UNSET:
            field_dict["KEY_VALUE_STORE_READS"] = key_value_store_reads
        if key_value_store_writes is not UNSET:
            field_dict["KEY_VALUE_STORE_WRITES"] = key_value_store_writes
        if key_value_store_lists is not UNSET:
            field_dict["KEY_VALUE_STORE_LISTS"] = key_value_store_lists
        if request_queue_reads is not UNSET:
            field_dict["REQUEST_QUEUE_READS"] = request_queue_reads
        if request_queue_writes is not UNSET:
            field_dict["REQUEST_QUEUE_WRITES"] = request_queue_writes
        if data_transfer_internal_gbytes is not UNSET:
            field_dict["DATA_TRANSFER_INTERNAL_GBYTES"] = data_transfer_internal_gbytes
        if data_transfer_external_gbytes is not UNSET:
            field_dict["DATA_TRANSFER_EXTERNAL_GBYTES"] = data_transfer_external_gbytes
        if proxy_residential_transfer_gbytes is not UNSET:
            field_dict["PROXY_RESIDENTIAL_TRANSFER_GBYTES"] = proxy_residential_transfer_gbytes
        if proxy_serps is not UNSET:
            field_dict["PROXY_SERPS"] = proxy_serps

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        _pop = d.pop
        actor_compute_units: float | None | Unset = _pop("ACTOR_COMPUTE_UNITS", UNSET)

        dataset_reads: float | None | Unset = _pop("DATASET_READS", UNSET)

        dataset_writes: float | None | Unset = _pop("DATASET_WRITES", UNSET)

        key_value_store_reads: float | None | Unset = _pop("KEY_VALUE_STORE_READS", UNSET)

        key_value_store_writes: float | None | Unset = _pop("KEY_VALUE_STORE_WRITES", UNSET)

        key_value_store_lists: float | None | Unset = _pop("KEY_VALUE_STORE_LISTS", UNSET)

        request_queue_reads: float | None | Unset = _pop("REQUEST_QUEUE_READS", UNSET)

        request_queue_writes: float | None | Unset = _pop("REQUEST_QUEUE_WRITES", UNSET)

        data_transfer_internal_gbytes: float | None | Unset = _pop("DATA_TRANSFER_INTERNAL_GBYTES", UNSET)

        data_transfer_external_gbytes: float | None | Unset = _pop("DATA_TRANSFER_EXTERNAL_GBYTES", UNSET)

        proxy_residential_transfer_gbytes: float | None | Unset = _pop("PROXY_RESIDENTIAL_TRANSFER_GBYTES", UNSET)

        proxy_serps: float | None | Unset = _pop("PROXY_SERPS", UNSET)

        run_usage = cls(
            actor_compute_units,
            dataset_reads,
            dataset_writes,
            key_value_store_reads,
            key_value_store_writes,
            key_value_store_lists,
            request_queue_reads,
            request_queue_writes,
            data_transfer_internal_gbytes,
            data_transfer_external_gbytes,
            proxy_residential_transfer_gbytes,
            proxy_serps,
        )

        run_usage.additional_properties = d
        return run_usage

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
