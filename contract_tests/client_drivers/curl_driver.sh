#!/bin/sh
# Drives curl: one JSON command a line on stdin, one reply a line on stdout. Needs curl and jq.
# It sends what it is told and shows what comes back; it waits and repeats nothing by itself.

encode() { jq -rn --arg text "$1" '$text | @uri | gsub("%7E"; "~")'; }

query_of() { # The options of a start as a query.
    printf '%s' "$1" | jq -r '
        (.options // {}) | to_entries
        | map(.key + "=" + ((if .key == "webhooks" then .value | tojson | @base64
                             else .value | tostring end) | @uri))
        | if length > 0 then "?" + join("&") else "" end'
}

request() { # method path [body]
    set -- "$1" "$2" "${3-}"
    answer=$(curl --silent --show-error --path-as-is --max-time 90 --request "$1" \
        --header "Authorization: Bearer $token" \
        ${3:+--header "Content-Type: application/json" --data-binary "$3"} \
        --write-out '\n%{http_code}' "$base$2" 2>&1) && worked=yes || worked=no
    status=$(printf '%s\n' "$answer" | tail -n 1)
    body=$(printf '%s\n' "$answer" | sed '$d')
}

reply() { # What came of the request, as the protocol says it.
    if [ "$worked" = no ]; then
        jq -cn --argjson id "$id" --arg text "$body" \
            '{id: $id, error: {status: null, type: null, message: $text}}'
    elif [ "$status" -lt 300 ] && printf '%s' "${body:-null}" | jq -e .data >/dev/null 2>&1; then
        printf '%s' "$body" | jq -c --argjson id "$id" '{id: $id, run: .data}'
    else
        printf '%s' "${body:-null}" | jq -c --argjson id "$id" --argjson status "$status" \
            '{id: $id, error: {status: $status, type: .error.type, message: .error.message}}' \
            2>/dev/null ||
            printf '{"id":%s,"error":{"status":%s,"type":null,"message":null}}\n' "$id" "$status"
    fi
}

while IFS= read -r line; do
    field() { printf '%s' "$line" | jq -r "$1 // empty"; }
    id=$(field .id) token=$(field .token) base=$(field .base_url)
    run=$(encode "$(field .run)") actor=$(encode "$(field .actor)")
    case $(field .do) in
    start)
        body=$(printf '%s' "$line" | jq -c 'if has("input") then .input else empty end')
        request POST "/v2/actor-tasks/$(encode "$(field .task)")/runs$(query_of "$line")" "$body"
        ;;
    get)
        wait=$(field .waitForFinish)
        request GET "/v2/actor-runs/$run${wait:+?waitForFinish=$wait}"
        ;;
    abort)
        gracefully=$(field .gracefully)
        where="/v2/actor-runs/$run/abort"
        [ -z "$actor" ] || where="/v2/acts/$actor/runs/$run/abort"
        request POST "$where${gracefully:+?gracefully=$gracefully}"
        ;;
    reboot) request POST "/v2/actor-runs/$run/reboot" ;;
    update)
        body=$(printf '%s' "$line" | jq -c \
            '{runId: .run, statusMessage, isStatusMessageTerminal} | with_entries(select(.value != null))')
        request PUT "/v2/actor-runs/$run" "$body"
        ;;
    *)
        printf '{"id":%s,"unsupported":"curl does not wait for a run"}\n' "$id"
        continue
        ;;
    esac
    reply
done
