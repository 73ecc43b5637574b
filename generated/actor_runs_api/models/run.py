from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.run_general_access import RunGeneralAccess
from ..models.run_status import RunStatus
from ..types import UNSET, Unset

T = TypeVar("T", bound="Run")


@_attrs_define
class Run:
    """One execution of an Actor. Twelve properties are always there; any other may be left out, or be `null` where that is
    listed.

    """

    id: str
    """ Id of the run. Never changes. """
    act_id: str
    """ Id of the Actor that runs, also where the Actor was addressed by its name. Never changes. """
    user_id: str
    """ Id of the user who started the run. Never changes. """
    started_at: datetime.datetime
    """ When the run was created, in UTC, also while it waits to be started. Never changes. """
    status: RunStatus | str
    """ Where the run is in its life. Eight values are known; a reader takes any other for one that is new to it.
    """
    meta: RunMeta
    """ How a run came about. """
    stats: RunStats
    """ Counters and measurements of a run. Each may be absent, counters where they are 0 and measurements before
    there is anything to measure. """
    options: RunOptions
    """ The options of a run, after those of the request, the task and the Actor have been put together. """
    build_id: str
    """ Id of the build that runs. """
    default_key_value_store_id: str
    """ Id of the run's own key-value store, which holds its input. Never changes. """
    default_dataset_id: str
    """ Id of the run's own dataset, where results usually are. Never changes. """
    default_request_queue_id: str
    """ Id of the run's own request queue. Never changes. """
    actor_task_id: None | str | Unset = UNSET
    """ Id of the task that the run was started from. Absent or null if it was not started from a task. """
    finished_at: datetime.datetime | None | Unset = UNSET
    """ When the run reached its terminal status, in UTC. Absent or null before. """
    status_message: None | str | Unset = UNSET
    """ What the run last said about itself, or what the platform says in its stead. Absent or null if neither has
    said anything. """
    is_status_message_terminal: bool | None | Unset = UNSET
    """ Whether the status message is the last one, which nothing replaces by itself. Absent or null if nobody has
    said so. """
    pricing_info: (
        FlatPricePerMonthPricing
        | FreePricing
        | None
        | OtherPricing
        | PayPerEventPricing
        | PricePerDatasetItemPricing
        | Unset
    ) = UNSET
    """ How the Actor is charged for in this run. Absent or null if only the use of the platform is charged. """
    charged_event_counts: ChargedEventCounts | None | Unset = UNSET
    """ How often each event has been charged. Absent or null unless the Actor charges by event. """
    exit_code: int | None | Unset = UNSET
    """ What the Actor's process ended with; 0 is a success. Absent or null until it has ended. Where it was stopped
    from outside, by an abort or its timeout, it may be anything or absent or null. """
    general_access: None | RunGeneralAccess | str | Unset = UNSET
    """ Who may read the run without being its owner. Absent or null means that the owner's account setting decides.
    """
    storage_ids: None | RunStorageIds | Unset = UNSET
    """ All storages of the run by kind and alias. Absent or null where the server knows only the default ones. """
    build_number: None | str | Unset = UNSET
    """ Number of the build that runs, two or three numbers with dots between. Absent or null if not known. """
    container_url: None | str | Unset = UNSET
    """ Where the web server inside the run's container is reached. Absent or null if there is none, or no longer.
    """
    is_container_server_ready: bool | None | Unset = UNSET
    """ Whether the web server inside the container takes requests. Absent or null if not known. """
    git_branch_name: None | str | Unset = UNSET
    """ Git branch that the build was made from. Absent or null if it was not made from Git. """
    usage: None | RunUsage | Unset = UNSET
    """ How much of the platform the run has used, in the unit of each resource. Absent or null for callers who do
    not pay for it. """
    usage_total_usd: float | None | Unset = UNSET
    """ What the run has cost so far, in US dollars. Hidden, that is absent or null, without a token. Preliminary
    until some 10 seconds after the run's end. """
    usage_usd: None | RunUsageUsd | Unset = UNSET
    """ What the use of each resource has cost, in US dollars. Hidden, that is absent or null, without a token and
    from callers who do not pay for it. """
    metamorphs: list[RunMetamorph] | None | Unset = UNSET
    """ The transformations of the run into other Actors, oldest first. Absent or null if there were none. """
    platform_usage_billing_model: None | str | Unset = UNSET
    """ Who pays for the use of the platform, for instance `USER` or `DEVELOPER`. Absent or null where it is not
    told. """
    additional_properties: dict[str, Any] = _attrs_field(factory=dict, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        act_id = self.act_id

        user_id = self.user_id

        started_at = self.started_at.isoformat(
            timespec="microseconds" if self.started_at.microsecond % 1000 else "milliseconds"
        ).replace("+00:00", "Z")

        status: str
        if isinstance(self.status, str):
            status = self.status
        else:
            status = self.status

        meta = self.meta.to_dict()

        stats = self.stats.to_dict()

        options = self.options.to_dict()

        build_id = self.build_id

        default_key_value_store_id = self.default_key_value_store_id

        default_dataset_id = self.default_dataset_id

        default_request_queue_id = self.default_request_queue_id

        actor_task_id: None | str | Unset
        if isinstance(self.actor_task_id, Unset):
            actor_task_id = UNSET
        else:
            actor_task_id = self.actor_task_id

        finished_at: None | str | Unset
        if isinstance(self.finished_at, Unset):
            finished_at = UNSET
        elif isinstance(self.finished_at, datetime.datetime):
            finished_at = self.finished_at.isoformat(
                timespec="microseconds" if self.finished_at.microsecond % 1000 else "milliseconds"
            ).replace("+00:00", "Z")
        else:
            finished_at = self.finished_at

        status_message: None | str | Unset
        if isinstance(self.status_message, Unset):
            status_message = UNSET
        else:
            status_message = self.status_message

        is_status_message_terminal: bool | None | Unset
        if isinstance(self.is_status_message_terminal, Unset):
            is_status_message_terminal = UNSET
        else:
            is_status_message_terminal = self.is_status_message_terminal

        pricing_info: dict[str, Any] | None | Unset
        if isinstance(self.pricing_info, Unset):
            pricing_info = UNSET
        elif isinstance(self.pricing_info, PayPerEventPricing):
            pricing_info = self.pricing_info.to_dict()
        elif isinstance(self.pricing_info, PricePerDatasetItemPricing):
            pricing_info = self.pricing_info.to_dict()
        elif isinstance(self.pricing_info, FlatPricePerMonthPricing):
            pricing_info = self.pricing_info.to_dict()
        elif isinstance(self.pricing_info, FreePricing):
            pricing_info = self.pricing_info.to_dict()
        elif isinstance(self.pricing_info, OtherPricing):
            pricing_info = self.pricing_info.to_dict()
        else:
            pricing_info = self.pricing_info

        charged_event_counts: dict[str, Any] | None | Unset
        if isinstance(self.charged_event_counts, Unset):
            charged_event_counts = UNSET
        elif isinstance(self.charged_event_counts, ChargedEventCounts):
            charged_event_counts = self.charged_event_counts.to_dict()
        else:
            charged_event_counts = self.charged_event_counts

        exit_code: int | None | Unset
        if isinstance(self.exit_code, Unset):
            exit_code = UNSET
        else:
            exit_code = self.exit_code

        general_access: None | str | Unset
        if isinstance(self.general_access, Unset):
            general_access = UNSET
        elif isinstance(self.general_access, str):
            general_access = self.general_access
        else:
            general_access = self.general_access

        storage_ids: dict[str, Any] | None | Unset
        if isinstance(self.storage_ids, Unset):
            storage_ids = UNSET
        elif isinstance(self.storage_ids, RunStorageIds):
            storage_ids = self.storage_ids.to_dict()
        else:
            storage_ids = self.storage_ids

        build_number: None | str | Unset
        if isinstance(self.build_number, Unset):
            build_number = UNSET
        else:
            build_number = self.build_number

        container_url: None | str | Unset
        if isinstance(self.container_url, Unset):
            container_url = UNSET
        else:
            container_url = self.container_url

        is_container_server_ready: bool | None | Unset
        if isinstance(self.is_container_server_ready, Unset):
            is_container_server_ready = UNSET
        else:
            is_container_server_ready = self.is_container_server_ready

        git_branch_name: None | str | Unset
        if isinstance(self.git_branch_name, Unset):
            git_branch_name = UNSET
        else:
            git_branch_name = self.git_branch_name

        usage: dict[str, Any] | None | Unset
        if isinstance(self.usage, Unset):
            usage = UNSET
        elif isinstance(self.usage, RunUsage):
            usage = self.usage.to_dict()
        else:
            usage = self.usage

        usage_total_usd: float | None | Unset
        if isinstance(self.usage_total_usd, Unset):
            usage_total_usd = UNSET
        else:
            usage_total_usd = self.usage_total_usd

        usage_usd: dict[str, Any] | None | Unset
        if isinstance(self.usage_usd, Unset):
            usage_usd = UNSET
        elif isinstance(self.usage_usd, RunUsageUsd):
            usage_usd = self.usage_usd.to_dict()
        else:
            usage_usd = self.usage_usd

        metamorphs: list[dict[str, Any]] | None | Unset
        if isinstance(self.metamorphs, Unset):
            metamorphs = UNSET
        elif isinstance(self.metamorphs, list):
            metamorphs = []
            for metamorphs_type_0_item_data in self.metamorphs:
                metamorphs_type_0_item = metamorphs_type_0_item_data.to_dict()
                metamorphs.append(metamorphs_type_0_item)

        else:
            metamorphs = self.metamorphs

        platform_usage_billing_model: None | str | Unset
        if isinstance(self.platform_usage_billing_model, Unset):
            platform_usage_billing_model = UNSET
        else:
            platform_usage_billing_model = self.platform_usage_billing_model

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "actId": act_id,
                "userId": user_id,
                "startedAt": started_at,
                "status": status,
                "meta": meta,
                "stats": stats,
                "options": options,
                "buildId": build_id,
                "defaultKeyValueStoreId": default_key_value_store_id,
                "defaultDatasetId": default_dataset_id,
                "defaultRequestQueueId": default_request_queue_id,
            }
        )
        if actor_task_id is not UNSET:
            field_dict["actorTaskId"] = actor_task_id
        if finished_at is not UNSET:
            field_dict["finishedAt"] = finished_at
        if status_message is not UNSET:
            field_dict["statusMessage"] = status_message
        if is_status_message_terminal is not UNSET:
            field_dict["isStatusMessageTerminal"] = is_status_message_terminal
        if pricing_info is not UNSET:
            field_dict["pricingInfo"] = pricing_info
        if charged_event_counts is not UNSET:
            field_dict["chargedEventCounts"] = charged_event_counts
        if exit_code is not UNSET:
            field_dict["exitCode"] = exit_code
        if general_access is not UNSET:
            field_dict["generalAccess"] = general_access
        if storage_ids is not UNSET:
            field_dict["storageIds"] = storage_ids
        if build_number is not UNSET:
            field_dict["buildNumber"] = build_number
        if container_url is not UNSET:
            field_dict["containerUrl"] = container_url
        if is_container_server_ready is not UNSET:
            field_dict["isContainerServerReady"] = is_container_server_ready
        if git_branch_name is not UNSET:
            field_dict["gitBranchName"] = git_branch_name
        if usage is not UNSET:
            field_dict["usage"] = usage
        if usage_total_usd is not UNSET:
            field_dict["usageTotalUsd"] = usage_total_usd
        if usage_usd is not UNSET:
            field_dict["usageUsd"] = usage_usd
        if metamorphs is not UNSET:
            field_dict["metamorphs"] = metamorphs
        if platform_usage_billing_model is not UNSET:
            field_dict["platformUsageBillingModel"] = platform_usage_billing_model

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        _pop = d.pop
        id = _pop("id")

        act_id = _pop("actId")

        user_id = _pop("userId")

        started_at = datetime.datetime.fromisoformat(_pop("startedAt"))

        status: RunStatus | str = _pop("status")

        meta = RunMeta.from_dict(_pop("meta"))

        stats = RunStats.from_dict(_pop("stats"))

        options = RunOptions.from_dict(_pop("options"))

        build_id = _pop("buildId")

        default_key_value_store_id = _pop("defaultKeyValueStoreId")

        default_dataset_id = _pop("defaultDatasetId")

        default_request_queue_id = _pop("defaultRequestQueueId")

        actor_task_id: None | str | Unset = _pop("actorTaskId", UNSET)

        _finished_at = _pop("finishedAt", UNSET)
        finished_at: datetime.datetime | None | Unset
        if _finished_at is None or _finished_at is UNSET:
            finished_at = _finished_at
        else:
            finished_at_type_0 = datetime.datetime.fromisoformat(_finished_at)

            finished_at = finished_at_type_0

        status_message: None | str | Unset = _pop("statusMessage", UNSET)

        is_status_message_terminal: bool | None | Unset = _pop("isStatusMessageTerminal", UNSET)

        def _parse_pricing_info(
            data: object,
        ) -> (
            FlatPricePerMonthPricing
            | FreePricing
            | None
            | OtherPricing
            | PayPerEventPricing
            | PricePerDatasetItemPricing
            | Unset
        ):
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                componentsschemas_pricing_info_type_0 = PayPerEventPricing.from_dict(data)

                return componentsschemas_pricing_info_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                componentsschemas_pricing_info_type_1 = PricePerDatasetItemPricing.from_dict(data)

                return componentsschemas_pricing_info_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                componentsschemas_pricing_info_type_2 = FlatPricePerMonthPricing.from_dict(data)

                return componentsschemas_pricing_info_type_2
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                componentsschemas_pricing_info_type_3 = FreePricing.from_dict(data)

                return componentsschemas_pricing_info_type_3
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                componentsschemas_pricing_info_type_4 = OtherPricing.from_dict(data)

                return componentsschemas_pricing_info_type_4
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(
                FlatPricePerMonthPricing
                | FreePricing
                | None
                | OtherPricing
                | PayPerEventPricing
                | PricePerDatasetItemPricing
                | Unset,
                data,
            )

        pricing_info = _parse_pricing_info(_pop("pricingInfo", UNSET))

        _charged_event_counts = _pop("chargedEventCounts", UNSET)
        charged_event_counts: ChargedEventCounts | None | Unset
        if _charged_event_counts is None or _charged_event_counts is UNSET:
            charged_event_counts = _charged_event_counts
        else:
            charged_event_counts_type_0 = ChargedEventCounts.from_dict(_charged_event_counts)

            charged_event_counts = charged_event_counts_type_0

        exit_code: int | None | Unset = _pop("exitCode", UNSET)

        general_access: None | RunGeneralAccess | str | Unset = _pop("generalAccess", UNSET)

        _storage_ids = _pop("storageIds", UNSET)
        storage_ids: None | RunStorageIds | Unset
        if _storage_ids is None or _storage_ids is UNSET:
            storage_ids = _storage_ids
        else:
            storage_ids_type_0 = RunStorageIds.from_dict(_storage_ids)

            storage_ids = storage_ids_type_0

        build_number: None | str | Unset = _pop("buildNumber", UNSET)

        container_url: None | str | Unset = _pop("containerUrl", UNSET)

        is_container_server_ready: bool | None | Unset = _pop("isContainerServerReady", UNSET)

        git_branch_name: None | str | Unset = _pop("gitBranchName", UNSET)

        _usage = _pop("usage", UNSET)
        usage: None | RunUsage | Unset
        if _usage is None or _usage is UNSET:
            usage = _usage
        else:
            usage_type_0 = RunUsage.from_dict(_usage)

            usage = usage_type_0

        usage_total_usd: float | None | Unset = _pop("usageTotalUsd", UNSET)

        _usage_usd = _pop("usageUsd", UNSET)
        usage_usd: None | RunUsageUsd | Unset
        if _usage_usd is None or _usage_usd is UNSET:
            usage_usd = _usage_usd
        else:
            usage_usd_type_0 = RunUsageUsd.from_dict(_usage_usd)

            usage_usd = usage_usd_type_0

        _metamorphs = _pop("metamorphs", UNSET)
        metamorphs: list[RunMetamorph] | None | Unset
        if _metamorphs is None or _metamorphs is UNSET:
            metamorphs = _metamorphs
        else:
            metamorphs_type_0 = []
            _metamorphs_type_0 = _metamorphs
            for metamorphs_type_0_item_data in _metamorphs_type_0:
                metamorphs_type_0_item = RunMetamorph.from_dict(metamorphs_type_0_item_data)

                metamorphs_type_0.append(metamorphs_type_0_item)

            metamorphs = metamorphs_type_0

        platform_usage_billing_model: None | str | Unset = _pop("platformUsageBillingModel", UNSET)

        run = cls(
            id,
            act_id,
            user_id,
            started_at,
            status,
            meta,
            stats,
            options,
            build_id,
            default_key_value_store_id,
            default_dataset_id,
            default_request_queue_id,
            actor_task_id,
            finished_at,
            status_message,
            is_status_message_terminal,
            pricing_info,
            charged_event_counts,
            exit_code,
            general_access,
            storage_ids,
            build_number,
            container_url,
            is_container_server_ready,
            git_branch_name,
            usage,
            usage_total_usd,
            usage_usd,
            metamorphs,
            platform_usage_billing_model,
        )

        run.additional_properties = d
        return run

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


from ..models.charged_event_counts import ChargedEventCounts  # noqa: E402
from ..models.flat_price_per_month_pricing import FlatPricePerMonthPricing  # noqa: E402
from ..models.free_pricing import FreePricing  # noqa: E402
from ..models.other_pricing import OtherPricing  # noqa: E402
from ..models.pay_per_event_pricing import PayPerEventPricing  # noqa: E402
from ..models.price_per_dataset_item_pricing import PricePerDatasetItemPricing  # noqa: E402
from ..models.run_meta import RunMeta  # noqa: E402
from ..models.run_metamorph import RunMetamorph  # noqa: E402
from ..models.run_options import RunOptions  # noqa: E402
from ..models.run_stats import RunStats  # noqa: E402
from ..models.run_storage_ids import RunStorageIds  # noqa: E402
from ..models.run_usage import RunUsage  # noqa: E402
from ..models.run_usage_usd import RunUsageUsd  # noqa: E402
