"""Contains all the data models used in inputs/outputs"""

from .actor_charge_event import ActorChargeEvent
from .actor_charge_events import ActorChargeEvents
from .charged_event_counts import ChargedEventCounts
from .error_data import ErrorData
from .error_detail import ErrorDetail
from .error_envelope import ErrorEnvelope
from .flat_price_per_month_pricing import FlatPricePerMonthPricing
from .free_pricing import FreePricing
from .other_pricing import OtherPricing
from .pay_per_event_pricing import PayPerEventPricing
from .price_per_dataset_item_pricing import PricePerDatasetItemPricing
from .pricing_change import PricingChange
from .pricing_per_event import PricingPerEvent
from .pricing_terms import PricingTerms
from .run import Run
from .run_envelope import RunEnvelope
from .run_general_access import RunGeneralAccess
from .run_meta import RunMeta
from .run_metamorph import RunMetamorph
from .run_options import RunOptions
from .run_origin import RunOrigin
from .run_stats import RunStats
from .run_status import RunStatus
from .run_storage_ids import RunStorageIds
from .run_usage import RunUsage
from .run_usage_usd import RunUsageUsd
from .storage_aliases import StorageAliases
from .task_input import TaskInput
from .tiered_event_price import TieredEventPrice
from .tiered_event_prices import TieredEventPrices
from .tiered_item_price import TieredItemPrice
from .tiered_item_prices import TieredItemPrices
from .update_run_request import UpdateRunRequest
from .webhook_definition import WebhookDefinition
from .webhook_event_type import WebhookEventType

__all__ = (
    "ActorChargeEvent",
    "ActorChargeEvents",
    "ChargedEventCounts",
    "ErrorData",
    "ErrorDetail",
    "ErrorEnvelope",
    "FlatPricePerMonthPricing",
    "FreePricing",
    "OtherPricing",
    "PayPerEventPricing",
    "PricePerDatasetItemPricing",
    "PricingChange",
    "PricingPerEvent",
    "PricingTerms",
    "Run",
    "RunEnvelope",
    "RunGeneralAccess",
    "RunMeta",
    "RunMetamorph",
    "RunOptions",
    "RunOrigin",
    "RunStats",
    "RunStatus",
    "RunStorageIds",
    "RunUsage",
    "RunUsageUsd",
    "StorageAliases",
    "TaskInput",
    "TieredEventPrice",
    "TieredEventPrices",
    "TieredItemPrice",
    "TieredItemPrices",
    "UpdateRunRequest",
    "WebhookDefinition",
    "WebhookEventType",
)
