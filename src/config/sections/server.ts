import { z } from 'zod';
import { MAX_BODY_BYTES } from '../../messages/received.ts';
import { closed, filled, secretIn, whole } from '../../settings/fields.ts';
import type { ReferenceSources } from '../../settings/references.ts';
import { section } from '../../settings/section.ts';

const LOOPBACK: readonly string[] = ['127.0.0.1', 'localhost', '::1'];

/** Whether only this machine reaches the host. */
export const isLoopback = (host: string): boolean => LOOPBACK.includes(host.toLowerCase());

const milliseconds = whole;

/** The section `server`: where `sluice serve` listens, and who may send to it. */
export const serverSection = section({ name: 'server', variables: {}, schema: serverSchema });

function serverSchema(sources: ReferenceSources) {
  const secret = secretIn(sources);
  return closed({
    host: filled.default('127.0.0.1').describe('Address to listen on.'),
    port: whole(0, 65_535).default(8686).describe('Port; 0 is any free one.'),
    instance: filled.default('default').describe('Name of this process; each one on a shared database has its own.'),
    api_keys: z
      .array(closed({ key: secret, tenant: filled.optional() }))
      .default([])
      .describe('Keys that senders give as Bearer or x-api-key. Needed unless the host is this machine only.'),
    max_body_bytes: whole(1_024, MAX_BODY_BYTES).default(MAX_BODY_BYTES).describe('Largest request body.'),
    request_timeout_ms: milliseconds(100, 600_000).default(15_000).describe('Time for a client to send a request.'),
    drain_ms: milliseconds(0, 600_000).default(10_000).describe('Time for open requests at the end.'),
  }).refine(({ host, api_keys: keys }) => isLoopback(host) || keys.length > 0, {
    path: ['api_keys'],
    error: `Without keys the host must be one of ${LOOPBACK.join(', ')}.`,
  });
}
