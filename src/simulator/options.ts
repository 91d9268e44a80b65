import { z } from 'zod';
import { localPath } from '../runtime/local-path.ts';
import { knownPermissions, readPermissions } from './collections/index.ts';

const path = z.string().transform((text, context) => {
  const read = localPath(text);
  if ('path' in read) return read.path;
  context.addIssue({ code: 'custom', message: read.problem });
  return z.NEVER;
});
const date = z.string().transform((text, context) => {
  const ms = /^\d{4}(-|$)/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  context.addIssue({ code: 'custom', message: 'must be a date, for example 2004-01-01' });
  return z.NEVER;
});
const count = (fallback: number, what: string) => z.coerce.number().int().min(1).default(fallback).describe(what);

/** `A,B` grants these alone; `-A,-B` grants what a whole read needs without these. */
const permissions = z.string().transform((text, context): readonly string[] => {
  const names = text.split(',').map((name) => name.trim());
  const refuse = (message: string) => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  const withheld = names.filter((name) => name.startsWith('-')).map((name) => name.slice(1));
  const granted = names.filter((name) => !name.startsWith('-'));
  const unknown = [...withheld, ...granted].find((name) => !knownPermissions.includes(name));
  if (unknown !== undefined) return refuse(`unknown permission "${unknown}"; known: ${knownPermissions.join(', ')}`);
  if (withheld.length > 0 && granted.length > 0) return refuse('either names what is granted or, with -, what is not');
  return granted.length > 0 ? granted : readPermissions.filter((name) => !withheld.includes(name));
});

/** Options of `sluice simulate`: one table for the command line, its help and the check of what was given. */
export const simulateOptions = z.strictObject({
  tenant: path.optional().describe('load the tenant from the JSONL files of this folder'),
  teams: count(5, 'teams of the generated tenant'),
  channels: count(4, 'channels per team'),
  messages: count(100, 'root messages per channel, on average'),
  users: count(40, 'people'),
  chats: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('chats, one-to-one, of groups and of meetings, each with as many messages as a channel has roots'),
  since: date.optional().describe('the first messages are from then, for example 2004-01-01 (default: 400 days ago)'),
  seed: z.coerce.number().int().default(1).describe('the same seed gives the same tenant and the same accidents'),
  profile: z
    .enum(['regular', 'recorded'])
    .default('recorded')
    .describe('how answers look: as in recordings of Graph (short pages, plain links, gzip), or plain and regular'),
  permissions: permissions
    .optional()
    .describe(
      'application permissions that are granted, or withheld with - in front: -Chat.Read.All,-User.Read.All (default: what a whole read needs)',
    ),
  limits: z.enum(['published', 'none']).default('published').describe("Microsoft's published limits, or none"),
  strict: z.coerce
    .number()
    .min(1)
    .optional()
    .describe('this many times stricter than published, and half of the 429s without Retry-After'),
  credential: z
    .enum(['secret', 'certificate', 'federated', 'managed'])
    .default('secret')
    .describe('how the app proves itself: the variables that are printed are for this kind'),
  bot: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .optional()
    .describe(
      'URL where a bot takes its messages, for example http://127.0.0.1:3978/api/messages: people of the tenant talk to it',
    ),
  port: z.coerce.number().int().min(0).max(65_535).default(0).describe('port; 0 is any free one'),
  https: z.boolean().default(false).describe('serve HTTPS with a certificate made at the start'),
});

export type SimulateOptions = z.output<typeof simulateOptions>;
export type SimulateInput = z.input<typeof simulateOptions>;
