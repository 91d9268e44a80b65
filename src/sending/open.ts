import { type BotStore, botStoreIn } from '../bot/store/bot-store.ts';
import type { ConfigHolder } from '../config/holder.ts';
import type { Send } from '../http/types.ts';
import { connect } from '../outbox/database.ts';
import { type Outbox, openFailure, openOutbox } from '../outbox/outbox.ts';
import type { Predicate } from '../router/match/predicates.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Secret } from '../runtime/secret.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { type Assembly, assemble, stateSourceOf } from './assembly.ts';
import { LoopHealth } from './loop-health.ts';
import { type SenderDatabase, StateStore, sharedIdentityKey, type TellDamaged } from './state/state-store.ts';
import { tellDamaged } from './state/tell-damaged.ts';
import { observer } from './work-settings.ts';

export interface SenderOptions {
  readonly config: ConfigHolder;
  readonly runtime: Runtime;
  readonly telemetry: Telemetry;
  /** Sends the requests of all notifiers. Default: their own sockets. */
  readonly send?: Send | undefined;
  readonly predicates?: ReadonlyMap<string, Predicate> | undefined;
}

/** What a sender is made of. */
export interface SenderParts {
  readonly database: SenderDatabase;
  readonly outbox: Outbox;
  readonly parts: Assembly;
  readonly state: StateStore;
  readonly health: LoopHealth;
  /** Where the bot keeps activities and conversations: in the same database. */
  readonly botStore: BotStore;
}

/**
 * Opens the outbox and reads the state of an earlier process.
 *
 * @throws SluiceError `outbox_url_invalid`, `outbox_unavailable`, `routing_config_invalid`
 */
export async function openParts(options: SenderOptions): Promise<SenderParts> {
  const { runtime, telemetry, config } = options;
  const current = () => config.current().config;
  const { db: database, dialect } = openDatabase(current().outbox.url);
  try {
    let parts: Assembly | undefined;
    const observe = observer(telemetry, (name) => parts!.destinations.tenantOf(name));
    const outbox = await openOutbox({ runtime, database, dialect, observe });
    const damaged: TellDamaged = (rows) => tellDamaged(rows, telemetry);
    const identityKey = await sharedIdentityKey(database, () => runtime.id(), damaged);
    const name = current().server.instance;
    const botStore = botStoreIn({ db: database, dialect, runtime });
    const state = await StateStore.open({ database, name, runtime, damaged }, (stored) => {
      const made = assemble({ ...options, identityKey, botStore }, stored);
      parts = made;
      return stateSourceOf(made);
    });
    return { database, botStore, outbox, parts: parts!, state, health: new LoopHealth(runtime, telemetry) };
  } catch (error) {
    await database.destroy();
    throw error;
  }
}

function openDatabase(url: Secret): ReturnType<typeof connect> {
  try {
    return connect(url.reveal());
  } catch (cause) {
    throw openFailure(cause);
  }
}
