// Drives apify-client for JavaScript: one JSON command a line on stdin, one reply a line on stdout.

import { createInterface } from 'node:readline';
import { ApifyApiError, ApifyClient } from 'apify-client';

async function handle(told) {
    const client = new ApifyClient({ token: told.token, baseUrl: told.base_url });
    const run = told.run && client.run(told.run);
    switch (told.do) {
        case 'start': {
            const { waitForFinish, ...options } = told.options ?? {};
            if (waitForFinish !== undefined) options.waitForFinish = waitForFinish;
            return client.task(told.task).start(told.input, options);
        }
        case 'get':
            return run.get({ waitForFinish: told.waitForFinish });
        case 'wait':
            return run.waitForFinish({ waitSecs: told.deadlineSecs });
        case 'abort':
            if (told.actor) return undefined;
            return run.abort({ gracefully: told.gracefully });
        case 'reboot':
            return run.reboot();
        case 'update':
            return run.update({
                statusMessage: told.statusMessage,
                isStatusMessageTerminal: told.isStatusMessageTerminal,
            });
        default:
            return undefined;
    }
}

async function replyTo(told) {
    if (told.do === 'abort' && told.actor) {
        return { unsupported: 'the client aborts a run by its own path only' };
    }
    try {
        const run = await handle(told);
        return run === undefined || run === null ? { none: true } : { run };
    } catch (error) {
        const { statusCode, type, message } = error;
        const known = error instanceof ApifyApiError;
        return { error: { status: known ? statusCode : null, type: known ? type : null, message } };
    }
}

for await (const line of createInterface({ input: process.stdin })) {
    const told = JSON.parse(line);
    process.stdout.write(`${JSON.stringify({ id: told.id, ...(await replyTo(told)) })}\n`);
}
