import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type Bot, type BotOptions, botClouds, type CloudName, createBot } from '../../src/bot/index.ts';
import { fakeTelemetry, type RecordedTelemetry } from './fake-telemetry.ts';
import { VirtualClock } from './virtual-clock.ts';

export const APP_ID = '11111111-1111-4111-8111-111111111111';
export const TENANT = '22222222-2222-4222-8222-222222222222';
export const OTHER_APP = '33333333-3333-4333-8333-333333333333';
export const OTHER_TENANT = '44444444-4444-4444-8444-444444444444';

type Json = Readonly<Record<string, unknown>>;

/** One published key. `endorsements` undefined: the key has no list. */
export interface TestKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly endorsements: unknown;
}

export const newKey = (kid: string, endorsements: unknown = ['msteams', 'webchat']): TestKey => ({
  kid,
  endorsements,
  privateKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
});

export const published = ({ kid, privateKey, endorsements }: TestKey) => ({
  ...createPublicKey(privateKey).export({ format: 'jwk' }),
  kid,
  use: 'sig',
  endorsements,
});

export const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token with exactly this header and these claims, signed with RS256 whatever the header says. */
export function tokenOf(header: unknown, claims: unknown, { privateKey }: Pick<TestKey, 'privateKey'>): string {
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
}

/** The bot service of a cloud: its metadata and its keys, and what it sends to a bot. */
export class BotService {
  readonly clock: VirtualClock;
  readonly telemetry: RecordedTelemetry = fakeTelemetry();
  readonly cloud: CloudName;
  keys: readonly TestKey[];
  /** Answers in place of the service. */
  instead: ((url: string, init?: RequestInit) => Response | Promise<Response>) | undefined;
  readonly asked: string[] = [];
  #ids = 0;

  constructor(keys: readonly TestKey[], cloud: CloudName = 'public', clock = new VirtualClock()) {
    this.keys = keys;
    this.clock = clock;
    this.cloud = cloud;
  }

  get serviceUrl(): string {
    return serviceUrls[this.cloud];
  }

  bot(options: Partial<BotOptions> = {}): Bot {
    const { clock: runtime, telemetry, cloud, fetch } = this;
    return createBot({ appId: APP_ID, tenant: TENANT, cloud, runtime, telemetry, fetch, ...options });
  }

  readonly fetch = (async (input: string, init?: RequestInit) => {
    this.asked.push(input);
    if (this.instead) return this.instead(input, init);
    const { metadataUrl, issuer } = botClouds[this.cloud];
    const keysUrl = metadataUrl.replace('openidconfiguration', 'keys');
    if (input === keysUrl) return Response.json({ keys: this.keys.map(published) });
    return Response.json({ issuer, jwks_uri: keysUrl, id_token_signing_alg_values_supported: ['RS256'] });
  }) as typeof globalThis.fetch;

  claims(more: Json = {}): Json {
    const seconds = Math.floor(this.clock.now() / 1_000);
    const { issuer } = botClouds[this.cloud];
    return { iss: issuer, aud: APP_ID, nbf: seconds, exp: seconds + 3_600, serviceurl: this.serviceUrl, ...more };
  }

  header(more: Json = {}): Json {
    return { typ: 'JWT', alg: 'RS256', kid: this.keys[0]!.kid, ...more };
  }

  token(claims: Json = {}, header: Json = {}, key: Pick<TestKey, 'privateKey'> = this.keys[0]!): string {
    return tokenOf(this.header(header), this.claims(claims), key);
  }

  activity(more: Json = {}): Json {
    return {
      type: 'message',
      id: `a-${++this.#ids}`,
      channelId: 'msteams',
      serviceUrl: this.serviceUrl,
      timestamp: new Date(this.clock.now()).toISOString(),
      from: { id: '29:ada', name: 'Ada', aadObjectId: OTHER_APP },
      recipient: { id: `28:${APP_ID}`, name: 'Bot' },
      conversation: { id: 'a:one', conversationType: 'personal', tenantId: TENANT },
      channelData: { tenant: { id: TENANT } },
      text: 'hello',
      ...more,
    };
  }

  invoke(name: string | undefined, value: unknown = {}): Json {
    return this.activity({ type: 'invoke', name, value, text: undefined });
  }

  request(activity: unknown = this.activity(), authorization: string | undefined = `Bearer ${this.token()}`): Request {
    return new Request('https://bot.example/api/messages', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(authorization !== undefined && { authorization }) },
      body: JSON.stringify(activity),
    });
  }

  /** Why requests were refused, in order. */
  get refusals(): string[] {
    return this.telemetry.counts
      .filter(({ name }) => name === 'teams.bot.refused')
      .map(({ labels }) => (labels as { reason: string }).reason);
  }

  /** What became of activities, in order. */
  get outcomes(): string[] {
    return this.telemetry.counts
      .filter(({ name }) => name === 'teams.bot.activities')
      .map(({ labels }) => (labels as { outcome: string }).outcome);
  }
}

export const serviceUrls: Readonly<Record<CloudName, string>> = {
  public: 'https://smba.trafficmanager.net/emea/',
  'usgov-gcc': 'https://smba.infra.gcc.teams.microsoft.com/teams',
  'usgov-gcc-high': 'https://smba.infra.gov.teams.microsoft.us/teams',
  'usgov-dod': 'https://smba.infra.dod.teams.microsoft.us/teams',
  china: 'https://smba.infra.partner.teams.microsoft.cn/teams',
};
