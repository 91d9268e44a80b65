import { describe, expect, it } from 'vitest';
import { ALERTS_BEGIN_MS, alert, routingOf } from '../../../test/support/routing.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { decide } from './decide.ts';
import { askPredicates, type Predicate } from './predicates.ts';

const predicates: Record<string, Predicate> = {
  yes: () => true,
  later: async () => true,
  no: () => false,
  throws: () => {
    throw new Error('the secret text');
  },
  rejects: async () => Promise.reject('not an Error'),
  odd: () => 'true' as unknown as boolean,
  hangs: () => new Promise(() => {}),
};

async function verdicts(names: readonly string[]) {
  const runtime = new VirtualClock({ startMs: ALERTS_BEGIN_MS });
  const asked = askPredicates(names, new Map(Object.entries(predicates)), alert(), runtime);
  await new Promise(setImmediate); // let those answer that do
  runtime.advance(1_000);
  return asked;
}

describe('custom predicates', () => {
  it('answer each for themselves, whatever the others do', async () => {
    const answers = await verdicts([...Object.keys(predicates), 'missing']);
    expect(answers.get('yes')).toBe(true);
    expect(answers.get('later')).toBe(true);
    expect(answers.get('no')).toBe(false);
    for (const name of ['throws', 'rejects', 'odd', 'hangs', 'missing']) {
      expect(answers.get(name)).toMatchObject({ code: 'rule_evaluation_failed', details: { predicate: name } });
    }
  });

  it('never repeat in a message what the predicate said', async () => {
    expect(String((await verdicts(['throws'])).get('throws'))).not.toContain('secret');
  });

  it('skip only the routes that use a failed one, and report it once', async () => {
    const routing = routingOf(`
routing:
  match: all
  route:
    receivers: [ops]
    routes:
      - { id: a, predicate: throws, receivers: [a] }
      - { id: b, predicate: throws, receivers: [b] }
      - { id: c, predicate: yes, receivers: [c] }
      - { id: d, receivers: [d] }
`);
    const decision = decide(routing, alert(), { verdicts: await verdicts(routing.predicates) });
    expect(decision.assignments.map(({ route }) => route.id)).toEqual(['c', 'd']);
    expect(decision.problems.map(({ code }) => code)).toEqual(['rule_evaluation_failed']);
  });
});
