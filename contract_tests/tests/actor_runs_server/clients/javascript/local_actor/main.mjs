// An Actor that `apify run` runs: writes its input into a dataset of the platform.
import { Actor } from "apify";

await Actor.init();
const dataset = await Actor.openDataset("from-a-local-actor", { forceCloud: true });
await dataset.pushData({ input: await Actor.getInput() });
await Actor.exit();
