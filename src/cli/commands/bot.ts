import { Command, Option } from 'commander';
import { type BotCheck, checkBot } from '../../bot/check.ts';
import { connectBotStore } from '../../bot/store/bot-store.ts';
import type { KnownConversation } from '../../bot/store/conversations.ts';
import { proxyOf } from '../../config/connection.ts';
import { loadSections } from '../../config/load-section.ts';
import { authSection } from '../../config/sections/auth.ts';
import { botSection } from '../../config/sections/bot.ts';
import { networkSection } from '../../config/sections/network.ts';
import { undiciTransport } from '../../http/undici-transport.ts';
import { absentFile } from '../../outbox/database.ts';
import { outboxSection } from '../../outbox/section.ts';
import { systemRuntime } from '../../runtime/runtime.ts';
import { createTelemetry } from '../../telemetry/telemetry.ts';
import { configInput } from '../configuration.ts';
import { cliErrors } from '../errors.ts';
import type { ExitCode, Io } from '../io.ts';
import { configOption, jsonOption, outboxOption } from '../options.ts';
import { renderTable } from '../render/table.ts';

interface Options {
  readonly config?: string;
  readonly outbox?: string;
  readonly endpoint?: string;
  readonly json?: boolean;
}

/** `sluice bot`: whether the bot is set up as it should be, and where it can speak. */
export function botCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return new Command('bot')
    .description('Checks the bot of the configuration, and lists where it can speak. Works beside a running server.')
    .addCommand(checkCommand(io, exit))
    .addCommand(conversationsCommand(io, exit))
    .addHelpText('after', '\nExamples:\n  sluice bot check\n  sluice bot conversations --json');
}

function checkCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return new Command('check')
    .summary('say what is wrong with the bot and what to do')
    .description(
      'Looks at application id, secret, tenants, signing keys, token and conversations, and says of each what is wrong and what to do. Exit code 3: something is.',
    )
    .addOption(configOption())
    .addOption(outboxOption())
    .addOption(new Option('--endpoint <url>', 'also look whether the messaging endpoint of the Azure bot is reachable'))
    .addOption(jsonOption('print the checks as JSON'))
    .addHelpText('after', '\nExample:\n  sluice bot check --endpoint https://bots.example.com/api/messages')
    .action(async (options: Options) => exit(await check(io, options)));
}

function conversationsCommand(io: Io, exit: (code: ExitCode) => void): Command {
  return new Command('conversations')
    .summary('list where the bot can speak')
    .description('Lists the conversations that the bot was heard in: whether it can speak there, and if not, why.')
    .addOption(configOption())
    .addOption(outboxOption())
    .addOption(jsonOption('one JSON object a conversation'))
    .addHelpText('after', '\nExample:\n  sluice bot conversations --json')
    .action(async (options: Options) => {
      await list(io, options);
      exit(0);
    });
}

function settingsOf(io: Io, { config, outbox }: Options) {
  return loadSections(
    (sources) => ({
      auth: authSection.schema(sources).prefault({}),
      bot: botSection.schema(sources).prefault({}),
      network: networkSection.schema(sources).prefault({}),
      outbox: outboxSection.schema(sources).prefault({}),
    }),
    configInput(io, { config, outbox }),
  );
}

type Settings = ReturnType<typeof settingsOf>;

/** Of every bot that this one was: an application id is one. */
async function conversationsOf({ bot, outbox }: Settings): Promise<readonly KnownConversation[]> {
  if (bot.app_id === undefined || absentFile(outbox.url.reveal()) !== undefined) return [];
  await using store = connectBotStore({ url: outbox.url, runtime: systemRuntime });
  return await store.conversations.list(bot.app_id.toLowerCase());
}

async function check(io: Io, options: Options): Promise<ExitCode> {
  const { endpoint, json } = options;
  if (endpoint !== undefined && !URL.canParse(endpoint)) {
    throw cliErrors.usage({
      problem: 'The endpoint is no URL.',
      valid: 'Give --endpoint https://YOUR-HOST/api/messages.',
    });
  }
  const settings = settingsOf(io, options);
  const { auth, bot, network } = settings;
  const transport = undiciTransport({ connections: 4, surface: 'bot', ca: network.ca, proxy: proxyOf(network) });
  try {
    const checks = await checkBot(
      {
        appId: bot.app_id?.toLowerCase(),
        credential: bot.app_secret && { kind: 'secret', secret: bot.app_secret },
        tenants: bot.tenants ?? (auth.tenant_id === undefined ? [] : [auth.tenant_id]),
        cloud: auth.cloud,
        twinUrl: bot.twin_url,
        endpoint,
        send: transport.send,
        runtime: systemRuntime,
        telemetry: createTelemetry(),
      },
      io.signal,
    );
    const all = [...checks, heardOf(await conversationsOf(settings))];
    io.out(json ? `${JSON.stringify({ checks: all })}\n` : render(all));
    return all.every(({ ok }) => ok) ? 0 : 3;
  } finally {
    await transport.close();
  }
}

function heardOf(conversations: readonly KnownConversation[]): BotCheck {
  const active = conversations.filter(({ state }) => state === 'active').length;
  const found = `${active} to speak in, of ${conversations.length} known`;
  if (active > 0) return { name: 'conversations', ok: true, found };
  const remedy = 'Install the app in a team, a chat or for a person while `sluice serve` runs.';
  return { name: 'conversations', ok: false, found, remedy };
}

const render = (checks: readonly BotCheck[]): string =>
  `${checks
    .map(({ name, ok, found, remedy }) => {
      const line = `${ok ? 'ok     ' : 'wrong  '}${name}: ${found}`;
      return remedy === undefined ? line : `${line}\n       ${remedy}`;
    })
    .join('\n')}\n`;

async function list(io: Io, options: Options): Promise<void> {
  const conversations = await conversationsOf(settingsOf(io, options));
  if (options.json) {
    for (const { reference: _, ...one } of conversations) io.out(`${JSON.stringify(one)}\n`);
    return;
  }
  if (conversations.length === 0) {
    io.out('The bot was heard of nowhere yet. Install its app while "sluice serve" runs.\n');
    return;
  }
  const rows = conversations.map(({ type, name, state, reason, conversationId, seenAtMs }) => [
    type,
    name ?? '',
    reason === undefined ? state : `${state} (${reason})`,
    new Date(seenAtMs).toISOString(),
    conversationId,
  ]);
  io.out(`${renderTable(['type', 'name', 'state', 'last heard', 'id'], rows, io)}\n`);
}
