import { beforeAll, describe, expect, it } from 'vitest';
import { type AnyContext, mention } from '../../src/bot/index.ts';
import { botRules } from '../../src/errors/bot-rules.ts';
import { isSluiceError, type SluiceError } from '../../src/errors/sluice-error.ts';
import { botTwin } from '../support/bot-twin.ts';

const card = { type: 'AdaptiveCard', version: '1.5', body: [{ type: 'TextBlock', text: 'Build 512' }] };

/** A bot in every conversation that does one thing with each message. */
async function talking(work: (context: AnyContext) => unknown, limits: 'none' | 'published' = 'none') {
  const world = botTwin({}, limits);
  for (const conversation of ['personal', 'group', 'channel']) await world.act({ do: 'install', conversation });
  const errors: unknown[] = [];
  world.bot.on('message', async (context) => {
    try {
      await work(context);
    } catch (error) {
      errors.push(error);
    }
  });
  return {
    ...world,
    errors: errors as SluiceError[],
    say: (text = 'hello', conversation = 'personal') => world.patiently(world.act({ do: 'say', text, conversation })),
  };
}

describe('a bot among the people of the twin', () => {
  it('is installed, greeted, and answers in a personal chat, a group and a thread of a channel', async () => {
    const { say, seen, errors } = await talking(({ reply, activity }) =>
      reply(`You said: ${'text' in activity ? activity.text : ''}`),
    );
    for (const conversation of ['personal', 'group', 'channel']) {
      expect(await say('the plan', conversation)).toMatchObject([{ type: 'message', status: 200 }]);
      expect(await seen(conversation)).toContain('You said:');
    }
    expect(await seen('channel')).toMatch(/↳ \S+ {2}Bot/);
    expect(errors).toEqual([]);
  });

  it('edits and deletes what it said, shows a card, and that it types', async () => {
    const { say, seen, service, errors } = await talking(async ({ reply, edit, typing, card: show, ...context }) => {
      await typing();
      const { id } = await reply('Working');
      await edit(id!, 'Done');
      const { id: second } = await reply('A mistake');
      await context.delete(second!);
      await show(card);
    });
    await say();
    expect(errors).toEqual([]);
    const text = await seen('personal');
    expect(text).toMatch(/Bot \(edited\)\n {2}Done/);
    expect(text).toContain('This message has been deleted.');
    expect(text).toContain('Build 512');
    expect(text).not.toMatch(/Working|A mistake/);
    expect(service.conversations[0]!.typingAtMs).toBeDefined();
    expect(service.ledger.map(({ operation, status }) => `${operation} ${status}`)).toEqual([
      'send 201',
      'reply 201',
      'update 200',
      'reply 201',
      'delete 200',
      'reply 201',
    ]);
  });

  it('sends text and card as two messages, each with an id of its own', async () => {
    const ids: unknown[] = [];
    const { say, service } = await talking(async ({ reply }) => {
      const attachments = [{ contentType: 'application/vnd.microsoft.card.adaptive', content: card }];
      ids.push((await reply({ text: 'See', attachments })).ids);
    });
    await say();
    expect(ids).toEqual([[expect.any(String), expect.any(String)]]);
    expect(service.conversations[0]!.posts.filter(({ by }) => by === 'bot').length).toBe(2);
  });

  it('knows who is in a conversation', async () => {
    const names: unknown[] = [];
    const { say, service } = await talking(async ({ members }) => {
      for await (const member of members()) names.push(member.name);
    });
    await say('who', 'group');
    expect(names).toEqual(service.conversations[1]!.people.map(({ displayName }) => displayName));
  });

  it('reads ten thousand members page after page, within the published windows', async () => {
    const ids = new Set<string>();
    const { say, service, errors } = await talking(async ({ members }) => {
      for await (const { id } of members()) ids.add(id);
    }, 'published');
    const group = service.conversations[1]!;
    const [first] = group.people;
    const people = Array.from({ length: 10_000 }, (_, at) => ({ ...first!, id: `user-${at}`, displayName: `U${at}` }));
    Object.assign(group, { people });
    await say('who', 'group');
    expect(errors).toEqual([]);
    expect(ids.size).toBe(10_000);
    expect(service.ledger.map(({ operation, status }) => `${operation} ${status}`)).toEqual(
      Array.from({ length: 20 }, () => 'members 200'),
    );
  });

  it('names people of the conversation, nobody else, and only where the text names them', async () => {
    const { say, seen, errors, service } = await talking(async ({ reply, activity }) => {
      const { text, entity } = mention(activity.from);
      await reply({ text: `${text}: it is done`, entities: [entity] });
      const outsider = mention({ id: '29:somebody-else', name: 'Eve <eve>' });
      const others = [
        { text: `${outsider.text}: look`, entities: [outsider.entity] },
        { text: 'look', entities: [entity] },
      ];
      for (const other of others) {
        await reply(other).catch((error: unknown) => isSluiceError(error) && errors.push(error));
      }
    });
    await say('who', 'group');
    expect(await seen('group')).toContain(`<at>${service.conversations[1]!.people[0]!.displayName}</at>: it is done`);
    expect(errors.map(({ code }) => code)).toEqual(['activity_refused', 'mention_not_in_text']);
    expect(service.conversations[1]!.posts.filter(({ by }) => by === 'bot')).toHaveLength(1);
  });

  it('is told of edits, deletions, reactions, buttons and removal', async () => {
    const { bot, act } = botTwin();
    const seen: string[] = [];
    bot.use(({ activity }) => {
      seen.push(activity.type);
    });
    await act({ do: 'install' });
    const [said] = await act({ do: 'say', text: 'x' });
    const id = String(said!.id);
    await act({ do: 'edit', id, text: 'y' });
    await act({ do: 'react', id });
    await act({ do: 'delete', id });
    await act({ do: 'press', value: { choice: 1 } });
    await act({ do: 'uninstall' });
    const types = ['message', 'messageUpdate', 'messageReaction', 'messageDelete', 'message'];
    expect(seen).toEqual([
      'installationUpdate',
      'conversationUpdate',
      ...types,
      'conversationUpdate',
      'installationUpdate',
    ]);
  });

  it('answers a button with a new card, and what nobody knows with 501', async () => {
    const { bot, act } = botTwin();
    const answer = { statusCode: 200, type: 'application/vnd.microsoft.card.adaptive', value: card } as const;
    bot.on('invoke:adaptiveCard/action', () => answer);
    expect(await act({ do: 'execute', verb: 'approve' })).toMatchObject([{ status: 200, body: answer }]);
    expect(await act({ do: 'invoke', name: 'task/open' })).toMatchObject([{ status: 501, body: undefined }]);
  });

  it('goes on when the keys of the bot service change', async () => {
    const { say, control, clock } = await talking(() => {});
    await control('POST', '/bot/keys/rotate');
    clock.advance(31_000);
    expect(await say()).toMatchObject([{ status: 200 }]);
  });
});

