import type { IncomingMessage, ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import type { Runtime } from '../../runtime/runtime.ts';
import type { TwinAnswer, TwinRequest } from './exchange.ts';

/** A node:http request as the twin reads it. */
export function fromNode(request: IncomingMessage): TwinRequest {
  const scheme = request.socket instanceof TLSSocket ? 'https' : 'http';
  return {
    method: request.method ?? 'GET',
    url: new URL(request.url ?? '/', `${scheme}://${request.headers.host ?? 'localhost'}`),
    header: (name) => {
      const value = request.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    text: async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks).toString('utf8');
    },
  };
}

/** Writes an answer to the socket, with the fault it carries. */
export async function toNode(answer: TwinAnswer, response: ServerResponse, runtime: Runtime): Promise<void> {
  const plain = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body;
  const { wire, onSent } = answer;
  if (onSent) response.once('close', onSent);
  const isGzip = answer.transfer === 'gzip' && plain.length > 0 && wire?.kind !== 'wrong-length';
  const body = isGzip ? gzipSync(plain) : plain;
  if (wire?.kind === 'hang') return;
  if (wire?.kind === 'reset') return reset(response);
  const extra = wire?.kind === 'wrong-length' ? 16 : 0;
  const framing = isGzip
    ? { 'content-encoding': 'gzip', vary: 'Accept-Encoding' }
    : { 'content-length': body.length + extra };
  response.writeHead(answer.status, { ...answer.headers, ...framing });
  switch (wire?.kind) {
    case undefined:
      if (isGzip) response.write(body.subarray(0, Math.ceil(body.length / 2)));
      response.end(isGzip ? body.subarray(Math.ceil(body.length / 2)) : body);
      return;
    case 'slow':
      return writeSlowly(response, body, wire.durationMs, runtime);
    case 'cut':
      return writeAndBreak(response, body.subarray(0, Math.floor(body.length * wire.share)));
    case 'wrong-length':
      return writeAndBreak(response, body);
  }
}

function reset(response: ServerResponse): void {
  const { socket } = response;
  if (!socket || socket instanceof TLSSocket) socket?.destroy();
  else socket.resetAndDestroy();
}

async function writeSlowly(response: ServerResponse, body: Uint8Array, durationMs: number, runtime: Runtime) {
  const steps = 10;
  const size = Math.ceil(body.length / steps);
  for (let step = 0; step < steps && !response.destroyed; step++) {
    await runtime.sleep(durationMs / steps);
    response.write(body.subarray(step * size, (step + 1) * size));
  }
  response.end();
}

function writeAndBreak(response: ServerResponse, part: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    response.write(part, () => {
      response.destroy();
      resolve();
    });
  });
}
