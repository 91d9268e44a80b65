import { describe, expect, it } from 'vitest';
import { clientError } from '../errors/client-rules.ts';
import type { GraphClient, PageRequest } from '../graph/types.ts';
import { AskedOnce } from './asked-once.ts';

const list = '/teams/{team-id}/channels';
const tabs = '/teams/{team-id}/channels/{channel-id}/tabs';
const refused = (route: string) => clientError('page_invalid', { method: 'GET', route }, { surface: 'graph' });

/** A client whose answers are given by hand, in the order in which they are asked for. */
function setup() {
  const asked: { readonly route: string; answer(error?: unknown): void }[] = [];
  const page = { bytes: new Uint8Array(), replyLinks: [], receivedAtMs: 0, serviceTimeMs: 0 };
  const graph: Pick<GraphClient, 'page'> = {
    page: ({ route }) =>
      new Promise((resolve, reject) => {
        asked.push({ route, answer: (error) => (error === undefined ? resolve(page) : reject(error)) });
      }),
  };
  const once = new AskedOnce({
    graph: graph as GraphClient,
    routes: new Map([
      [list, []],
      [tabs, [list]],
    ]),
    isForAll: () => true,
  });
  const ask = (route: string, url = route): Promise<unknown> =>
    once.page({ route, url } satisfies PageRequest).then(
      () => 'page',
      (error: unknown) => error,
    );
  return { asked, once, ask };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a route that may not be granted', () => {
  it('is asked by one first; refused, the others are told the same without a request', async () => {
    const { asked, ask, once } = setup();
    const answers = [ask(list), ask(list), ask(list)];
    await settled();
    expect(asked.length).toBe(1);
    const refusal = refused(list);
    asked[0]!.answer(refusal);
    expect(await Promise.all(answers)).toEqual([refusal, refusal, refusal]);
    expect([await ask(list), asked.length, once.refusalOf(list)]).toEqual([refusal, 1, refusal]);
  });

  it('refuses what is below it, without a request', async () => {
    const { asked, ask } = setup();
    const first = ask(list);
    await settled();
    const refusal = refused(list);
    asked[0]!.answer(refusal);
    await first;
    expect([await ask(tabs), asked.length]).toEqual([refusal, 1]);
  });

  it('is asked by everybody once it was granted, also after a refusal of one of them', async () => {
    const { asked, ask, once } = setup();
    const answers = [ask(list), ask(list), ask(list)];
    await settled();
    asked[0]!.answer();
    await settled();
    expect(asked.length).toBe(3);
    const refusal = refused(list);
    asked[1]!.answer(refusal);
    asked[2]!.answer();
    expect(await Promise.all(answers)).toEqual(['page', refusal, 'page']);
    expect([once.isGranted(list), once.refusalOf(list)]).toEqual([true, undefined]);
  });

  it('leaves other routes as they are', async () => {
    const { asked, ask } = setup();
    const answers = [ask('/users'), ask('/users')];
    await settled();
    expect(asked.length).toBe(2);
    for (const one of asked) one.answer(refused('/users'));
    await Promise.all(answers);
    const third = ask('/users');
    await settled();
    asked[2]!.answer();
    expect(await third).toBe('page');
  });
});
