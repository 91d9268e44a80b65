import { beforeAll, describe, expect, it } from 'vitest';
import { type AnyContext, readFeedback } from '../../src/bot/index.ts';
import { isSluiceError, type SluiceError } from '../../src/errors/sluice-error.ts';
import { botTwin } from '../support/bot-twin.ts';

const card = { type: 'AdaptiveCard', version: '1.5', body: [{ type: 'TextBlock', text: 'Sources' }] };
const attachments = [{ contentType: 'application/vnd.microsoft.card.adaptive', content: card }];

type World = ReturnType<typeof botTwin>;
type Work = (context: AnyContext, world: World) => unknown;

/** One bot for all: what it does with a message is given to it by each test. */
let world: World;
let work: Work = ({ reply }) => reply('hello');
let errors: SluiceError[] = [];

beforeAll(async () => {
  world = botTwin();
  world.bot.on('message', async (context) => {
    try {
      await work(context, world);
    } catch (error) {
      if (!isSluiceError(error)) throw error;
      errors.push(error);
    }
  });
  // It signs in once: no time passes while what that needs is loaded.
  await world.act({ do: 'say', text: 'hello' });
});

/** A bot that does one thing with each message, and people who speak to it. */
function talking(given: Work) {
  work = given;
  errors = [];
  world.clock.advance(60_000);
  const { service, telemetry } = world;
  const [made, counted] = [service.ledger.length, telemetry.counts.length];
  for (const { posts } of service.conversations) posts.splice(0);
  const ledger = () => service.ledger.slice(made);
  return {
    ...world,
    errors,
    say: (conversation = 'personal') => world.patiently(world.act({ do: 'say', text: 'tell me', conversation })),
    ledger,
    requests: () => ledger().map(({ operation, status }) => `${operation} ${status}`),
    outcomes: () =>
      telemetry.counts
        .slice(counted)
        .filter(({ name }) => name === 'teams.bot.streams')
        .map(({ labels }) => (labels as { outcome: string }).outcome),
    posts: (conversation = 0) =>
      service.conversations[conversation]!.posts.filter(({ by, deleted }) => by === 'bot' && !deleted),
  };
}

const WORDS = ['The plan ', 'is good, ', 'and it ', 'is cheap.'];

/** Writes word by word, one in three seconds. */
async function tell({ stream }: AnyContext, { clock }: World, words: readonly string[] = WORDS) {
  const answer = stream();
  answer.inform('Looking at the plan');
  for (const word of words) {
    await clock.sleep(3_000);
    answer.write(word);
  }
  await clock.sleep(3_000);
  return answer.end();
}

describe('an answer that is shown while it is written', () => {
  it('begins with what the bot is about to do, grows, and ends as one message', async () => {
    const seen: string[] = [];
    const { say, requests, outcomes, posts, errors } = talking(async (context, world) => {
      const { id } = await tell(context, world);
      seen.push(String(id));
    });
    await say();
    expect(errors).toEqual([]);
    expect(requests()).toEqual(['send 201', 'send 202', 'send 202', 'send 202', 'send 202', 'send 202']);
    expect(posts()).toMatchObject([{ id: seen[0], text: WORDS.join(''), stream: { state: 'done', sequence: 5 } }]);
    expect(outcomes()).toEqual(['streamed']);
  });

  it('is sent about once a second, however fast it is written, and each time as a whole', async () => {
    const { say, ledger, posts } = talking(async ({ stream }, { clock }) => {
      const answer = stream();
      for (let at = 0; at < 1_000; at++) {
        answer.write(`${at} `);
        await clock.sleep(10);
      }
      await answer.end();
    });
    await say();
    expect(errors).toEqual([]);
    const times = ledger().map(({ atMs }) => atMs);
    const gaps = times.slice(1).map((atMs, at) => atMs - times[at]!);
    expect(gaps.filter((gap) => gap < 1_000)).toEqual([]);
    expect(ledger().filter(({ status }) => status > 202)).toEqual([]);
    expect(posts()).toHaveLength(1);
    expect(posts()[0]!.text).toHaveLength(3_890);
  });

  it('that is over at once is one ordinary message, and in a group or a channel it always is', async () => {
    const { say, requests, outcomes, posts } = talking(async ({ stream, activity }, { clock }) => {
      const answer = stream();
      answer.inform('One moment');
      if (activity.conversation.conversationType !== 'personal') await clock.sleep(5_000);
      answer.write('Yes.');
      await answer.end();
    });
    for (const conversation of ['group', 'channel']) await say(conversation);
    expect(requests()).toEqual(['reply 201', 'reply 201']);
    expect(outcomes()).toEqual(['plain', 'plain']);
    expect([...posts(1), ...posts(2)].map(({ text }) => text)).toEqual(['Yes.', 'Yes.']);
  });

  it('may end with a card and with buttons for feedback', async () => {
    const { say, posts, requests } = talking(async ({ stream }, { clock }) => {
      const answer = stream();
      answer.write('See');
      await clock.sleep(3_000);
      await answer.end({ attachments, feedback: 'default' });
    });
    await say();
    expect(requests()).toEqual(['send 201', 'send 202']);
    expect(posts()).toMatchObject([{ text: 'See', attachments }]);
  });

  it('is refused before it is sent where it is too large, and takes nothing after its end', async () => {
    const codes: string[] = [];
    const { say, posts } = talking(async ({ stream }) => {
      const answer = stream();
      const codeOf = (work: () => unknown) => {
        try {
          work();
        } catch (error) {
          if (isSluiceError(error)) codes.push(error.code);
        }
      };
      answer.write('short');
      codeOf(() => answer.write('x'.repeat(60_000)));
      await answer.end();
      for (const late of [() => answer.write('x'), () => answer.inform('x')]) codeOf(late);
      await answer.end().catch((error: unknown) => isSluiceError(error) && codes.push(error.code));
    });
    await say();
    expect(codes).toEqual(['message_too_large', 'stream_ended', 'stream_ended', 'stream_ended']);
    expect(posts().map(({ text }) => text)).toEqual(['short']);
  });

  it('without a word is no message', async () => {
    const { say, errors } = talking(({ stream }) => stream().end());
    await say();
    expect(errors.map(({ code }) => code)).toEqual(['message_empty']);
  });

  it('stays as it is when the person stops it, and the handler is told', async () => {
    const { say, posts, outcomes, errors } = talking(async ({ stream }, { act, clock }) => {
      const answer = stream();
      answer.write('The plan ');
      await clock.sleep(3_000);
      await act({ do: 'stop' });
      let written = 0;
      while (!answer.stopped.aborted) {
        answer.write(`${written++} `);
        await clock.sleep(1_000);
      }
      await answer.end();
    });
    await say();
    expect(errors).toEqual([]);
    expect(posts().map(({ text }) => text)).toEqual(['The plan ']);
    expect(outcomes()).toEqual(['stopped']);
  });

  it('of more than two minutes is put in its place at the end', async () => {
    const words = Array.from({ length: 60 }, (_, at) => `${at} `);
    const { say, posts, outcomes, errors } = talking((context, world) => tell(context, world, words));
    await say();
    expect(errors).toEqual([]);
    expect(posts().map(({ text }) => text)).toEqual([words.join('')]);
    expect(outcomes()).toEqual(['edited']);
  });
});

