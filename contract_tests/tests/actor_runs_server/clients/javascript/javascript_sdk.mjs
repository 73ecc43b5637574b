// An Actor on the platform's JavaScript SDK that uses what it offers, and reboots once.

import assert from "node:assert/strict";
import { Actor } from "apify";

await Actor.init();
const input = await Actor.getInput();
if ((await Actor.getValue("rebooted")) === null) {
    await Actor.setValue("rebooted", true);
    await Actor.setStatusMessage("about to reboot");
    await new Promise((resolve) => Actor.on("systemInfo", resolve));
    await Actor.reboot();
}
await Actor.pushData(Array.from({ length: input.items }, (_, number) => ({ number })));
const dataset = await Actor.openDataset();
assert.equal((await dataset.getData()).count, input.items);
const queue = await Actor.openRequestQueue();
for (let number = 0; number < 3; number++) await queue.addRequest({ url: `https://example.com/${number}` });
for (let request = await queue.fetchNextRequest(); request; request = await queue.fetchNextRequest()) {
    await queue.markRequestHandled(request);
}
assert.ok(await queue.isFinished());
const named = await Actor.openKeyValueStore("javascript-sdk");
await named.setValue("greeting", { hello: input.name });
await Actor.setValue("OUTPUT", { done: true });
if (input.fail) await Actor.fail("as asked", { exitCode: 7 });
await Actor.exit("all done");