describe("the bot's token", () => {
  it('is fetched once, and goes to the service URL alone', async () => {
    const { say, twin, telemetry } = await talking(({ reply }) => reply('x'));
    for (let at = 0; at < 5; at++) await say();
    expect(twin.requests().tokens).toBe(1);
    expect(telemetry.counts.filter(({ name }) => name === 'teams.bot.requests').length).toBe(5);
  });

  it('goes where the verified activity said, whatever a handler writes into it later', async () => {
    const sent: string[] = [];
    const { say, errors } = await talking(async ({ activity, reply }) => {
      // As if the check at the door had been passed.
      (activity as { serviceUrl: string }).serviceUrl = 'https://evil.example/';
      await reply('x').finally(() => sent.push('over'));
    });
    await say();
    expect(sent).toEqual(['over']);
    // The speech was made of the verified activity: what a handler writes into it later changes nothing.
    expect(errors).toEqual([]);
  });

  it('is fetched anew once after a 401, and the message arrives', async () => {
    const { say, script, seen, errors, service } = await talking(({ reply }) => reply('arrived'));
    await say();
    await script({ status: 401, code: 'Unauthorized' });
    await say();
    expect(errors).toEqual([]);
    expect((await seen('personal')).match(/arrived/g)?.length).toBe(2);
    expect(service.ledger.map(({ status }) => status)).toEqual([201, 401, 201]);
  });

  it('that is refused again is told as such', async () => {
    const { say, script, errors } = await talking(({ reply }) => reply('x'));
    await script({ status: 401, code: 'BotNotRegistered', times: 2 });
    await say();
    expect(errors).toMatchObject([{ code: 'bot_not_registered', recovery: 'user_action' }]);
  });

  it('is not to be had without a credential', async () => {
    const world = botTwin({ credential: undefined });
    const errors: unknown[] = [];
    world.bot.on('message', ({ reply }) => reply('x').catch((error: unknown) => errors.push(error)));
    await world.act({ do: 'say', text: 'x' });
    expect(errors).toMatchObject([{ code: 'bot_credential_missing' }]);
  });
});

