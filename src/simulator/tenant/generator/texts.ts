import { pick, type Random } from './chance.ts';
import { ENGLISH, SHORT_REPLIES, SLOTS, type Topic } from './topics.ts';
import { WORLD } from './topics-world.ts';

export type { Topic } from './topics.ts';

const ENGLISH_SHARE = 0.68;
const SHORT_REPLY_SHARE = 0.3;

export function pickTopic(random: Random): Topic {
  return pick(random, random() < ENGLISH_SHARE ? ENGLISH : WORLD);
}

export function subjectText(random: Random, topic: Topic): string {
  return fill(random, pick(random, topic.subjects));
}

export function rootText(random: Random, topic: Topic): string {
  return fill(random, pick(random, topic.roots));
}

export function replyText(random: Random, topic: Topic): string {
  return fill(random, pick(random, random() < SHORT_REPLY_SHARE ? SHORT_REPLIES : topic.replies));
}

/** Each template once, cut at its slots: every second part is the name of one. */
const PARTS = new Map(
  [...ENGLISH, ...WORLD]
    .flatMap(({ subjects, roots, replies }) => [...subjects, ...roots, ...replies])
    .concat(SHORT_REPLIES)
    .map((template) => [template, template.split(/\{(\w+)\}/)] as const),
);

function fill(random: Random, template: string): string {
  return PARTS.get(template)!
    .map((part, index) => (index % 2 === 0 ? part : pick(random, SLOTS[part]!)))
    .join('');
}
