import { describe, expect, expectTypeOf, it } from 'vitest';
import { APP_ID, BotService, newKey, TENANT } from '../../test/support/bot-service.ts';
import { activityTypes, createBot, eventNames, type InvokeName, invokes } from './index.ts';

const keys = [newKey('own')];
const service = () => new BotService(keys);

describe('a bot does not start', () => {
  it.each<[string, object]>([
    ['bot_app_id_missing', { appId: '' }],
    ['bot_app_id_missing', { appId: undefined }],
    ['bot_app_id_missing', { appId: 'my-bot' }],
    ['bot_tenant_missing', { tenant: [] }],
    ['bot_tenant_missing', { tenant: undefined }],
    ['bot_tenant_missing', { tenant: '*' }],
    ['bot_tenant_missing', { tenant: [TENANT, 'common'] }],
    ['unknown_value', { cloud: 'mars' }],
    ['bot_twin_invalid', { twinUrl: 'https://evil.example' }],
    ['bot_twin_invalid', { twinUrl: 'http://10.0.0.1:8080' }],
    ['bot_twin_invalid', { twinUrl: 'http://127.0.0.1.evil.example' }],
    ['bot_twin_invalid', { twinUrl: 'x' }],
  ])('%s: %j', (code, wrong) => {
    expect(() => createBot({ appId: APP_ID, tenant: TENANT, ...wrong } as never)).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it('with a handler for what no activity is', () => {
    const bot = service().bot();
    for (const filter of ['invoke', 'invoke:task/open', 'messages', 'conversationUpdate:teamSold', 'typing:x', '']) {
      expect(() => bot.on(filter as 'message', () => {})).toThrow(
        expect.objectContaining({ code: 'bot_filter_unknown' }),
      );
    }
  });
});

describe('an activity', () => {
  it.each(Object.keys(activityTypes).filter((type) => type !== 'invoke'))(
    'of type %s reaches its handler',
    async (type) => {
      const own = service();
      const seen: string[] = [];
      const bot = own.bot().on(type as 'message', ({ activity }) => seen.push(activity.type));
      expect((await bot.fetch(own.request(own.activity({ type })))).status).toBe(200);
      expect(seen).toEqual([type]);
    },
  );

  const events = Object.entries(eventNames).flatMap(([type, names]) => names.map((name) => [type, name] as const));
  it.each(events)('%s: %s reaches the handler of its name and that of its type', async (type, name) => {
    const own = service();
    const seen: string[] = [];
    const bot = own
      .bot()
      .on(`${type}:${name}` as 'event:agenticUserEnabled', async (_, next) => {
        seen.push(name);
        await next();
      })
      .on(type as 'event', () => seen.push(type));
    const fields = { event: { name }, installationUpdate: { action: name } }[type as string];
    const channelData = { tenant: { id: TENANT }, ...(!fields && { eventType: name }) };
    const answer = await bot.fetch(own.request(own.activity({ type, channelData, ...fields })));
    expect(answer.status).toBe(200);
    expect(seen).toEqual([name, type]);
  });

  it('of a type or an event that nobody has published is counted and answered with 200', async () => {
    const own = service();
    const bot = own.bot().on('conversationUpdate:teamRenamed', () => {});
    expect((await bot.fetch(own.request(own.activity({ type: 'telepathy' })))).status).toBe(200);
    const event = own.activity({
      type: 'conversationUpdate',
      channelData: { tenant: { id: TENANT }, eventType: 'teamSold' },
    });
    expect((await bot.fetch(own.request(event))).status).toBe(200);
    expect(own.outcomes).toEqual(['unknown', 'unhandled']);
  });

  it('has a text without the mention of the bot, and its HTML form is no attachment', async () => {
    const own = service();
    const seen: object[] = [];
    const bot = own.bot().on('message', ({ text, html, attachments }) => {
      seen.push({ text, html, attachments });
    });
    const mention = { type: 'mention', text: '<at>Bot</at>', mentioned: { id: `28:${APP_ID}`, name: 'Bot' } };
    const other = { type: 'mention', text: '<at>Ada</at>', mentioned: { id: '29:ada', name: 'Ada' } };
    const file = { contentType: 'application/vnd.microsoft.teams.file.download.info', name: 'plan.pdf' };
    await bot.fetch(
      own.request(
        own.activity({
          text: '<at>Bot</at>\u00a0ask <at>Ada</at> about  the plan\n',
          entities: [mention, other, { type: 'clientInfo', locale: 'en' }],
          attachments: [{ contentType: 'text/html', content: '<p>ask</p>' }, file],
        }),
      ),
    );
    expect(seen).toEqual([{ text: 'ask <at>Ada</at> about  the plan', html: '<p>ask</p>', attachments: [file] }]);
  });

  it('that comes again gets the first answer, and no handler twice; also while the first is under way', async () => {
    const own = service();
    let runs = 0;
    const bot = own.bot().on('message', async () => {
      runs++;
      await Promise.resolve();
    });
    const activity = own.activity();
    const answers = await Promise.all([bot.fetch(own.request(activity)), bot.fetch(own.request(activity))]);
    answers.push(await bot.fetch(own.request(activity)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(runs).toBe(1);
    expect(own.outcomes.filter((outcome) => outcome === 'repeated').length).toBe(2);
  });

  it('that an edit shares its id with is not taken for its repeat, nor is the same id of another conversation', async () => {
    const own = service();
    let runs = 0;
    const bot = own.bot().use(() => {
      runs++;
    });
    const first = own.activity();
    const edits = [1, 2].map((at) => ({ ...first, type: 'messageUpdate', timestamp: `2026-11-29T10:00:0${at}Z` }));
    const elsewhere = { ...first, conversation: { id: 'a:two', tenantId: TENANT } };
    for (const activity of [first, ...edits, elsewhere]) await bot.fetch(own.request(activity));
    expect(runs).toBe(4);
  });

  it('whose handler failed is answered with 500, and its repeat is worked on', async () => {
    const own = service();
    let runs = 0;
    const bot = own.bot().on('message', () => {
      if (++runs === 1) throw new RangeError('canary of the text');
    });
    const activity = own.activity();
    expect((await bot.fetch(own.request(activity))).status).toBe(500);
    expect((await bot.fetch(own.request(activity))).status).toBe(200);
    expect(own.outcomes).toEqual(['failed', 'handled']);
    const [log] = own.telemetry.logs;
    expect(log).toMatchObject({ event: 'bot.failed', fields: { code: 'handler_failed', type: 'message' } });
    expect(JSON.stringify(own.telemetry.logs)).not.toMatch(/canary|a:one/);
  });
});

describe('middleware', () => {
  it('works around what is registered later, in order; a handler ends the chain unless it calls next', async () => {
    const own = service();
    const seen: string[] = [];
    const bot = own
      .bot()
      .use(async (_, next) => {
        seen.push('before');
        await next();
        seen.push('after');
      })
      .on(['message', 'typing'], () => seen.push('first'))
      .on('message', () => seen.push('second'));
    await bot.fetch(own.request());
    expect(seen).toEqual(['before', 'first', 'after']);
  });

  it('keeps an activity from the handlers by not calling next', async () => {
    const own = service();
    const bot = own
      .bot()
      .use(() => {})
      .on('message', () => expect.unreachable());
    expect((await bot.fetch(own.request())).status).toBe(200);
  });

  it('that calls next twice has failed', async () => {
    const own = service();
    const bot = own.bot().use(async (_, next) => {
      await next();
      await next();
    });
    expect((await bot.fetch(own.request())).status).toBe(500);
  });
});

const card = { contentType: 'application/vnd.microsoft.card.adaptive', content: { type: 'AdaptiveCard' } };
const task = { task: { type: 'continue', value: { title: 'T', card } } };
const result = { composeExtension: { type: 'result', attachmentLayout: 'list', attachments: [card] } };
const config = { responseType: 'config', config: { type: 'message', value: 'saved' } };
const tab = { tab: { type: 'continue', value: { cards: [{ card: {} }] } } };
const text = 'Something went wrong. Please try again.';
const dialogFailed = { task: { type: 'message', value: text } };
const extensionFailed = { composeExtension: { type: 'message', text } };
const configFailed = { responseType: 'config', config: { type: 'message', value: text } };
const fault = { statusCode: 500, type: 'application/vnd.microsoft.error', value: { code: 'BotFailed', message: text } };

type Answer = readonly [status: number, body?: unknown];

/** For each invoke: what a handler gives, what is answered to it, and what when it fails. */
const contracts: Readonly<Record<InvokeName, { good: unknown; answer: Answer; failed: Answer; bad?: unknown }>> = {
  'adaptiveCard/action': {
    good: { statusCode: 200, type: 'application/vnd.microsoft.card.adaptive', value: { type: 'AdaptiveCard' } },
    answer: [
      200,
      { statusCode: 200, type: 'application/vnd.microsoft.card.adaptive', value: { type: 'AdaptiveCard' } },
    ],
    failed: [200, fault],
    bad: { statusCode: 200, type: 'application/vnd.microsoft.adaptive.card', value: {} },
  },
  'task/fetch': { good: task, answer: [200, task], failed: [200, dialogFailed], bad: { task: { type: 'go' } } },
  'task/submit': { good: undefined, answer: [200], failed: [200, dialogFailed], bad: { task: {} } },
  'message/fetchTask': { good: task, answer: [200, task], failed: [200, dialogFailed], bad: task.task },
  'composeExtension/query': {
    good: result,
    answer: [200, result],
    failed: [200, extensionFailed],
    bad: { type: 'result' },
  },
  'composeExtension/queryLink': { good: result, answer: [200, result], failed: [200, extensionFailed], bad: [] },
  'composeExtension/anonymousQueryLink': {
    good: result,
    answer: [200, result],
    failed: [200, extensionFailed],
    bad: 7,
  },
  'composeExtension/selectItem': { good: result, answer: [200, result], failed: [200, extensionFailed], bad: 'x' },
  'composeExtension/querySettingUrl': {
    good: result,
    answer: [200, result],
    failed: [200, extensionFailed],
    bad: task,
  },
  'composeExtension/setting': { good: undefined, answer: [200], failed: [200, extensionFailed], bad: task },
  'composeExtension/fetchTask': { good: task, answer: [200, task], failed: [200, dialogFailed], bad: {} },
  'composeExtension/submitAction': { good: result, answer: [200, result], failed: [200, dialogFailed], bad: {} },
  'composeExtension/onCardButtonClicked': { good: { x: 1 }, answer: [200], failed: [500] },
  'message/submitAction': { good: { x: 1 }, answer: [200], failed: [500] },
  'signin/tokenExchange': {
    good: { failureDetail: 'no consent' },
    answer: [412, { id: 'x', connectionName: 'c', failureDetail: 'no consent' }],
    failed: [412, { id: 'x', connectionName: 'c', failureDetail: text }],
    bad: { failureDetail: 7 },
  },
  'signin/verifyState': { good: undefined, answer: [200], failed: [500] },
  'signin/failure': { good: undefined, answer: [200], failed: [500] },
  'fileConsent/invoke': { good: undefined, answer: [200], failed: [500] },
  'actionableMessage/executeAction': { good: undefined, answer: [200], failed: [500] },
  'config/fetch': { good: config, answer: [200, config], failed: [200, configFailed], bad: undefined },
  'config/submit': { good: config, answer: [200, config], failed: [200, configFailed], bad: { config } },
  'tab/fetch': { good: tab, answer: [200, tab], failed: [500], bad: undefined },
  'tab/submit': { good: tab, answer: [200, tab], failed: [500], bad: { tab: {} } },
  'application/search': {
    good: { statusCode: 200, type: 'application/vnd.microsoft.search.searchResponse', value: { results: [] } },
    answer: [200, { statusCode: 200, type: 'application/vnd.microsoft.search.searchResponse', value: { results: [] } }],
    failed: [200, fault],
    bad: { results: [] },
  },
  'handoff/action': { good: undefined, answer: [200], failed: [500] },
  nameless: { good: undefined, answer: [200], failed: [500] },
  'suggestedActions/submit': { good: undefined, answer: [200], failed: [500] },
  'htmlwidget/calltool': {
    good: { responseType: 'htmlwidget/calltoolresult', callToolResult: { content: [{ type: 'text', text: 'x' }] } },
    answer: [
      200,
      { responseType: 'htmlwidget/calltoolresult', callToolResult: { content: [{ type: 'text', text: 'x' }] } },
    ],
    failed: [
      200,
      {
        responseType: 'htmlwidget/calltoolresult',
        callToolResult: { isError: true, content: [{ type: 'text', text }] },
      },
    ],
    bad: undefined,
  },
};

async function answerOf(response: Response): Promise<Answer> {
  const body = await response.text();
  return body === '' ? [response.status] : [response.status, JSON.parse(body)];
}

describe('an invoke', () => {
  const names = Object.keys(invokes) as InvokeName[];
  const value = { id: 'x', connectionName: 'c' };
  const invoke = (own: BotService, name: InvokeName) =>
    own.request(own.invoke(name === 'nameless' ? undefined : name, value));

  it.each(names)('%s is answered with what its handler gives', async (name) => {
    const { good, answer } = contracts[name];
    const own = service();
    const bot = own.bot().on(`invoke:${name}`, () => good as never);
    expect(await answerOf(await bot.fetch(invoke(own, name)))).toEqual(answer);
    expect(own.outcomes).toEqual(['handled']);
  });

  it.each(names)('%s is told in its own form that its handler threw', async (name) => {
    const own = service();
    const bot = own.bot().on(`invoke:${name}`, () => {
      throw new Error('canary');
    });
    expect(await answerOf(await bot.fetch(invoke(own, name)))).toEqual(contracts[name].failed);
    expect(own.outcomes).toEqual(['failed']);
  });

  it.each(names)('%s is told in its own form, within five seconds, that its handler is too slow', async (name) => {
    const own = service();
    let aborted = false;
    let begin = () => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const bot = own.bot().on(`invoke:${name}`, async ({ signal }) => {
      begin();
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      await own.clock.sleep(60_000);
      return undefined as never;
    });
    const asked = bot.fetch(invoke(own, name));
    await begun;
    const begunMs = own.clock.now();
    const answer = await own.clock.run(asked);
    expect(await answerOf(answer)).toEqual(contracts[name].failed);
    expect(own.clock.now() - begunMs).toBeLessThan(5_000);
    expect(aborted).toBe(true);
    expect(own.outcomes).toEqual(['slow']);
  });

  it.each(names.filter((name) => 'bad' in contracts[name]))(
    '%s is not answered with a form that it does not have',
    async (name) => {
      const own = service();
      const bot = own.bot().on(`invoke:${name}`, () => contracts[name].bad as never);
      expect(await answerOf(await bot.fetch(invoke(own, name)))).toEqual(contracts[name].failed);
      expect(own.telemetry.logs).toMatchObject([{ fields: { code: 'invoke_answer_invalid', name } }]);
    },
  );

  it.each(names)('%s without a handler is answered with 501 and nothing', async (name) => {
    const own = service();
    expect(await answerOf(await own.bot().fetch(invoke(own, name)))).toEqual([501]);
    expect(own.outcomes).toEqual(['unhandled']);
  });

  it('with a name that nobody has published is answered with 501 and nothing, whatever handlers there are', async () => {
    const own = service();
    const bot = own.bot().on('invoke:task/fetch', () => undefined);
    for (const name of ['task/open', 'constructor', '__proto__', '']) {
      expect(await answerOf(await bot.fetch(own.request(own.invoke(name))))).toEqual([501]);
    }
    expect(new Set(own.outcomes)).toEqual(new Set(['unknown']));
  });

  it('that comes again gets the same answer, and its handler does not run again', async () => {
    const own = service();
    let runs = 0;
    const bot = own.bot().on('invoke:task/submit', () => {
      runs++;
      return { task: { type: 'message' as const, value: `run ${runs}` } };
    });
    const activity = own.invoke('task/submit');
    const answers = [await bot.fetch(own.request(activity)), await bot.fetch(own.request(activity))];
    expect(await Promise.all(answers.map((answer) => answer.json()))).toEqual(
      Array(2).fill({ task: { type: 'message', value: 'run 1' } }),
    );
  });

  it('sign-in that succeeded is answered with 200 and nothing', async () => {
    const own = service();
    const bot = own.bot().on('invoke:signin/tokenExchange', () => undefined);
    expect(await answerOf(await bot.fetch(own.request(own.invoke('signin/tokenExchange', value))))).toEqual([200]);
  });

  it.each([
    { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: 'done' },
    { statusCode: 400, type: 'application/vnd.microsoft.error', value: { code: 'BadRequest', message: 'no' } },
    { statusCode: 500, type: 'application/vnd.microsoft.error', value: { code: 'Broken', message: 'no' } },
    { statusCode: 401, type: 'application/vnd.microsoft.activity.loginRequest', value: { text: 'sign in' } },
    { statusCode: 401, type: 'application/vnd.microsoft.error.incorrectAuthCode', value: null },
    { statusCode: 412, type: 'application/vnd.microsoft.error.preconditionFailed', value: { code: 'c', message: 'm' } },
  ] as const)('adaptiveCard/action may be answered with $type $statusCode', async (given) => {
    const own = service();
    const bot = own.bot().on('invoke:adaptiveCard/action', () => given);
    expect(await answerOf(await bot.fetch(own.request(own.invoke('adaptiveCard/action'))))).toEqual([200, given]);
  });
});

describe('the endpoint', () => {
  it.each(['GET', 'HEAD', 'PUT', 'DELETE'])('has no %s', async (method) => {
    const { status } = await service().bot().fetch(new Request('https://bot.example/', { method }));
    expect(status).toBe(405);
  });

  it('has types: a handler sees what its filter lets through, and an invoke must be answered in its form', () => {
    const bot = service().bot();
    bot.on('message', ({ text }) => expectTypeOf(text).toEqualTypeOf<string>());
    bot.on('conversationUpdate:teamRenamed', ({ activity }) =>
      expectTypeOf(activity.topicName).toEqualTypeOf<string | null | undefined>(),
    );
    bot.on('invoke:task/fetch', ({ activity }) => {
      expectTypeOf(activity.value).toBeUnknown();
      return { task: { type: 'message', value: 'x' } };
    });
    // @ts-expect-error a message extension is answered otherwise
    bot.on('invoke:composeExtension/query', () => ({ task: { type: 'message', value: 'x' } }));
    // @ts-expect-error no activity has this type
    expect(() => bot.on('mesage', () => {})).toThrow();
    // @ts-expect-error each invoke has an answer of its own
    expect(() => bot.on('invoke', () => {})).toThrow();
  });
});
