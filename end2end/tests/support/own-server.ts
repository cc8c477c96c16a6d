import { freePort, originOf, startServer, waitUntilReady } from '../../server.mjs';
import { test as base } from './test';

/** A `test` with a server of its own, with these settings; it is started once in each worker. */
export function testOnServerWith(settings: Record<string, string>) {
  return base.extend<object, { origin: string }>({
    origin: [
      async ({}, use) => {
        const port = await freePort();
        const server = startServer(port, settings);
        await waitUntilReady(originOf(port), server);
        await use(originOf(port));
        const exited = new Promise((resolve) => server.once('exit', resolve));
        server.kill('SIGTERM');
        await exited;
      },
      { scope: 'worker' },
    ],
    baseURL: ({ origin }, use) => use(origin),
  });
}
