"""The contract's schemas, for a validator to read without YAML."""

from typing import Any

# The schema of each parameter, and of each property of a request's body, by its name.
PARAMETERS: dict[str, Any] = {
    "runId": {"type": "string", "description": "Id of the run, hard to guess.", "minLength": 1},
    "actorId": {
        "type": "string",
        "description": "Id of the Actor, `username~actor-name`, or `~actor-name`.",
        "minLength": 1,
    },
    "actorTaskId": {
        "type": "string",
        "description": "Id of the task, `username~task-name`, or `~task-name`.",
        "minLength": 1,
    },
    "waitForFinish": {
        "type": "number",
        "format": "double",
        "description": "Seconds to wait at most, from 0 to 60. Absent means 0, no waiting.",
        "minimum": 0,
        "maximum": 60,
        "default": 0,
    },
    "gracefully": {
        "type": "boolean",
        "description": "True, or 1, for an abort with notice; false, or 0, for an immediate one. Absent means false.",
        "default": False,
    },
    "timeout": {
        "type": "number",
        "format": "double",
        "description": "Seconds, 0 or more. Absent means what the task says.",
        "minimum": 0,
    },
    "memory": {
        "type": "number",
        "format": "double",
        "description": "Megabytes, a power of two, 128 or more. Absent means what the task says.",
        "minimum": 128,
        "multipleOf": 128,
    },
    "maxItems": {
        "type": "number",
        "format": "double",
        "description": "Items, 0 or more. Absent means without a limit of the caller.",
        "minimum": 0,
    },
    "maxTotalChargeUsd": {
        "type": "number",
        "format": "double",
        "description": "US dollars, 0 or more. Absent means without a limit of the caller.",
        "minimum": 0,
    },
    "restartOnError": {
        "type": "boolean",
        "description": "True, or 1, to restart a run that fails; false, or 0, not to.",
    },
    "build": {
        "type": "string",
        "description": "Build tag or build number. Absent means what the task says, typically `latest`.",
    },
    "webhooks": {
        "type": "string",
        "description": "Base64 (standard alphabet, padded) of the UTF-8 form of a JSON array of webhook definitions.",
        "contentEncoding": "base64",
        "contentMediaType": "application/json",
        "contentSchema": {"$ref": "#/components/schemas/WebhookDefinitions"},
        "pattern": "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
    },
    "statusMessage": {
        "type": "string",
        "description": "The message to show. It replaces the one before.",
        "examples": ["Actor has finished"],
    },
    "isStatusMessageTerminal": {
        "type": "boolean",
        "description": "Whether this is the very last message of the run. Absent means that it is not known to be.",
        "examples": [True],
    },
    "generalAccess": {
        "type": "string",
        "description": "Who may read the run, its default storages and its log, from within about a minute on. Absent means that it stays as it is.",
        "enum": ["FOLLOW_USER_SETTING", "ANYONE_WITH_ID_CAN_READ", "RESTRICTED"],
        "examples": ["RESTRICTED"],
    },
}

