import type { Logger } from 'pino';
import { credentialOf } from '../config/connection.ts';
import { certificateWarning } from '../config/credential.ts';
import type { ConfigHolder, ReloadResult } from '../config/holder.ts';
import type { SluiceConfig } from '../config/schema.ts';
import { isSluiceError } from '../errors/sluice-error.ts';
import type { Send } from '../http/types.ts';
import type { Predicate } from '../router/match/predicates.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { receiverErrors } from '../sending/errors.ts';
import type { LoopHealth } from '../sending/loop-health.ts';
import { Sender } from '../sending/sender.ts';
import { createTelemetry, type Telemetry } from '../telemetry/telemetry.ts';
import { openBot } from './bot.ts';
import { createApp } from './http/app.ts';
import { listen } from './http/listen.ts';
import { createMetrics } from './metrics.ts';

export interface ServeOptions {
  readonly config: ConfigHolder;
  readonly runtime: Runtime;
  readonly logger?: Logger | undefined;
  readonly send?: Send;
  readonly predicates?: ReadonlyMap<string, Predicate>;
}

/** A server at work. */
export interface RunningServer {
  readonly url: string;
  readonly sender: Sender;
  /** Whether it has a bot, at `/api/messages`. */
  readonly hasBot: boolean;
  /** Rejects when the server can no longer work. */
  readonly working: Promise<void>;
  /** Takes nothing more, finishes open requests and attempts in flight, stores everything. */
  stop(): Promise<void>;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * Starts to take notifications over HTTP and to deliver them.
 *
 * @throws SluiceError `config_invalid` without receivers and without a bot, `outbox_unavailable`, `port_unavailable`,
 *   `bot_handlers_invalid`, `bot_tenant_missing`
 */
export async function startServer(options: ServeOptions): Promise<RunningServer> {
  const { config, runtime, logger } = options;
  const current = () => config.current().config;
  const { receivers, bot: botSection } = current();
  if (Object.keys(receivers).length === 0 && botSection.handlers === undefined) throw receiverErrors.no_receivers();
  const metrics = createMetrics();
  const telemetry = createTelemetry({ meter: metrics.meter, logger });
  const sender = await Sender.open({ ...options, telemetry });
  const bot = await openBot(current(), { runtime, telemetry, store: sender.botStore }).catch(async (error: unknown) => {
    await sender[Symbol.asyncDispose]();
    throw error;
  });
  const { host, port, request_timeout_ms: requestTimeoutMs } = current().server;
  let draining = false;
  let stoppedBy: string | undefined;
  const app = createApp({
    sender,
    config,
    runtime,
    telemetry,
    renderMetrics: metrics.render,
    bot: bot?.fetch,
    draining: () => draining,
    stopped: () => stoppedBy,
  });
  const close = async () => {
    await bot?.close();
    await sender[Symbol.asyncDispose]();
    await metrics.close();
  };
  const listening = await listen({ fetch: app.fetch, host, port, requestTimeoutMs }).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  telemetry.log('server.listening', { host, port: listening.port });
  const stopping = new AbortController();
  const working = Promise.all([
    sender.work(stopping.signal),
    bot?.work(stopping.signal),
    config.watch((result) => sender.health.round('config', () => onReload(result, sender, telemetry)), stopping.signal),
    watchCertificate(current, { runtime, telemetry, health: sender.health }, stopping.signal),
  ]).then(() => {});
  working.catch((error: unknown) => {
    draining = true;
    stoppedBy = isSluiceError(error) ? error.code : 'unexpected';
    telemetry.log('routing.stopped', { code: stoppedBy });
  });
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${listening.port}`,
    sender,
    hasBot: bot !== undefined,
    working,
    stop: async () => {
      draining = true;
      const { drain_ms: drainMs } = current().server;
      telemetry.log('server.draining', { waitMs: drainMs });
      const drained = await listening.close(drainMs);
      stopping.abort();
      await working.catch(() => {});
      await close();
      telemetry.log('server.stopped', { drained: String(drained) });
    },
  };
}

function onReload(result: ReloadResult, sender: Sender, telemetry: Telemetry): void {
  if (result.kind === 'refused') {
    telemetry.log('config.refused', { code: result.code, faults: result.faults });
    return;
  }
  sender.configChanged();
  const [before, after] = [readAtStart(result.before.config), readAtStart(result.after.config)];
  telemetry.log('config.reloaded', {
    receivers: Object.keys(result.after.config.receivers).length,
    restartNeeded: Object.keys(after).filter((key) => before[key] !== after[key]),
  });
}

/** What is read once, at the start: a change needs a restart. Everything else is read where it is used. */
function readAtStart({ bot, outbox, server, resilience, log_level }: SluiceConfig): Readonly<Record<string, unknown>> {
  const { max_retries, initial_backoff_ms, max_backoff_ms, request_timeout_ms } = resilience;
  return {
    'bot.handlers': bot.handlers,
    'bot.app_id': bot.app_id,
    'bot.app_secret': bot.app_secret?.reveal(),
    'bot.tenants': bot.tenants?.join(),
    'bot.twin_url': bot.twin_url,
    'outbox.url': outbox.url.reveal(),
    'outbox.concurrency': outbox.concurrency,
    'outbox.retention_days': outbox.retention_days,
    'resilience.max_retries': max_retries,
    'resilience.initial_backoff_ms': initial_backoff_ms,
    'resilience.max_backoff_ms': max_backoff_ms,
    'resilience.request_timeout_ms': request_timeout_ms,
    'server.host': server.host,
    'server.port': server.port,
    'server.instance': server.instance,
    'server.request_timeout_ms': server.request_timeout_ms,
    log_level,
  };
}

/** Warns once a day, from 30 days ahead. */
async function watchCertificate(
  config: () => SluiceConfig,
  { runtime, telemetry, health }: { runtime: Runtime; telemetry: Telemetry; health: LoopHealth },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const done = health.round('certificate', () => {
      const warning = certificateWarning(credentialOf(config().auth), runtime.now());
      if (warning) telemetry.log('auth.certificate_expires', warning);
    });
    await runtime.sleep(done ? DAY_MS : HOUR_MS, signal).catch(() => {});
  }
}
