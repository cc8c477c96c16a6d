import { createServer, request as forward, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

import { freePort, originOf, startServer, waitUntilReady } from '../../server.mjs';

export interface Proxy {
  /** The public URL of the server behind it. */
  origin: string;
  stop: () => Promise<void>;
}

/** Starts a server behind a proxy that changes the headers of responses. `host` must lead to this machine. */
export async function startBehindProxy(
  change: (headers: IncomingHttpHeaders) => void,
  { host = 'localhost', settings = {} } = {},
): Promise<Proxy> {
  const port = await freePort();
  const proxy = createServer((request, response) => {
    const { method, headers, url: path } = request;
    const asked = forward({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      change(answer.headers);
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    asked.on('error', () => response.destroy());
    response.on('close', () => asked.destroy());
    request.pipe(asked);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const origin = `http://${host}:${(proxy.address() as AddressInfo).port}`;
  const server = startServer(port, { VESTIBULE_PUBLIC_URL: origin, ...settings });
  await waitUntilReady(originOf(port), server);
  const stop = async () => {
    proxy.closeAllConnections();
    proxy.close();
    const exited = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGTERM');
    await exited;
  };
  return { origin, stop };
}