const blocked = JSON.stringify({ subCode: 'MessageWritesBlocked', details: 'canary' });

/** What the connector may answer, and what it means. */
const answers: readonly (readonly [object, string])[] = [
  [{ status: 400, code: 'BadArgument' }, 'activity_refused'],
  [{ status: 400, code: 'Bad Argument' }, 'activity_refused'],
  [{ status: 400, code: 'MissingProperty' }, 'activity_refused'],
  [{ status: 400, code: 'BadSyntax' }, 'activity_refused'],
  [{ status: 400, code: 'ServiceError', message: 'Invalid userId canary' }, 'conversation_not_found'],
  [{ status: 400, code: 'ServiceError', message: 'Invalid ConversationId' }, 'conversation_not_found'],
  [{ status: 400, code: 'ServiceError', message: 'canary' }, 'activity_refused'],
  [{ status: 401, code: 'Unauthorized', times: 2 }, 'bot_not_registered'],
  [{ status: 403, code: 'BotNotInConversationRoster' }, 'bot_not_in_conversation'],
  [{ status: 404, code: 'BotNotInConversationRoster' }, 'bot_not_in_conversation'],
  [{ status: 403, code: 'ConversationBlockedByUser' }, 'bot_blocked'],
  [{ status: 403, body: { errorCode: 209, message: blocked } }, 'bot_blocked'],
  [{ status: 403, code: 'BotDisabledByAdmin' }, 'bot_disabled'],
  [{ status: 403, code: 'ForbiddenOperationException' }, 'bot_not_installed'],
  [{ status: 403, code: 'NotEnoughPermissions' }, 'bot_permission_denied'],
  [{ status: 403, code: 'InvalidBotApiHost' }, 'bot_host_wrong'],
  [{ status: 403, code: 'ContentStreamNotAllowed', message: 'Content stream is not allowed' }, 'stream_not_allowed'],
  [{ status: 403, code: 'ContentStreamNotAllowed', message: 'Content stream was canceled by user' }, 'stream_stopped'],
  [{ status: 403, code: 'ContentStreamNotAllowed', message: 'Message size too large' }, 'message_too_large'],
  [{ status: 403 }, 'bot_permission_denied'],
  [{ status: 403, body: 'canary' }, 'bot_permission_denied'],
  [{ status: 404, code: 'ConversationNotFound' }, 'conversation_not_found'],
  [{ status: 404, body: 'NotFound' }, 'conversation_not_found'],
  [{ status: 404 }, 'conversation_not_found'],
  [{ status: 404, code: 'ActivityNotFoundInConversation' }, 'activity_not_found'],
  [{ status: 409, code: 'Conflict', times: 9 }, 'conversation_busy'],
  [{ status: 412, code: 'PreconditionFailed', times: 9 }, 'conversation_busy'],
  [{ status: 413, code: 'MessageSizeTooBig' }, 'message_too_large'],
  [{ status: 429, code: 'Throttled', retryAfter: 86_000, times: 9 }, 'bot_throttled'],
  [{ status: 500, code: 'ServiceError' }, 'bot_service_error'],
  [{ status: 502 }, 'bot_service_error'],
  [{ status: 503, code: 'ServiceError' }, 'bot_service_error'],
  [{ status: 504 }, 'bot_service_error'],
  [{ status: 302 }, 'bot_redirected'],
  [{ status: 418, code: 'canary' }, 'bot_request_refused'],
];

