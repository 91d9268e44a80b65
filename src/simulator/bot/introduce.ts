import type { Runtime } from '../../runtime/runtime.ts';
import type { TwinBotService } from './bot-service.ts';

const ASK_AGAIN_MS = 500;

/**
 * Installs the bot in every conversation, and has a person say hello in each. The bot needs what the twin prints, so it
 * comes later: it is waited for.
 */
export async function introduceBot(
  service: Pick<TwinBotService, 'act' | 'conversations'>,
  { url, runtime }: { readonly url: string; readonly runtime: Runtime },
  signal: AbortSignal,
): Promise<void> {
  for (const { alias: conversation } of service.conversations) {
    while (!(await service.act({ do: 'install', conversation }, url)).every(({ status }) => status === 200)) {
      await runtime.sleep(ASK_AGAIN_MS, signal);
    }
    await service.act({ do: 'say', conversation, text: 'hello' }, url);
  }
}
