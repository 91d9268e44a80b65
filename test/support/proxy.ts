import { createServer, request as forward } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

export interface TestProxy {
  readonly url: string;
  /** What it was asked, in order: `CONNECT host:port` or `GET http://host/path` without the query. */
  readonly asked: string[];
  close(): Promise<void>;
}

/**
 * A forward proxy as companies have them: CONNECT for https, whole URLs for plain http.
 *
 * @param options.routes - where names lead that only the proxy knows: `host:port` to `host:port`
 * @param options.signIn - `name:password` that it wants
 */
export async function startProxy(
  options: { routes?: Readonly<Record<string, string>>; signIn?: string } = {},
): Promise<TestProxy> {
  const asked: string[] = [];
  const target = (host: string) => (options.routes?.[host] ?? host).split(':') as [string, string];
  const wanted = options.signIn && `Basic ${Buffer.from(options.signIn).toString('base64')}`;
  const isDenied = (headers: Readonly<Record<string, unknown>>) =>
    wanted !== undefined && headers['proxy-authorization'] !== wanted;

  const server = createServer((incoming, answer) => {
    const url = new URL(incoming.url!);
    asked.push(`${incoming.method} ${url.origin}${url.pathname}`);
    if (isDenied(incoming.headers)) return void answer.writeHead(407).end();
    const [host, port] = target(`${url.hostname}:${url.port || '80'}`);
    const headers = { ...incoming.headers, host: url.host };
    const onward = forward({ host, port, method: incoming.method, path: url.pathname + url.search, headers }, (got) => {
      answer.writeHead(got.statusCode!, got.headers);
      got.pipe(answer);
    });
    onward.on('error', () => answer.writeHead(502).end());
    incoming.pipe(onward);
  });
  server.on('connect', (incoming, socket) => {
    asked.push(`CONNECT ${incoming.url}`);
    socket.on('error', () => {});
    if (isDenied(incoming.headers)) return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    const [host, port] = target(incoming.url!);
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
