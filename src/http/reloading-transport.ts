import { createHash } from 'node:crypto';
import { Secret } from '../runtime/secret.ts';
import type { Transport } from './undici-transport.ts';

interface Opened {
  /** Fingerprint of the settings it was made with. */
  readonly settings: string;
  readonly transport: Promise<Transport>;
}

/**
 * A transport by settings that may change while it is used. A change that concerns it opens another one; the old one
 * finishes what it has.
 *
 * @param settings - those in use, asked at every request; secrets in them count, and show nowhere
 * @param open - called at the first request with those settings
 */
export function reloadingTransport<Settings>(
  settings: () => Settings,
  open: (settings: Settings) => Transport | Promise<Transport>,
): Transport {
  let current: Opened | undefined;
  /** Those of earlier settings, until they have finished what they have. */
  const ending = new Set<Promise<void>>();

  function finishLater({ transport }: Opened): void {
    // What goes wrong at its end concerns nobody.
    const end = transport.then((old) => old.finish()).catch(() => {});
    ending.add(end);
    void end.then(() => ending.delete(end));
  }

  function opened(): Promise<Transport> {
    const now = settings();
    const print = fingerprintOf(now);
    if (current?.settings === print) return current.transport;
    const old = current;
    current = { settings: print, transport: Promise.resolve(now).then(open) };
    if (old) finishLater(old);
    return current.transport;
  }

  return {
    send: async (request, signal) => (await opened()).send(request, signal),
    close: async () => {
      await Promise.all([current?.transport.then((transport) => transport.close()).catch(() => {}), ...ending]);
    },
    finish: async () => {
      await Promise.all([current?.transport.then((transport) => transport.finish()).catch(() => {}), ...ending]);
    },
  };
}

/** Changes when a setting does; a secret shows in it as little as elsewhere. */
function fingerprintOf(settings: unknown): string {
  const whole = JSON.stringify(settings, function (this: Record<string, unknown>, key: string, value: unknown) {
    const given = this[key];
    return given instanceof Secret ? given.reveal() : value;
  });
  return createHash('sha256').update(whole).digest('hex');
}
