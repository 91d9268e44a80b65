import { type Bot, type BotOptions, createBot, Secret } from '../../src/bot/index.ts';
import { botService } from '../../src/simulator/bot/bot-service.ts';
import { createTwin } from '../../src/simulator/twin.ts';
import { fakeTelemetry } from './fake-telemetry.ts';
import { smallTenant } from './served-twin.ts';
import { VirtualClock } from './virtual-clock.ts';

/** A twin and a bot that know each other, without a socket. */
export function botTwin(
  options: Partial<BotOptions> = {},
  limits: 'none' | 'published' = 'none',
  clock = new VirtualClock(),
) {
  const telemetry = fakeTelemetry();
  const url = 'http://127.0.0.1:3979';
  const tenant = smallTenant({ teams: 1, channels: 1, messages: 1 });
  let ids = 0;
  const { now, monotonic, random, sleep } = clock;
  const runtime = {
    now,
    monotonic,
    random,
    sleep,
    id: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`,
  };
  let bot: Bot | undefined;
  const twin = createTwin({
    tenant,
    runtime,
    limits,
    botUrl: 'http://127.0.0.1:3978/api/messages',
    botFetch: (request) => bot!.fetch(request),
  });
  let inFlight = 0;
  const fetch = (async (input: string, init?: RequestInit) => {
    inFlight++;
    try {
      return await twin.fetch(new Request(input, init));
    } finally {
      inFlight--;
    }
  }) as typeof globalThis.fetch;
  /** From now on this one is told. */
  const newBot = () => {
    bot = createBot({
      appId: twin.env(url)['TEAMS_BOT_APP_ID']!,
      tenant: tenant.id,
      credential: { kind: 'secret', secret: new Secret(twin.env(url)['TEAMS_BOT_APP_SECRET']!) },
      twinUrl: url,
      fetch,
      runtime,
      telemetry,
      ...options,
    });
    return bot;
  };
  const first = newBot();
  const service = twin.service(botService);
  for (const conversation of service.conversations) conversation.installed = true;
  const control = async (method: string, path: string, body?: unknown) => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    return twin.fetch(new Request(`${url}/_twin${path}`, init));
  };
  /** Lets time pass while somebody waits for it, and none while a request is under way. */
  const patiently = async <T>(work: Promise<T>): Promise<T> => {
    let over = false;
    const end = () => {
      over = true;
    };
    work.then(end, end);
    while (!over) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (inFlight === 0) clock.advance(1_000);
    }
    return work;
  };
  const env = twin.env(url);
  return {
    bot: first,
    newBot,
    appId: env['TEAMS_BOT_APP_ID']!,
    appSecret: env['TEAMS_BOT_APP_SECRET']!,
    tenantId: tenant.id,
    /** From now on this one is told. */
    replaceBot: (other: Bot) => {
      bot = other;
    },
    patiently,
    twin,
    clock,
    telemetry,
    service,
    url,
    fetch,
    act: (deed: Parameters<typeof service.act>[0]) => service.act(deed, url),
    control,
    script: (...steps: readonly object[]) => control('POST', '/bot/script', { steps }),
    seen: async (conversation: string) => (await control('GET', `/channel?conversation=${conversation}`)).text(),
  };
}
