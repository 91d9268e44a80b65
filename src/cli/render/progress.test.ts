import { describe, expect, it } from 'vitest';
import type { ProgressEvent } from '../../sync/report.ts';
import { LiveProgress } from './progress.ts';
import { textWidth } from './table.ts';

const progress: ProgressEvent = {
  event: 'progress',
  rows: 1_234_567,
  tables: { messages: 1_000_000, message_replies: 234_567 },
  requests: 98_765,
  throttled: 321,
  stopped: false,
  partitionsDone: 1_000,
  partitions: 4_000,
  elapsedMs: 5_400_000,
  etaMs: 16_200_000,
};

function watch({
  live,
  columns = 80,
  heartbeatMs = 10_000,
}: {
  live: boolean;
  columns?: number;
  heartbeatMs?: number;
}) {
  const written: string[] = [];
  const clock = { ms: 5_000 };
  const io = {
    out: () => expect.unreachable('progress is nothing for stdout'),
    err: (text: string) => void written.push(text),
    read: async () => new Uint8Array(),
    live,
    columns,
    env: {},
    signal: new AbortController().signal,
  };
  const shown = new LiveProgress(io, { runtime: { monotonic: () => clock.ms }, heartbeatMs });
  return { shown, clock, text: () => written.join('') };
}

/** What a terminal of this width shows in the end. */
function screen(text: string, columns: number): string[] {
  let lines = [''];
  for (const part of text.split(/(\n|\r|\u001b\[\d*[AJ])/)) {
    const up = /\u001b\[(\d+)A/.exec(part);
    if (up) lines = [...lines.slice(0, lines.length - 1 - Number(up[1])), ''];
    else if (part === '\n') lines.push('');
    else if (part !== '\r' && part !== '\u001b[J') {
      expect(textWidth(part)).toBeLessThan(columns);
      lines[lines.length - 1] = part;
    }
  }
  return lines.filter((line) => line !== '');
}

describe('a run on a terminal', () => {
  it.each([20, 40, 80, 200])('has one line for each table and one for the whole at %i columns', (columns) => {
    const { shown, text } = watch({ live: true, columns });
    for (let at = 0; at < 5; at += 1) shown.show(progress);
    const seen = screen(text(), columns);
    expect(seen).toHaveLength(3);
    expect(seen[0]).toContain('messages');
    expect(seen[1]).toContain('message_replies');
  });

  it('leaves nothing behind', () => {
    const { shown, text } = watch({ live: true });
    shown.show(progress);
    shown.clear();
    expect(text()).toMatch(/\r\u001b\[3A\u001b\[J$/);
  });

  it('says how much time is left only when that is known', () => {
    const { shown, text } = watch({ live: true, columns: 200 });
    const { etaMs: _, ...unknown } = progress;
    shown.show(unknown);
    expect(text()).not.toContain('left');
  });
});

describe('a run without a terminal', () => {
  it('gives a sign of life every ten seconds', () => {
    const { shown, clock, text } = watch({ live: false });
    for (let at = 0; at < 70; at += 1) {
      clock.ms += 500;
      shown.show(progress);
    }
    expect(text().trimEnd().split('\n')).toHaveLength(3);
    expect(text()).toContain('1,234,567 rows');
    expect(text()).not.toContain('\u001b');
  });

  it('is silent when it is told so', () => {
    const { shown, clock, text } = watch({ live: false, heartbeatMs: 0 });
    clock.ms += 3_600_000;
    shown.show(progress);
    expect(text()).toBe('');
  });
});