const refusedAs = (message: string) => ({ status: 403, code: 'ContentStreamNotAllowed', message });

/** What the connector may answer to a part of a stream. `at`: the request that it answers, from 0. */
const answers: readonly {
  readonly step: object;
  readonly at: 'first' | 'later' | 'last';
  readonly outcome: 'streamed' | 'stopped' | 'edited' | 'plain';
}[] = [
  { step: refusedAs('Content stream is not allowed'), at: 'first', outcome: 'plain' },
  { step: refusedAs('Content stream is not allowed'), at: 'later', outcome: 'edited' },
  {
    step: refusedAs('Content stream is not allowed on an already completed streamed message'),
    at: 'later',
    outcome: 'edited',
  },
  {
    step: refusedAs('Content stream is not allowed on an already completed streamed message'),
    at: 'last',
    outcome: 'edited',
  },
  { step: refusedAs('Content stream finished due to exceeded streaming time.'), at: 'later', outcome: 'edited' },
  { step: refusedAs('Content stream finished due to exceeded streaming time.'), at: 'last', outcome: 'edited' },
  { step: refusedAs('Message size too large'), at: 'later', outcome: 'edited' },
  { step: refusedAs('Content stream was canceled by user'), at: 'later', outcome: 'stopped' },
  { step: refusedAs('Content stream was cancelled by user'), at: 'last', outcome: 'stopped' },
  {
    step: refusedAs('Request streamed content should contain the previously streamed content'),
    at: 'later',
    outcome: 'edited',
  },
  {
    step: { status: 400, code: 'BadRequest', message: 'Start streaming activities should include text.' },
    at: 'first',
    outcome: 'plain',
  },
  {
    step: { status: 400, code: 'BadArgument', message: 'Streaming api is not enabled' },
    at: 'first',
    outcome: 'plain',
  },
  { step: { status: 202, code: 'ContentStreamSequenceOrderPreConditionFailed' }, at: 'later', outcome: 'streamed' },
  { step: { status: 202, code: 'ContentStreamSequenceOrderPreConditionFailed' }, at: 'last', outcome: 'edited' },
  { step: { status: 429, code: 'Throttled', message: 'API calls quota exceeded' }, at: 'first', outcome: 'streamed' },
  {
    step: { status: 429, code: 'Throttled', message: 'API calls quota exceeded', retryAfter: 5 },
    at: 'later',
    outcome: 'streamed',
  },
  { step: { status: 429, code: 'Throttled', message: 'API calls quota exceeded' }, at: 'last', outcome: 'streamed' },
  { step: { status: 412, code: 'PreconditionFailed' }, at: 'later', outcome: 'streamed' },
  { step: { status: 503, code: 'ServiceError' }, at: 'first', outcome: 'plain' },
  { step: { status: 503, code: 'ServiceError' }, at: 'later', outcome: 'streamed' },
  { step: { status: 504, executed: true }, at: 'last', outcome: 'edited' },
];

