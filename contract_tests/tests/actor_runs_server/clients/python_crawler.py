"""A crawler on crawlee and the Python SDK: follows the links of a local site."""

import asyncio

from apify import Actor
from crawlee.crawlers import ParselCrawler, ParselCrawlingContext


async def main():
    async with Actor:
        given = await Actor.get_input()
        crawler = ParselCrawler(max_requests_per_crawl=20)

        @crawler.router.default_handler
        async def handle(context: ParselCrawlingContext):
            title = context.selector.css("title::text").get()
            await context.push_data({"url": context.request.url, "title": title})
            await context.enqueue_links()

        await crawler.run([given["startUrl"]])


asyncio.run(main())