describe('what the connector refuses', () => {
  let world: Awaited<ReturnType<typeof talking>>;
  beforeAll(async () => {
    world = await talking(({ reply }) => reply('x'));
  });

  it.each(answers)('%j is %s, and nothing of its words is told', async (step, code) => {
    const { say, script, errors, service } = world;
    await script(step);
    await say();
    const error = errors.at(-1)!;
    expect(error).toMatchObject({ code, surface: 'bot' });
    expect(error.recovery).toBe(botRules.find((rule) => rule.code === code)!.recovery);
    expect(`${error.message} ${JSON.stringify(error)}`).not.toContain('canary');
    expect(service.conversations[0]!.posts.filter(({ by }) => by === 'bot')).toEqual([]);
  });

  it('has a row for each code', () => {
    const told = new Set(answers.map(([, code]) => code));
    expect([...new Set(botRules.map(({ code }) => code))].filter((code) => !told.has(code))).toEqual([]);
  });

  it.each([409, 412])('%i is tried again: nothing was posted', async (status) => {
    const { say, script, errors, seen } = await talking(({ reply }) => reply('once'));
    await script({ status, code: 'PreconditionFailed', times: 2 });
    await say();
    expect(errors).toEqual([]);
    expect((await seen('personal')).match(/once/g)?.length).toBe(1);
  });

  it.each([500, 502, 503, 504])(
    '%i is not tried again for a message, which may have been posted; an edit is',
    async (status) => {
      const { say, script, errors, seen, service } = await talking(async ({ reply, edit }) => {
        const { id } = await reply('first');
        await edit(id!, 'second');
        await reply('third');
      });
      await script(
        { operation: 'update', status, executed: true },
        { operation: 'reply', status: 200, code: 'x', executed: true },
      );
      await script({ operation: 'update', status, executed: true });
      await say();
      expect(errors).toEqual([]);
      expect(await seen('personal')).toContain('second');
      await script({ operation: 'reply', status, executed: true });
      await say();
      expect(errors.filter(isSluiceError).map(({ code }) => code)).toEqual(['bot_service_error']);
      expect(service.ledger.filter(({ operation }) => operation === 'reply').length).toBe(3);
    },
  );

  it('as too fast is waited out, and every message arrives once', async () => {
    const { say, errors, seen, script } = await talking(async ({ reply }) => {
      for (let at = 0; at < 3; at++) await reply(`part ${at};`);
    });
    await script({ status: 429, code: 'Throttled', times: 3 }, { status: 429, retryAfter: 7, times: 2 });
    await say();
    expect(errors).toEqual([]);
    const text = await seen('personal');
    for (let at = 0; at < 3; at++) expect(text.split(`part ${at};`).length).toBe(2);
  });

  it('as too fast is never heard of: the published windows are kept, whatever handlers say at once', async () => {
    const { say, errors, seen, service } = await talking(async ({ reply, typing, edit }) => {
      await typing();
      const sent = await Promise.all(Array.from({ length: 12 }, (_, at) => reply(`part ${at};`)));
      for (const { id } of sent) await edit(id!, `changed ${id};`);
    }, 'published');
    await say();
    expect(errors).toEqual([]);
    expect((await seen('personal')).match(/changed \d+;/g)).toHaveLength(12);
    expect(service.ledger.filter(({ status }) => status === 429)).toEqual([]);
  });

  it('because the bot is not there, or blocked', async () => {
    const { act, say, errors, service } = await talking(({ reply }) => reply('x'));
    await act({ do: 'block' });
    await say();
    await act({ do: 'unblock' });
    const [personal] = service.conversations;
    const speaking = say();
    // It is removed while it thinks.
    personal!.installed = false;
    await speaking;
    expect(errors.map(({ code }) => code)).toEqual(['bot_blocked', 'bot_not_in_conversation']);
  });

  it('is found out before anything is sent, where it can be', async () => {
    const { say, errors, service } = await talking(async ({ reply, edit }) => {
      const long = 'x'.repeat(60_000);
      const attachments = [{ contentType: 'image/png', contentUrl: 'https://pictures.example/a.png' }];
      await Promise.allSettled([reply(long), reply({}), reply(''), edit('1', { text: 'x', attachments })]).then(
        (results) =>
          errors.push(
            ...results.flatMap((result) => (result.status === 'rejected' ? [result.reason as SluiceError] : [])),
          ),
      );
    });
    await say();
    expect(errors.map(({ code }) => code)).toEqual([
      'message_too_large',
      'message_empty',
      'message_empty',
      'edit_in_two',
    ]);
    expect(service.ledger).toEqual([]);
  });
});
