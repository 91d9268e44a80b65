// Card validations per second, beside ajv with a compiled schema. SLUICE_CARD_SCHEMA=FILE adds the official schema
// (https://github.com/microsoft/AdaptiveCards, schemas/1.5.0/adaptive-card.json): no npm package ships it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { BOT, messageBytes, validateCard } from '../dist/cards/index.js';
import { catalogueSchema } from './card-schema.mjs';

const draft06 = createRequire(import.meta.url)('ajv/dist/refs/json-schema-draft-06.json');

/** Every way over the same cards; `validateCard` also checks ids, mentions, URLs, actions, versions, depth and size. */
export function benchCards({ measureMs = 2_000 } = {}) {
  const ways = { 'sluice validateCard': (card) => validateCard(card, BOT).length === 0, ...ajvWays() };
  const rows = Object.entries(cards).flatMap(([name, card]) =>
    Object.entries(ways).map(([way, isValid]) => {
      if (!isValid(card)) throw new Error(`${way} refuses the card "${name}".`);
      const { perSecond, cpuMicroseconds } = measure(() => isValid(card), measureMs);
      return {
        card: `${name}, ${messageBytes(card, { ...BOT, encoding: 'utf-8' })} B`,
        way,
        perSecond,
        cpuMicroseconds,
      };
    }),
  );
  console.table(rows);
}

function ajvWays() {
  const file = process.env.SLUICE_CARD_SCHEMA;
  if (!file) console.log('The official schema is not measured: SLUICE_CARD_SCHEMA names no file.');
  return {
    'ajv, schema of our catalogue': new Ajv({ discriminator: true, strict: false }).compile(catalogueSchema()),
    ...(file && { 'ajv, official schema': officialSchema(JSON.parse(readFileSync(file, 'utf8'))) }),
  };
}

/** Its `id` is draft 4's spelling, which ajv refuses. */
function officialSchema({ id, ...schema }) {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  ajv.addMetaSchema(draft06);
  return ajv.compile(schema);
}

const text = (value) => ({ type: 'TextBlock', text: value, wrap: true });
const alert = (index) => ({
  type: 'Container',
  style: 'attention',
  items: [
    { ...text(`Disk of db-${index} is full`), weight: 'Bolder' },
    {
      type: 'FactSet',
      facts: ['alertname', 'severity', 'instance', 'since'].map((title) => ({ title, value: `${title} ${index}` })),
    },
  ],
});
const alerts = (count) => ({
  type: 'AdaptiveCard',
  version: '1.4',
  body: [{ ...text('Firing: DiskFull'), size: 'Large' }, ...Array.from({ length: count }, (_, index) => alert(index))],
  actions: [{ type: 'Action.OpenUrl', title: 'Dashboard', url: 'https://example.com/d/1' }],
});
const cards = {
  'one line': { type: 'AdaptiveCard', version: '1.4', body: [text('Build 512 is green')] },
  'three alerts': alerts(3),
  'fifty alerts': alerts(50),
};

function measure(action, measureMs) {
  run(action, measureMs / 5); // warm up
  const before = process.cpuUsage();
  const { count, elapsedMs } = run(action, measureMs);
  const { user, system } = process.cpuUsage(before);
  return {
    perSecond: Math.round((count / elapsedMs) * 1_000),
    cpuMicroseconds: Number(((user + system) / count).toFixed(2)),
  };
}

function run(action, untilMs) {
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < untilMs) {
    for (let batch = 0; batch < 10; batch++) action();
    count += 10;
  }
  return { count, elapsedMs: performance.now() - start };
}
