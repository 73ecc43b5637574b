from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="RunStats")


@_attrs_define
class RunStats:
    """Counters and measurements of a run. Each may be absent, counters where they are 0 and measurements before there is
    anything to measure.

    """

    input_body_len: int | None | Unset = UNSET
    """ Length of the run's input in bytes. Absent or null if there is no input. """
    migration_count: int | Unset = UNSET
    """ How often the run has moved to another machine. """
    reboot_count: int | Unset = UNSET
    """ How often the run has been rebooted by request. """
    restart_count: int | Unset = UNSET
    """ How often the run has been restarted after an error. """
    resurrect_count: int | Unset = UNSET
    """ How often the run has been started again after its end. """
    mem_avg_bytes: float | Unset = UNSET
    """ Memory in use on average, in bytes. """
    mem_max_bytes: int | Unset = UNSET
    """ Memory in use at most, in bytes. """
    mem_current_bytes: int | Unset = UNSET
    """ Memory in use at the last measurement, in bytes. """
    cpu_avg_usage: float | Unset = UNSET
    """ Processor use on average, in percent of one core. """
    cpu_max_usage: float | Unset = UNSET
    """ Processor use at most, in percent of one core; above 100 with several cores. """
    cpu_current_usage: float | Unset = UNSET
    """ Processor use at the last measurement, in percent of one core. """
    net_rx_bytes: int | Unset = UNSET
    """ Bytes received over the network. """
    net_tx_bytes: int | Unset = UNSET
    """ Bytes sent over the network. """
    duration_millis: int | Unset = UNSET
    """ How long the run has been at work, in milliseconds, waiting left out. """
    run_time_secs: float | Unset = UNSET
    """ How long the run has been at work, in seconds, waiting left out. """
    metamorph: int | Unset = UNSET
    """ How often the run has turned into another Actor. """
    compute_units: float | Unset = UNSET
    """ Compute units used; one is a gigabyte of memory for an hour. """
    additional_properties: dict[str, Any] = _attrs_field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        input_body_len: int | None | Unset
        if isinstance(self.input_body_len, Unset):
            input_body_len = UNSET
        else:
            input_body_len = self.input_body_len

        migration_count = self.migration_count

        reboot_count = self.reboot_count

        restart_count = self.restart_count

        resurrect_count = self.resurrect_count

        mem_avg_bytes = self.mem_avg_bytes

        mem_max_bytes = self.mem_max_bytes

        mem_current_bytes = self.mem_current_bytes

        cpu_avg_usage = self.cpu_avg_usage

        cpu_max_usage = self.cpu_max_usage

        cpu_current_usage = self.cpu_current_usage

        net_rx_bytes = self.net_rx_bytes

        net_tx_bytes = self.net_tx_bytes

        duration_millis = self.duration_millis

        run_time_secs = self.run_time_secs

        metamorph = self.metamorph

        compute_units = self.compute_units

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if input_body_len is not UNSET:
            field_dict["inputBodyLen"] = input_body_len
        if migration_count is not UNSET:
            field_dict["migrationCount"] = migration_count
        if reboot_count is not UNSET:
            field_dict["rebootCount"] = reboot_count
        if restart_count is not UNSET:
            field_dict["restartCount"] = restart_count
        if resurrect_count is not UNSET:
            field_dict["resurrectCount"] = resurrect_count
        if mem_avg_bytes is not UNSET:
            field_dict["memAvgBytes"] = mem_avg_bytes
        if mem_max_bytes is not UNSET:
            field_dict["memMaxBytes"] = mem_max_bytes
        if mem_current_bytes is not UNSET:
            field_dict["memCurrentBytes"] = mem_current_bytes
        if cpu_avg_usage is not UNSET:
            field_dict["cpuAvgUsage"] = cpu_avg_usage
        if cpu_max_usage is not UNSET:
            field_dict["cpuMaxUsage"] = cpu_max_usage
        if cpu_current_usage is not UNSET:
            field_dict["cpuCurrentUsage"] = cpu_current_usage
        if net_rx_bytes is not UNSET:
            field_dict["netRxBytes"] = net_rx_bytes
        if net_tx_bytes is not UNSET:
            field_dict["netTxBytes"] = net_tx_bytes
        if duration_millis is not UNSET:
            field_dict["durationMillis"] = duration_millis
        if run_time_secs is not UNSET:
            field_dict["runTimeSecs"] = run_time_secs
        if metamorph is not UNSET:
            field_dict["metamorph"] = metamorph
        if compute_units is not UNSET:
            field_dict["computeUnits"] = compute_units

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        _pop = d.pop
        input_body_len: int | None | Unset = _pop("inputBodyLen", UNSET)

        migration_count = _pop("migrationCount", UNSET)

        reboot_count = _pop("rebootCount", UNSET)

        restart_count = _pop("restartCount", UNSET)

        resurrect_count = _pop("resurrectCount", UNSET)

        mem_avg_bytes = _pop("memAvgBytes", UNSET)

        mem_max_bytes = _pop("memMaxBytes", UNSET)

        mem_current_bytes = _pop("memCurrentBytes", UNSET)

        cpu_avg_usage = _pop("cpuAvgUsage", UNSET)

        cpu_max_usage = _pop("cpuMaxUsage", UNSET)

        cpu_current_usage = _pop("cpuCurrentUsage", UNSET)

        net_rx_bytes = _pop("netRxBytes", UNSET)

        net_tx_bytes = _pop("netTxBytes", UNSET)

        duration_millis = _pop("durationMillis", UNSET)

        run_time_secs = _pop("runTimeSecs", UNSET)

        metamorph = _pop("metamorph", UNSET)

        compute_units = _pop("computeUnits", UNSET)

        run_stats = cls(
            input_body_len,
            migration_count,
            reboot_count,
            restart_count,
            resurrect_count,
            mem_avg_bytes,
            mem_max_bytes,
            mem_current_bytes,
            cpu_avg_usage,
            cpu_max_usage,
            cpu_current_usage,
            net_rx_bytes,
            net_tx_bytes,
            duration_millis,
            run_time_secs,
            metamorph,
            compute_units,
        )

        run_stats.additional_properties = d
        return run_stats

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
