// A crawler on crawlee and the JavaScript SDK: follows the links of a local site.

import { CheerioCrawler } from "@crawlee/cheerio";
import { Actor } from "apify";

await Actor.init();
const { startUrl } = await Actor.getInput();
const crawler = new CheerioCrawler({
    maxRequestsPerCrawl: 20,
    async requestHandler({ request, $, enqueueLinks, pushData }) {
        await pushData({ url: request.url, title: $("title").text() });
        await enqueueLinks();
    },
});
await crawler.run([startUrl]);
await Actor.exit();