describe('a stream that is refused', () => {
  const place = { first: 0, later: 2, last: 5 } as const;

  it.each(answers)('$at: $step is $outcome, and the person reads all of it once', async ({ step, at, outcome }) => {
    const { say, script, posts, outcomes, errors } = talking((context, world) => tell(context, world));
    await script({ ...step, operation: 'send', after: place[at] });
    await say();
    expect(errors).toEqual([]);
    expect(outcomes()).toEqual([outcome]);
    const texts = posts().map(({ text }) => text);
    if (outcome === 'stopped') expect(texts).toHaveLength(1);
    else expect(texts).toEqual([WORDS.join('')]);
  });
});

describe('a message that one member sees', () => {
  it('is sent, edited and taken away as such, in a group and in a channel', async () => {
    for (const conversation of ['group', 'channel']) {
      const { say, seen, requests, errors, posts, service } = talking(async ({ targeted, activity }) => {
        const { id } = await targeted.send(activity.from.id, 'Only you');
        await targeted.edit(id!, 'You alone');
        const { id: second } = await targeted.send(activity.from.id, 'A mistake');
        await targeted.delete(second!);
      });
      await say(conversation);
      expect(errors).toEqual([]);
      expect(requests()).toEqual(['send 201', 'update 200', 'send 201', 'delete 200']);
      const index = service.conversations.findIndex(({ alias }) => alias === conversation);
      const person = service.conversations[index]!.people[0]!;
      expect(posts(index)).toMatchObject([{ text: 'You alone', visibleTo: { id: person.id } }]);
      expect(await seen(conversation)).toContain(`only for ${person.displayName}`);
    }
  });

  it('is an ordinary one in a chat with one person', async () => {
    const { say, requests, errors } = talking(async ({ targeted, activity }) => {
      const { id } = await targeted.send(activity.from.id, 'Hello');
      await targeted.edit(id!, 'Hello you');
      await targeted.delete(id!);
    });
    await say();
    expect(errors).toEqual([]);
    expect(requests()).toEqual(['reply 201', 'update 200', 'delete 200']);
  });

  it('is refused for somebody who is not there, after a day, and where it is treated as an ordinary one', async () => {
    let id = '';
    const codes: string[] = [];
    const failing = (tried: Promise<unknown>) =>
      tried.catch((error: unknown) => isSluiceError(error) && codes.push(error.code));
    const early = talking(async ({ targeted, edit, activity }) => {
      await failing(targeted.send('29:nobody', 'Hello'));
      id = (await targeted.send(activity.from.id, 'Hello')).id!;
      await failing(edit(id, 'Hello you'));
    });
    await early.say('group');
    work = async ({ targeted }) => {
      await failing(targeted.edit(id, 'Hello you'));
      await failing(targeted.delete(id));
    };
    world.clock.advance(25 * 3_600_000);
    await early.say('group');
    expect(codes).toEqual(['bot_not_in_conversation', ...Array.from({ length: 3 }, () => 'activity_not_found')]);
  });
});

describe('feedback on a message of the bot', () => {
  it('comes as an invoke that names the message, and is answered with nothing', async () => {
    const { bot, act, say } = talking(({ reply }) => reply({ text: 'The plan is good.', feedback: 'default' }));
    const given: object[] = [];
    bot.on('invoke:message/submitAction', ({ activity }): undefined => {
      given.push({ id: activity.replyToId, ...readFeedback(activity.value) });
    });
    await say();
    const asked = await act({ do: 'feedback', reaction: 'dislike', text: 'It is not.' });
    expect(asked).toMatchObject([{ status: 200, body: undefined }]);
    expect(given).toEqual([{ id: expect.any(String), reaction: 'dislike', feedback: 'It is not.' }]);
  });

  it("may be given in the bot's own dialog", async () => {
    const { bot, act, say } = talking(({ reply }) => reply({ text: 'The plan is good.', feedback: 'custom' }));
    const task = { type: 'message', value: 'Thank you.' } as const;
    bot.on('invoke:message/fetchTask', () => ({ task }));
    await say();
    expect(await act({ do: 'feedback' })).toMatchObject([{ status: 200, body: { task } }]);
  });

  it('cannot be given on a message without its buttons', async () => {
    const { act, say } = talking(({ reply }) => reply('The plan is good.'));
    await say();
    await expect(act({ do: 'feedback' })).rejects.toMatchObject({ code: 'unknown_value' });
  });

  it.each([undefined, 'x', { actionName: 'other' }, { actionName: 'feedback', actionValue: { reaction: 'love' } }])(
    '%j is none',
    (value) => expect(readFeedback(value)).toBeUndefined(),
  );
});
