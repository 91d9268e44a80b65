import { type Runtime, systemRuntime } from '../runtime/runtime.ts';
import type { BotStore, OpenBotStoreOptions } from './store/bot-store.ts';

/**
 * Opens where a bot keeps activities and conversations: a database of its own, or that of an outbox.
 *
 * @throws SluiceError `outbox_url_invalid`, `outbox_unavailable`
 */
export async function openBotStore(
  options: Omit<OpenBotStoreOptions, 'runtime'> & { readonly runtime?: Runtime | undefined },
): Promise<BotStore> {
  const { connectBotStore } = await import('./store/bot-store.ts');
  return connectBotStore({ ...options, runtime: options.runtime ?? systemRuntime });
}
