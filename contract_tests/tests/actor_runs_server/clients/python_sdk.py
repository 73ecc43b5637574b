"""An Actor on the platform's Python SDK that uses what it offers, and reboots once."""

import asyncio

from apify import Actor, Event


async def main():
    async with Actor:
        given = await Actor.get_input()
        told = asyncio.Event()
        Actor.on(Event.SYSTEM_INFO, lambda _: told.set())
        state = await Actor.open_key_value_store()
        if await state.get_value("rebooted") is None:
            await state.set_value("rebooted", True)
            await Actor.set_status_message("about to reboot")
            await asyncio.wait_for(told.wait(), 10)
            await Actor.reboot()
        dataset = await Actor.open_dataset()
        await Actor.push_data([{"number": number} for number in range(given["items"])])
        assert (await dataset.get_data()).count == given["items"]
        queue = await Actor.open_request_queue()
        for number in range(3):
            await queue.add_request(f"https://example.com/{number}")
        while request := await queue.fetch_next_request():
            await queue.mark_request_as_handled(request)
        assert await queue.is_finished()
        named = await Actor.open_key_value_store(name="python-sdk")
        await named.set_value("greeting", {"hello": given["name"]})
        await Actor.set_value("OUTPUT", {"done": True})
        await Actor.set_status_message("all done", is_terminal=True)
        if given.get("fail"):
            await Actor.fail(exit_code=7, status_message="as asked")


asyncio.run(main())
