import { type ConfigHolder, createConfigHolder } from '../config/holder.ts';
import type { ConfigInput } from '../config/load.ts';
import { loadSection } from '../config/load-section.ts';
import { absentFile } from '../outbox/database.ts';
import { type Outbox, openOutbox } from '../outbox/outbox.ts';
import { outboxSection } from '../outbox/section.ts';
import { systemRuntime } from '../runtime/runtime.ts';
import type { Secret } from '../runtime/secret.ts';
import { Sender } from '../sending/sender.ts';
import { createTelemetry } from '../telemetry/telemetry.ts';
import { cliErrors } from './errors.ts';

/** As {@link withSender}, over an outbox that is there. @throws SluiceError `outbox_missing` */
export async function withSenderOf<T>(input: ConfigInput, use: (sender: Sender) => Promise<T>): Promise<T> {
  checkOutboxIsThere(loadSection(outboxSection, input).url);
  return await withSender(input, use);
}

/** Opens a sender for one command, and closes it after. It leaves the state of a running server to that server. */
export async function withSender<T>(
  input: ConfigInput,
  use: (sender: Sender, config: ConfigHolder) => Promise<T>,
): Promise<T> {
  const config = await createConfigHolder({ ...input, runtime: systemRuntime });
  const telemetry = createTelemetry();
  await using sender = await Sender.open({ config, runtime: systemRuntime, telemetry });
  return await use(sender, config);
}

/**
 * Opens the outbox that a configuration names, and closes it after. Nothing is delivered: neither webhooks nor their secrets
 * are needed, and who looks at dead letters need not have them.
 *
 * @throws SluiceError `outbox_missing`: looking makes none
 */
export async function withOutbox<T>(input: ConfigInput, use: (outbox: Outbox) => Promise<T>): Promise<T> {
  const { url } = loadSection(outboxSection, input);
  checkOutboxIsThere(url);
  await using outbox = await openOutbox({ url, runtime: systemRuntime });
  return await use(outbox);
}

function checkOutboxIsThere(url: Secret): void {
  const path = absentFile(url.reveal());
  if (path !== undefined) throw cliErrors.outbox_missing({ path });
}