# All others, where references look for them.
COMPONENTS: dict[str, Any] = {
    "schemas": {
        "RunEnvelope": {
            "type": "object",
            "description": "What every success answers with.",
            "required": ["data"],
            "properties": {
                "data": {"$ref": "#/components/schemas/Run", "description": "The run that was asked for or acted on."}
            },
        },
        "Run": {
            "type": "object",
            "description": "One execution of an Actor. Twelve properties are always there; any other may be left out, or be `null` where that is listed.",
            "required": [
                "id",
                "actId",
                "userId",
                "startedAt",
                "status",
                "meta",
                "stats",
                "options",
                "buildId",
                "defaultKeyValueStoreId",
                "defaultDatasetId",
                "defaultRequestQueueId",
            ],
            "properties": {
                "id": {
                    "type": "string",
                    "description": "Id of the run. Never changes.",
                    "minLength": 1,
                    "examples": ["HG7ML7M8z78YcAPEB"],
                },
                "actId": {
                    "type": "string",
                    "description": "Id of the Actor that runs, also where the Actor was addressed by its name. Never changes.",
                    "minLength": 1,
                    "examples": ["HDSasDasz78YcAPEB", "janedoe~my-actor"],
                },
                "userId": {
                    "type": "string",
                    "description": "Id of the user who started the run. Never changes.",
                    "minLength": 1,
                    "examples": ["7sT5jcggjjA9fNcxF"],
                },
                "actorTaskId": {
                    "type": ["string", "null"],
                    "description": "Id of the task that the run was started from. Absent or null if it was not started from a task.",
                    "examples": ["KJHSKHausidyaJKHs"],
                },
                "startedAt": {
                    "type": "string",
                    "format": "date-time",
                    "description": "When the run was created, in UTC, also while it waits to be started. Never changes.",
                    "examples": ["2019-11-30T07:34:24.202Z"],
                },
                "finishedAt": {
                    "type": ["string", "null"],
                    "format": "date-time",
                    "description": "When the run reached its terminal status, in UTC. Absent or null before.",
                    "examples": ["2019-12-12T09:30:12.202Z"],
                },
                "status": {
                    "description": "Where the run is in its life. Eight values are known; a reader takes any other for one that is new to it.",
                    "anyOf": [
                        {"$ref": "#/components/schemas/RunStatus"},
                        {"type": "string", "description": "A status that this contract does not know.", "minLength": 1},
                    ],
                    "examples": ["READY", "RUNNING", "SUCCEEDED", "ABORTED"],
                },
                "statusMessage": {
                    "type": ["string", "null"],
                    "description": "What the run last said about itself, or what the platform says in its stead. Absent or null if neither has said anything.",
                    "examples": ["Actor is running", "Actor was aborted", "Actor has finished"],
                },
                "isStatusMessageTerminal": {
                    "type": ["boolean", "null"],
                    "description": "Whether the status message is the last one, which nothing replaces by itself. Absent or null if nobody has said so.",
                    "examples": [False],
                },
                "meta": {"$ref": "#/components/schemas/RunMeta", "description": "How the run came about."},
                "pricingInfo": {
                    "description": "How the Actor is charged for in this run. Absent or null if only the use of the platform is charged.",
                    "anyOf": [{"$ref": "#/components/schemas/PricingInfo"}, {"type": "null"}],
                },
                "stats": {
                    "$ref": "#/components/schemas/RunStats",
                    "description": "What the run has used and gone through so far. Figures settle some 10 seconds after its end.",
                },
                "chargedEventCounts": {
                    "description": "How often each event has been charged. Absent or null unless the Actor charges by event.",
                    "anyOf": [{"$ref": "#/components/schemas/ChargedEventCounts"}, {"type": "null"}],
                },
                "options": {
                    "$ref": "#/components/schemas/RunOptions",
                    "description": "The options that the run was started with, after all defaults.",
                },
                "buildId": {
                    "type": "string",
                    "description": "Id of the build that runs.",
                    "minLength": 1,
                    "examples": ["7sT5jcggjjA9fNcxF"],
                },
                "exitCode": {
                    "type": ["integer", "null"],
                    "description": "What the Actor's process ended with; 0 is a success. Absent or null until it has ended. Where it was stopped from outside, by an abort or its timeout, it may be anything or absent or null.",
                    "examples": [0],
                },
                "generalAccess": {
                    "description": "Who may read the run without being its owner. Absent or null means that the owner's account setting decides.",
                    "anyOf": [
                        {"$ref": "#/components/schemas/RunGeneralAccess"},
                        {
                            "type": "string",
                            "description": "A setting that this contract does not know.",
                            "minLength": 1,
                        },
                        {"type": "null"},
                    ],
                    "examples": ["RESTRICTED"],
                },
                "defaultKeyValueStoreId": {
                    "type": "string",
                    "description": "Id of the run's own key-value store, which holds its input. Never changes.",
                    "minLength": 1,
                    "examples": ["eJNzqsbPiopwJcgGQ"],
                },
                "defaultDatasetId": {
                    "type": "string",
                    "description": "Id of the run's own dataset, where results usually are. Never changes.",
                    "minLength": 1,
                    "examples": ["wmKPijuyDnPZAPRMk"],
                },
                "defaultRequestQueueId": {
                    "type": "string",
                    "description": "Id of the run's own request queue. Never changes.",
                    "minLength": 1,
                    "examples": ["FL35cSF7jrxr3BY39"],
                },
                "storageIds": {
                    "description": "All storages of the run by kind and alias. Absent or null where the server knows only the default ones.",
                    "anyOf": [{"$ref": "#/components/schemas/RunStorageIds"}, {"type": "null"}],
                },
                "buildNumber": {
                    "type": ["string", "null"],
                    "description": "Number of the build that runs, two or three numbers with dots between. Absent or null if not known.",
                    "examples": ["0.0.36", "0.2.2"],
                },
                "containerUrl": {
                    "type": ["string", "null"],
                    "format": "uri",
                    "description": "Where the web server inside the run's container is reached. Absent or null if there is none, or no longer.",
                    "examples": ["https://g8kd8kbc5ge8.runs.apify.net"],
                },
                "isContainerServerReady": {
                    "type": ["boolean", "null"],
                    "description": "Whether the web server inside the container takes requests. Absent or null if not known.",
                    "examples": [True],
                },
                "gitBranchName": {
                    "type": ["string", "null"],
                    "description": "Git branch that the build was made from. Absent or null if it was not made from Git.",
                    "examples": ["master"],
                },
                "usage": {
                    "description": "How much of the platform the run has used, in the unit of each resource. Absent or null for callers who do not pay for it.",
                    "anyOf": [{"$ref": "#/components/schemas/RunUsage"}, {"type": "null"}],
                },
                "usageTotalUsd": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "What the run has cost so far, in US dollars. Hidden, that is absent or null, without a token. Preliminary until some 10 seconds after the run's end.",
                    "examples": [0.2654],
                },
                "usageUsd": {
                    "description": "What the use of each resource has cost, in US dollars. Hidden, that is absent or null, without a token and from callers who do not pay for it.",
                    "anyOf": [{"$ref": "#/components/schemas/RunUsageUsd"}, {"type": "null"}],
                },
                "metamorphs": {
                    "type": ["array", "null"],
                    "description": "The transformations of the run into other Actors, oldest first. Absent or null if there were none.",
                    "items": {"$ref": "#/components/schemas/RunMetamorph"},
                },
                "platformUsageBillingModel": {
                    "type": ["string", "null"],
                    "description": "Who pays for the use of the platform, for instance `USER` or `DEVELOPER`. Absent or null where it is not told.",
                    "examples": ["USER"],
                },
            },
        },
        "RunStatus": {
            "type": "string",
            "description": "The known states of a run.\n\n| status | meaning |\n|---|---|\n| `READY` | created, waiting to be started |\n| `RUNNING` | at work |\n| `SUCCEEDED` | ended by itself with exit code 0 |\n| `FAILED` | ended by itself with another exit code |\n| `TIMING-OUT` | over its time, being stopped |\n| `TIMED-OUT` | stopped because its time was over |\n| `ABORTING` | being aborted |\n| `ABORTED` | stopped on request |\n\n`SUCCEEDED`, `FAILED`, `TIMED-OUT` and `ABORTED` are terminal: a run leaves them only by being resurrected.\n",
            "enum": ["READY", "RUNNING", "SUCCEEDED", "FAILED", "TIMING-OUT", "TIMED-OUT", "ABORTING", "ABORTED"],
            "examples": ["RUNNING"],
        },
        "RunGeneralAccess": {
            "type": "string",
            "description": "Who may read a run.\n\n| value | meaning |\n|---|---|\n| `FOLLOW_USER_SETTING` | whoever the owner's account setting lets |\n| `ANYONE_WITH_ID_CAN_READ` | whoever knows the run's id |\n| `RESTRICTED` | only who was given access |\n",
            "enum": ["FOLLOW_USER_SETTING", "ANYONE_WITH_ID_CAN_READ", "RESTRICTED"],
            "examples": ["RESTRICTED"],
        },
        "RunMeta": {
            "type": "object",
            "description": "How a run came about.",
            "required": ["origin"],
            "properties": {
                "origin": {
                    "description": "What started the run. New origins appear from time to time.",
                    "anyOf": [
                        {"$ref": "#/components/schemas/RunOrigin"},
                        {
                            "type": "string",
                            "description": "An origin that this contract does not know.",
                            "minLength": 1,
                        },
                    ],
                    "examples": ["DEVELOPMENT", "WEB"],
                },
                "clientIp": {
                    "type": ["string", "null"],
                    "description": "IP address that the run was started from. Absent or null if not known or not told.",
                    "examples": ["172.234.12.34"],
                },
                "userAgent": {
                    "type": ["string", "null"],
                    "description": "The `User-Agent` of the request that started the run. Absent or null if not known or not told.",
                    "examples": ["Mozilla/5.0 (iPad)"],
                },
                "scheduleId": {
                    "type": ["string", "null"],
                    "description": "Id of the schedule that started the run. Absent or null if none did.",
                    "examples": ["dWazFsPpxMigMSqHL"],
                },
                "scheduledAt": {
                    "type": ["string", "null"],
                    "format": "date-time",
                    "description": "When the schedule was due, in UTC. Absent or null if no schedule started the run.",
                    "examples": ["2019-06-10T11:40:00.000Z"],
                },
            },
        },
        "RunOrigin": {
            "type": "string",
            "description": "The known origins of a run; further ones appear.",
            "enum": [
                "DEVELOPMENT",
                "WEB",
                "API",
                "SCHEDULER",
                "TEST",
                "WEBHOOK",
                "ACTOR",
                "CLI",
                "CI",
                "STANDBY",
                "MCP",
            ],
            "examples": ["API"],
        },
        "RunStats": {
            "type": "object",
            "description": "Counters and measurements of a run. Each may be absent, counters where they are 0 and measurements before there is anything to measure.",
            "properties": {
                "inputBodyLen": {
                    "type": ["integer", "null"],
                    "description": "Length of the run's input in bytes. Absent or null if there is no input.",
                    "minimum": 0,
                    "examples": [240],
                },
                "migrationCount": {
                    "type": "integer",
                    "description": "How often the run has moved to another machine.",
                    "minimum": 0,
                    "examples": [0],
                },
                "rebootCount": {
                    "type": "integer",
                    "description": "How often the run has been rebooted by request.",
                    "minimum": 0,
                    "examples": [0],
                },
                "restartCount": {
                    "type": "integer",
                    "description": "How often the run has been restarted after an error.",
                    "minimum": 0,
                    "examples": [0],
                },
                "resurrectCount": {
                    "type": "integer",
                    "description": "How often the run has been started again after its end.",
                    "minimum": 0,
                    "examples": [2],
                },
                "memAvgBytes": {
                    "type": "number",
                    "format": "double",
                    "description": "Memory in use on average, in bytes.",
                    "examples": [267874071.9],
                },
                "memMaxBytes": {
                    "type": "integer",
                    "description": "Memory in use at most, in bytes.",
                    "minimum": 0,
                    "examples": [404713472],
                },
                "memCurrentBytes": {
                    "type": "integer",
                    "description": "Memory in use at the last measurement, in bytes.",
                    "minimum": 0,
                    "examples": [0],
                },
                "cpuAvgUsage": {
                    "type": "number",
                    "format": "double",
                    "description": "Processor use on average, in percent of one core.",
                    "examples": [33.7532101107538],
                },
                "cpuMaxUsage": {
                    "type": "number",
                    "format": "double",
                    "description": "Processor use at most, in percent of one core; above 100 with several cores.",
                    "examples": [169.650735534941],
                },
                "cpuCurrentUsage": {
                    "type": "number",
                    "format": "double",
                    "description": "Processor use at the last measurement, in percent of one core.",
                    "examples": [0],
                },
                "netRxBytes": {
                    "type": "integer",
                    "description": "Bytes received over the network.",
                    "minimum": 0,
                    "examples": [103508042],
                },
                "netTxBytes": {
                    "type": "integer",
                    "description": "Bytes sent over the network.",
                    "minimum": 0,
                    "examples": [4854600],
                },
                "durationMillis": {
                    "type": "integer",
                    "description": "How long the run has been at work, in milliseconds, waiting left out.",
                    "minimum": 0,
                    "examples": [248472],
                },
                "runTimeSecs": {
                    "type": "number",
                    "format": "double",
                    "description": "How long the run has been at work, in seconds, waiting left out.",
                    "minimum": 0,
                    "examples": [248.472],
                },
                "metamorph": {
                    "type": "integer",
                    "description": "How often the run has turned into another Actor.",
                    "minimum": 0,
                    "examples": [0],
                },
                "computeUnits": {
                    "type": "number",
                    "format": "double",
                    "description": "Compute units used; one is a gigabyte of memory for an hour.",
                    "minimum": 0,
                    "examples": [0.13804],
                },
            },
        },
        "RunOptions": {
            "type": "object",
            "description": "The options of a run, after those of the request, the task and the Actor have been put together.",
            "required": ["build", "timeoutSecs", "memoryMbytes", "diskMbytes"],
            "properties": {
                "build": {
                    "type": "string",
                    "description": "The build that was asked for, by tag or number.",
                    "examples": ["latest"],
                },
                "timeoutSecs": {
                    "type": "number",
                    "format": "double",
                    "description": "How long the run may take, in seconds.",
                    "examples": [300],
                },
                "memoryMbytes": {
                    "type": "integer",
                    "description": "Memory of the run in megabytes, a power of two from 128 on.",
                    "minimum": 128,
                    "examples": [1024],
                },
                "diskMbytes": {
                    "type": "integer",
                    "description": "Disk space of the run in megabytes, usually twice its memory.",
                    "minimum": 0,
                    "examples": [2048],
                },
                "maxItems": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "How many dataset items are charged for at most. Absent or null means without limit.",
                    "examples": [1000],
                },
                "maxTotalChargeUsd": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "What the run may cost at most, in US dollars. Absent or null means without limit.",
                    "examples": [5],
                },
                "restartOnError": {
                    "type": ["boolean", "null"],
                    "description": "Whether the run is restarted when it fails. Not every server tells; absent or null says nothing.",
                    "examples": [False],
                },
            },
        },
        "RunUsage": {
            "type": "object",
            "description": "How much of each resource a run has used. A resource that is absent or null was not used or is not told.",
            "properties": {
                "ACTOR_COMPUTE_UNITS": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "Compute units; one is a gigabyte of memory for an hour.",
                    "examples": [3],
                },
                "DATASET_READS": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "Reads from datasets.",
                    "examples": [4],
                },
                "DATASET_WRITES": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "Writes to datasets.",
                    "examples": [4],
                },
                "KEY_VALUE_STORE_READS": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "Reads from key-value stores.",
                    "examples": [5],
                },
                "KEY_VALUE_STORE_WRITES": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "Writes to key-value stores.",
                    "examples": [3],
                },
                "KEY_VALUE_STORE_LISTS": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "Listings of key-value stores.",
                    "examples": [5],
                },
                "REQUEST_QUEUE_READS": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "Reads from request queues.",
                    "examples": [2],
                },
                "REQUEST_QUEUE_WRITES": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "Writes to request queues.",
                    "examples": [1],
                },
                "DATA_TRANSFER_INTERNAL_GBYTES": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "Data moved inside the platform, in gigabytes.",
                    "examples": [1],
                },
                "DATA_TRANSFER_EXTERNAL_GBYTES": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "Data moved between the platform and the outside, in gigabytes.",
                    "examples": [3],
                },
                "PROXY_RESIDENTIAL_TRANSFER_GBYTES": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "Data moved through residential proxies, in gigabytes.",
                    "examples": [34],
                },
                "PROXY_SERPS": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "Result pages of search engines fetched through proxies.",
                    "examples": [3],
                },
            },
            "patternProperties": {
                "^DATA_TRANSFER_EXTERNAL_GBYTES\\?$": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "The same as `DATA_TRANSFER_EXTERNAL_GBYTES` under a name with a question mark, which some answers carry in its place. Readers take either.",
                }
            },
        },
        "RunUsageUsd": {
            "type": "object",
            "description": "What the use of each resource has cost, in US dollars. A resource that is absent or null was not used or is not told.",
            "properties": {
                "ACTOR_COMPUTE_UNITS": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "Cost of the compute units, in US dollars.",
                    "examples": [0.072],
                },
                "DATASET_READS": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "Cost of reads from datasets, in US dollars.",
                    "examples": [0.0004],
                },
                "DATASET_WRITES": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "Cost of writes to datasets, in US dollars.",
                    "examples": [0.0002],
                },
                "KEY_VALUE_STORE_READS": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "Cost of reads from key-value stores, in US dollars.",
                    "examples": [0.0006],
                },
                "KEY_VALUE_STORE_WRITES": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "Cost of writes to key-value stores, in US dollars.",
                    "examples": [0.002],
                },
                "KEY_VALUE_STORE_LISTS": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "Cost of listings of key-value stores, in US dollars.",
                    "examples": [0.004],
                },
                "REQUEST_QUEUE_READS": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "Cost of reads from request queues, in US dollars.",
                    "examples": [0.005],
                },
                "REQUEST_QUEUE_WRITES": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "Cost of writes to request queues, in US dollars.",
                    "examples": [0.02],
                },
                "DATA_TRANSFER_INTERNAL_GBYTES": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "Cost of data moved inside the platform, in US dollars.",
                    "examples": [0.0004],
                },
                "DATA_TRANSFER_EXTERNAL_GBYTES": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "Cost of data moved between the platform and the outside, in US dollars.",
                    "examples": [0.0002],
                },
                "PROXY_RESIDENTIAL_TRANSFER_GBYTES": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "Cost of data moved through residential proxies, in US dollars.",
                    "examples": [0.16],
                },
                "PROXY_SERPS": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "Cost of result pages of search engines fetched through proxies, in US dollars.",
                    "examples": [0.0006],
                },
            },
            "patternProperties": {
                "^DATA_TRANSFER_EXTERNAL_GBYTES\\?$": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "The same as `DATA_TRANSFER_EXTERNAL_GBYTES` under a name with a question mark, which some answers carry in its place. Readers take either.",
                }
            },
        },
        "RunMetamorph": {
            "type": "object",
            "description": "The transformation of a run into another Actor, by which it stays the same run.",
            "required": ["createdAt", "actorId", "buildId"],
            "properties": {
                "createdAt": {
                    "type": "string",
                    "format": "date-time",
                    "description": "When it happened, in UTC.",
                    "examples": ["2019-11-30T07:39:24.202Z"],
                },
                "actorId": {
                    "type": "string",
                    "description": "Id of the Actor that the run turned into.",
                    "minLength": 1,
                    "examples": ["nspoEjklmnsF2oosD"],
                },
                "buildId": {
                    "type": "string",
                    "description": "Id of the build that the run turned into.",
                    "minLength": 1,
                    "examples": ["ME6oKecqy5kXDS4KQ"],
                },
                "inputKey": {
                    "type": ["string", "null"],
                    "description": "Key under which the new Actor finds its input in the run's key-value store. Absent or null if it gets none.",
                    "examples": ["INPUT-METAMORPH-1"],
                },
            },
        },
        "RunStorageIds": {
            "type": "object",
            "description": "All storages of a run, by kind. A kind that is absent is not told.",
            "properties": {
                "datasets": {
                    "$ref": "#/components/schemas/StorageAliases",
                    "description": "Ids of the datasets by alias; `default` is the run's `defaultDatasetId`.",
                },
                "keyValueStores": {
                    "$ref": "#/components/schemas/StorageAliases",
                    "description": "Ids of the key-value stores by alias; `default` is the run's `defaultKeyValueStoreId`.",
                },
                "requestQueues": {
                    "$ref": "#/components/schemas/StorageAliases",
                    "description": "Ids of the request queues by alias; `default` is the run's `defaultRequestQueueId`.",
                },
            },
        },
        "StorageAliases": {
            "type": "object",
            "description": "Ids of storages by the alias that the run knows them under.",
            "properties": {
                "default": {
                    "type": "string",
                    "description": "Id of the storage that every run has by itself.",
                    "minLength": 1,
                    "examples": ["wmKPijuyDnPZAPRMk"],
                }
            },
            "additionalProperties": {
                "type": "string",
                "description": "Id of the storage under this alias.",
                "minLength": 1,
            },
        },
        "ChargedEventCounts": {
            "type": "object",
            "description": "How often each event has been charged, by the event's name. An event that is absent was not charged.",
            "additionalProperties": {"type": "integer", "description": "How often this event has been charged."},
            "examples": [{"actor-start": 1, "page-crawled": 150, "data-extracted": 75}],
        },
        "PricingInfo": {
            "description": "How an Actor is charged for. `pricingModel` tells which of the four known models it is; any other value is a model that is new to this contract.",
            "anyOf": [
                {"$ref": "#/components/schemas/PayPerEventPricing"},
                {"$ref": "#/components/schemas/PricePerDatasetItemPricing"},
                {"$ref": "#/components/schemas/FlatPricePerMonthPricing"},
                {"$ref": "#/components/schemas/FreePricing"},
                {"$ref": "#/components/schemas/OtherPricing"},
            ],
            "discriminator": {
                "propertyName": "pricingModel",
                "mapping": {
                    "PAY_PER_EVENT": "#/components/schemas/PayPerEventPricing",
                    "PRICE_PER_DATASET_ITEM": "#/components/schemas/PricePerDatasetItemPricing",
                    "FLAT_PRICE_PER_MONTH": "#/components/schemas/FlatPricePerMonthPricing",
                    "FREE": "#/components/schemas/FreePricing",
                },
            },
        },
        "PricingTerms": {
            "type": "object",
            "description": "What every pricing model has. Each may be absent.",
            "properties": {
                "apifyMarginPercentage": {
                    "type": "number",
                    "format": "double",
                    "description": "The platform's share of what the Actor earns, from 0, nothing, to 1, all of it.",
                    "examples": [0],
                },
                "createdAt": {
                    "type": "string",
                    "format": "date-time",
                    "description": "When these terms were written down, in UTC.",
                    "examples": ["2024-07-29T15:51:28.071Z"],
                },
                "startedAt": {
                    "type": "string",
                    "format": "date-time",
                    "description": "Since when these terms apply, in UTC.",
                    "examples": ["2024-07-29T15:51:28.071Z"],
                },
            },
        },
        "PricingChange": {
            "type": "object",
            "description": "What users were told of a change of the terms. Each may be absent, all are if there was none.",
            "properties": {
                "notifiedAboutFutureChangeAt": {
                    "type": ["string", "null"],
                    "format": "date-time",
                    "description": "When users were told that the terms would change, in UTC. Absent or null if they were not.",
                    "examples": ["2024-07-29T15:51:28.071Z"],
                },
                "notifiedAboutChangeAt": {
                    "type": ["string", "null"],
                    "format": "date-time",
                    "description": "When users were told that the terms had changed, in UTC. Absent or null if they were not.",
                    "examples": ["2024-07-29T15:51:28.071Z"],
                },
                "reasonForChange": {
                    "type": ["string", "null"],
                    "description": "Why the terms changed, in the Actor's author's words. Absent or null if nothing was said.",
                    "examples": ["string"],
                },
            },
        },
        "PayPerEventPricing": {
            "type": "object",
            "description": "Each event that the Actor reports has a price.",
            "allOf": [{"$ref": "#/components/schemas/PricingTerms"}, {"$ref": "#/components/schemas/PricingChange"}],
            "required": ["pricingModel", "pricingPerEvent"],
            "properties": {
                "pricingModel": {
                    "type": "string",
                    "description": "Always `PAY_PER_EVENT`.",
                    "const": "PAY_PER_EVENT",
                    "examples": ["PAY_PER_EVENT"],
                },
                "pricingPerEvent": {
                    "$ref": "#/components/schemas/PricingPerEvent",
                    "description": "The events and what they cost.",
                },
                "minimalMaxTotalChargeUsd": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "The smallest `maxTotalChargeUsd` that a run of this Actor may be started with, in US dollars. Absent or null means any.",
                    "examples": [0],
                },
            },
        },
        "PricingPerEvent": {
            "type": "object",
            "description": "The events that an Actor charges for.",
            "properties": {
                "actorChargeEvents": {
                    "$ref": "#/components/schemas/ActorChargeEvents",
                    "description": "The events by name. Absent means none.",
                }
            },
        },
        "ActorChargeEvents": {
            "type": "object",
            "description": "The events that an Actor charges for, by name.",
            "additionalProperties": {"$ref": "#/components/schemas/ActorChargeEvent"},
        },
        "ActorChargeEvent": {
            "type": "object",
            "description": "An event that an Actor charges for. It has either one price or a price for each tier.",
            "properties": {
                "eventTitle": {
                    "type": "string",
                    "description": "Name of the event for people. May be absent.",
                    "examples": ["Page crawled"],
                },
                "eventDescription": {
                    "type": "string",
                    "description": "What the event is, for people. May be absent.",
                    "examples": ["Charged for every page that was crawled."],
                },
                "eventPriceUsd": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "Price of one event in US dollars. Absent or null if the tiers have prices of their own.",
                    "examples": [0.0035],
                },
                "eventTieredPricingUsd": {
                    "$ref": "#/components/schemas/TieredEventPrices",
                    "description": "Prices of one event by tier. Absent if there is one price for all.",
                },
                "isPrimaryEvent": {
                    "type": ["boolean", "null"],
                    "description": "Whether this is what the Actor is mainly used for. Absent or null means no.",
                    "examples": [True],
                },
                "isOneTimeEvent": {
                    "type": ["boolean", "null"],
                    "description": "Whether it is charged at most once in a run. Absent or null means no.",
                    "examples": [False],
                },
            },
        },
        "TieredEventPrices": {
            "type": "object",
            "description": "Prices of one event by the tier of the user's plan, for instance `FREE`, `BRONZE`, `SILVER` or `GOLD`.",
            "additionalProperties": {"$ref": "#/components/schemas/TieredEventPrice"},
        },
        "TieredEventPrice": {
            "type": "object",
            "description": "Price of one event in one tier.",
            "required": ["tieredEventPriceUsd"],
            "properties": {
                "tieredEventPriceUsd": {
                    "type": "number",
                    "format": "double",
                    "description": "Price of one event in US dollars.",
                    "examples": [0.003],
                }
            },
        },
        "PricePerDatasetItemPricing": {
            "type": "object",
            "description": "Each item in the default dataset has a price, either one for all or one for each tier.",
            "allOf": [{"$ref": "#/components/schemas/PricingTerms"}, {"$ref": "#/components/schemas/PricingChange"}],
            "required": ["pricingModel"],
            "properties": {
                "pricingModel": {
                    "type": "string",
                    "description": "Always `PRICE_PER_DATASET_ITEM`.",
                    "const": "PRICE_PER_DATASET_ITEM",
                    "examples": ["PRICE_PER_DATASET_ITEM"],
                },
                "unitName": {
                    "type": "string",
                    "description": "What an item is called, for people. May be absent.",
                    "examples": ["result"],
                },
                "pricePerUnitUsd": {
                    "type": ["number", "null"],
                    "format": "double",
                    "description": "Price of one item in US dollars. Absent or null if the tiers have prices of their own.",
                    "examples": [0.002],
                },
                "tieredPricing": {
                    "$ref": "#/components/schemas/TieredItemPrices",
                    "description": "Prices of one item by tier. Absent if there is one price for all.",
                },
            },
        },
        "TieredItemPrices": {
            "type": "object",
            "description": "Prices of one item by the tier of the user's plan, for instance `FREE`, `BRONZE`, `SILVER` or `GOLD`.",
            "additionalProperties": {"$ref": "#/components/schemas/TieredItemPrice"},
        },
        "TieredItemPrice": {
            "type": "object",
            "description": "Price of one item in one tier.",
            "required": ["tieredPricePerUnitUsd"],
            "properties": {
                "tieredPricePerUnitUsd": {
                    "type": "number",
                    "format": "double",
                    "description": "Price of one item in US dollars.",
                    "examples": [0.0015],
                }
            },
        },
        "FlatPricePerMonthPricing": {
            "type": "object",
            "description": "The Actor is rented by the month. No longer offered, but still found on older runs.",
            "allOf": [{"$ref": "#/components/schemas/PricingTerms"}, {"$ref": "#/components/schemas/PricingChange"}],
            "required": ["pricingModel"],
            "properties": {
                "pricingModel": {
                    "type": "string",
                    "description": "Always `FLAT_PRICE_PER_MONTH`.",
                    "const": "FLAT_PRICE_PER_MONTH",
                    "examples": ["FLAT_PRICE_PER_MONTH"],
                },
                "trialMinutes": {
                    "type": "integer",
                    "description": "How long the Actor may be tried before it is paid for, in minutes. May be absent.",
                    "examples": [1440],
                },
                "pricePerUnitUsd": {
                    "type": "number",
                    "format": "double",
                    "description": "Price of a month in US dollars. May be absent.",
                    "examples": [20],
                },
            },
        },
        "FreePricing": {
            "type": "object",
            "description": "The Actor itself costs nothing; only the use of the platform is charged.",
            "allOf": [{"$ref": "#/components/schemas/PricingTerms"}, {"$ref": "#/components/schemas/PricingChange"}],
            "required": ["pricingModel"],
            "properties": {
                "pricingModel": {
                    "type": "string",
                    "description": "Always `FREE`.",
                    "const": "FREE",
                    "examples": ["FREE"],
                }
            },
        },
        "OtherPricing": {
            "type": "object",
            "description": "A pricing model that is new to this contract, with whatever it brings.",
            "allOf": [{"$ref": "#/components/schemas/PricingTerms"}, {"$ref": "#/components/schemas/PricingChange"}],
            "required": ["pricingModel"],
            "properties": {
                "pricingModel": {
                    "type": "string",
                    "description": "None of the four known models.",
                    "not": {
                        "description": "The models that have a schema of their own.",
                        "enum": ["PAY_PER_EVENT", "PRICE_PER_DATASET_ITEM", "FLAT_PRICE_PER_MONTH", "FREE"],
                    },
                    "examples": ["A_MODEL_TO_COME"],
                }
            },
        },
        "UpdateRunRequest": {
            "type": "object",
            "description": "A status message for a run. The documents want both the id and the message; servers are known to do without the id, since the path has it.",
            "required": ["runId", "statusMessage"],
            "properties": {
                "runId": {
                    "type": "string",
                    "description": "Id of the run, the same as in the path.",
                    "minLength": 1,
                    "examples": ["3KH8gEpp4d8uQSe8T"],
                },
                "statusMessage": {
                    "type": "string",
                    "description": "The message to show. It replaces the one before.",
                    "examples": ["Actor has finished"],
                },
                "isStatusMessageTerminal": {
                    "type": "boolean",
                    "description": "Whether this is the very last message of the run. Absent means that it is not known to be.",
                    "examples": [True],
                },
                "generalAccess": {
                    "$ref": "#/components/schemas/RunGeneralAccess",
                    "description": "Who may read the run, its default storages and its log, from within about a minute on. Absent means that it stays as it is.",
                },
            },
        },
        "TaskInput": {
            "type": "object",
            "description": "Input of an Actor. Which properties there are, and what they mean, is for each Actor to say.",
            "additionalProperties": True,
            "examples": [{"maxPages": 10}],
        },
        "WebhookDefinitions": {
            "type": "array",
            "description": "The decoded form of the `webhooks` parameter, an array even for a single webhook.",
            "items": {"$ref": "#/components/schemas/WebhookDefinition"},
        },
        "WebhookDefinition": {
            "type": "object",
            "description": "A webhook for one run, when it calls and whom.",
            "required": ["eventTypes", "requestUrl"],
            "properties": {
                "eventTypes": {
                    "type": "array",
                    "description": "The events to call on.",
                    "items": {"$ref": "#/components/schemas/WebhookEventType"},
                },
                "requestUrl": {
                    "type": "string",
                    "description": "Where the event is sent to, by POST.",
                    "examples": ["http://example.com/"],
                },
                "payloadTemplate": {
                    "type": ["string", "null"],
                    "description": "Template of the JSON that is sent, with variables in double braces. Absent or null means the usual payload, with the event and the run.",
                    "examples": ['{"userId": {{userId}}}'],
                },
                "headersTemplate": {
                    "type": ["string", "null"],
                    "description": "Template of further HTTP headers, as a JSON object. Absent or null means none.",
                    "examples": ['{"X-Source": "actor-runs"}'],
                },
                "shouldInterpolateStrings": {
                    "type": ["boolean", "null"],
                    "description": "Whether variables inside strings of the templates are filled in too. Absent or null means no.",
                    "examples": [False],
                },
                "idempotencyKey": {
                    "type": ["string", "null"],
                    "description": "Key by which a webhook is recognised when the request that starts the run is repeated, so that it is not made twice. Absent or null means that each request makes its own.",
                    "examples": ["fdSJmdP3nfs7sfk3y"],
                },
                "ignoreSslErrors": {
                    "type": ["boolean", "null"],
                    "description": "Whether a bad TLS certificate of the receiver is put up with. Absent or null means no.",
                    "examples": [False],
                },
                "doNotRetry": {
                    "type": ["boolean", "null"],
                    "description": "Whether a failed call is left at that. Absent or null means that it is tried again.",
                    "examples": [False],
                },
            },
        },
        "WebhookEventType": {
            "type": "string",
            "description": "An event of a run or build. Mind the underscore in `TIMED_OUT`, where the status has a hyphen.",
            "enum": [
                "ACTOR.RUN.CREATED",
                "ACTOR.RUN.SUCCEEDED",
                "ACTOR.RUN.FAILED",
                "ACTOR.RUN.ABORTED",
                "ACTOR.RUN.TIMED_OUT",
                "ACTOR.RUN.RESURRECTED",
                "ACTOR.BUILD.CREATED",
                "ACTOR.BUILD.SUCCEEDED",
                "ACTOR.BUILD.FAILED",
                "ACTOR.BUILD.ABORTED",
                "ACTOR.BUILD.TIMED_OUT",
                "TEST",
            ],
            "examples": ["ACTOR.RUN.SUCCEEDED"],
        },
        "ErrorEnvelope": {
            "type": "object",
            "description": "What every failure answers with, in place of `data`.",
            "required": ["error"],
            "properties": {"error": {"$ref": "#/components/schemas/ErrorDetail", "description": "What went wrong."}},
        },
        "ErrorDetail": {
            "type": "object",
            "description": "What went wrong.",
            "required": ["type", "message"],
            "properties": {
                "type": {
                    "type": "string",
                    "description": "What went wrong, for programs, in lower-case words with hyphens between. Some 400 types exist and new ones appear; the status code tells how to treat one that is not known.",
                    "minLength": 1,
                    "examples": [
                        "invalid-request",
                        "run-input-body-not-valid-json",
                        "invalid-input",
                        "invalid-input-schema",
                        "invalid-value",
                        "invalid-parameter",
                        "invalid-id",
                        "parameter-required",
                        "param-not-one-of",
                        "schema-validation",
                        "schema-validation-error",
                        "max-items-must-be-greater-than-zero",
                        "max-total-charge-usd-must-be-greater-than-zero",
                        "max-total-charge-usd-below-minimum",
                        "cannot-set-is-status-message-terminal",
                        "invalid-content-type-header",
                        "invalid-header",
                        "invalid-token",
                        "token-not-provided",
                        "user-or-token-not-found",
                        "missing-actor-rights",
                        "actor-memory-limit-exceeded",
                        "concurrent-runs-limit-exceeded",
                        "not-enough-usage-to-run-paid-actor",
                        "x402-payment-required",
                        "insufficient-permissions",
                        "job-finished",
                        "unknown-build-tag",
                        "build-not-found",
                        "tagged-build-required",
                        "invalid-build",
                        "build-outdated",
                        "full-permission-actor-not-approved",
                        "elevated-permissions-needed",
                        "actor-disabled",
                        "actor-is-not-rented",
                        "apify-plan-required-to-use-paid-actor",
                        "missing-api-token",
                        "own-token-required",
                        "record-not-found",
                        "record-or-token-not-found",
                        "page-not-found",
                        "unexpected-route",
                        "method-not-allowed",
                        "run-timeout-exceeded",
                        "operation-timed-out",
                        "socket-closed",
                        "request-too-large",
                        "unsupported-content-encoding",
                        "rate-limit-exceeded",
                        "too-many-requests",
                    ],
                },
                "message": {
                    "type": "string",
                    "description": "What went wrong, for people. The wording may change.",
                    "minLength": 1,
                    "examples": ["Actor run was not found"],
                },
                "data": {
                    "$ref": "#/components/schemas/ErrorData",
                    "description": "Particulars of the error. Mostly absent.",
                },
            },
        },
        "ErrorData": {
            "type": "object",
            "description": "Particulars of an error, different for each type.",
            "additionalProperties": True,
        },
    }
}
