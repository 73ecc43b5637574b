// A whole life through the platform's JavaScript client: `node life.mjs URL TOKEN`.

import assert from "node:assert/strict";
import { ApifyClient } from "apify-client";

const [url, token] = process.argv.slice(2);
const client = new ApifyClient({ baseUrl: url, token });

const actor = await client.actor("demo/fixture-actor").get();
assert.equal((await client.user().get()).username, "demo");
assert.ok((await client.actors().list({ my: true })).items.some((item) => item.id === actor.id));

const run = await client.actor(actor.id).call({ durationSecs: 0 }, { memory: 256 });
assert.equal(run.status, "SUCCEEDED");
assert.ok(run.startedAt instanceof Date);

const dataset = client.dataset(run.defaultDatasetId);
await dataset.pushItems([{ a: 1 }, { a: 2, "#hidden": 1 }, {}]);
assert.deepEqual((await dataset.listItems({ clean: true })).items, [{ a: 1 }, { a: 2 }]);
assert.equal((await dataset.listItems({ desc: true, limit: 1 })).total, 3);
const csv = await dataset.downloadItems("csv", { fields: ["a"], limit: 2, bom: false });
assert.equal(csv.toString(), "a\r\n1\r\n2\r\n");
assert.equal((await dataset.get()).itemCount, 3);
assert.ok((await dataset.getStatistics()).fieldStatistics.a);

const store = client.keyValueStore(run.defaultKeyValueStoreId);
await store.setRecord({ key: "OBJECT", value: { a: [1] } });
await store.setRecord({ key: "bytes", value: Buffer.from([0, 1]), contentType: "image/png" });
assert.deepEqual((await store.getRecord("OBJECT")).value, { a: [1] });
assert.equal(await store.getRecord("nothing"), undefined);
assert.equal(await store.recordExists("bytes"), true);
assert.ok((await store.listKeys({ limit: 2 })).isTruncated);
await store.deleteRecord("bytes");
assert.equal((await store.get()).id, run.defaultKeyValueStoreId);

const queue = client.requestQueue(run.defaultRequestQueueId, { clientKey: "life" });
await queue.addRequest({ url: "https://example.com/1", uniqueKey: "1" });
await queue.batchAddRequests(
    Array.from({ length: 60 }, (_, n) => ({ url: `https://example.com/${n}`, uniqueKey: `k${n}` })),
);
assert.equal((await queue.listHead({ limit: 100 })).items.length, 61);
const [first] = (await queue.listAndLockHead({ limit: 1, lockSecs: 30 })).items;
await queue.prolongRequestLock(first.id, { lockSecs: 60 });
await queue.deleteRequestLock(first.id);
const request = await queue.getRequest(first.id);
await queue.updateRequest({ ...request, handledAt: new Date().toISOString() });
assert.equal((await queue.get()).handledRequestCount, 1);
let paged = 0;
for await (const page of queue.paginateRequests({ maxPageLimit: 25 })) paged += page.items.length;
assert.equal(paged, 61);
await queue.deleteRequest(first.id);

for (const [collection, one] of [
    [client.datasets(), (id) => client.dataset(id)],
    [client.keyValueStores(), (id) => client.keyValueStore(id)],
    [client.requestQueues(), (id) => client.requestQueue(id)],
]) {
    const { id } = await collection.getOrCreate("js-life");
    assert.equal((await one(id).update({ name: "js-renamed" })).name, "js-renamed");
    assert.ok((await collection.list()).items.some((item) => item.id === id));
    await one(id).delete();
    assert.equal(await one(id).get(), undefined);
}

const task = await client.tasks().create({
    actId: actor.id,
    name: "js-life",
    input: { durationSecs: 0 },
    options: { memoryMbytes: 256 },
});
await client.task(task.id).update({ title: "A life" });
await client.task(task.id).updateInput({ exitCode: 0 });
const taskRun = await client.task(task.id).call();
assert.equal(taskRun.status, "SUCCEEDED");
assert.equal((await client.task(task.id).lastRun({ status: "SUCCEEDED" }).get()).id, taskRun.id);
assert.equal((await client.task(task.id).runs().list()).total, 1);
await client.task(task.id).delete();

const webhook = await client.webhooks().create({
    eventTypes: ["ACTOR.RUN.FAILED"],
    requestUrl: "http://127.0.0.1:9/",
    condition: { actorId: actor.id },
});
await client.webhook(webhook.id).update({ ignoreSslErrors: true });
const dispatch = await client.webhook(webhook.id).test();
assert.equal((await client.webhookDispatch(dispatch.id).get()).eventType, "TEST");
await client.webhook(webhook.id).delete();

const long = await client.actor(actor.id).start({ durationSecs: 30 });
const handle = client.run(long.id);
while ((await handle.get()).status === "READY");
await handle.update({ statusMessage: "half way" });
await handle.reboot();
assert.equal((await handle.get()).statusMessage, "half way");
await handle.abort();
assert.equal((await handle.waitForFinish()).status, "ABORTED");
assert.equal((await handle.resurrect({ memory: 512 })).options.memoryMbytes, 512);
await handle.abort({ gracefully: true });
await handle.waitForFinish();
assert.match(await client.run(run.id).log().get(), /^\d{4}-\d\d-\d\dT/);
assert.equal((await client.runs().list({ status: "ABORTED", desc: true })).items[0].id, long.id);
assert.equal((await client.actor(actor.id).defaultBuild().then((build) => build.get())).status, "SUCCEEDED");
await handle.delete();
assert.equal(await handle.get(), undefined);
console.log("lived");
