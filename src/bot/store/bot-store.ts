import type { Kysely } from 'kysely';
import { connect, type Store } from '../../outbox/database.ts';
import { openFailure } from '../../outbox/outbox.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Secret } from '../../runtime/secret.ts';
import { type Conversations, createConversations } from './conversations.ts';
import { createInbox, type Inbox } from './inbox.ts';
import { createStoredCounts, type StoredCounts } from './stored-counts.ts';
import { type BotTables, createBotIndexes, createBotTables } from './tables.ts';
import { createThreads, type Threads } from './threads.ts';

/** What a bot keeps in a database, beside an outbox or alone. */
export interface BotStore extends AsyncDisposable {
  readonly inbox: Inbox;
  readonly conversations: Conversations;
  readonly threads: Threads;
  /** What is counted in the published windows. */
  readonly counts: StoredCounts;
}

/** A bot's store in a database that is open. Its tables are made when they are first used; the caller closes it. */
export function botStoreIn(store: Store, { leaseMs }: { readonly leaseMs?: number | undefined } = {}): BotStore {
  const db = store.db as unknown as Kysely<BotTables>;
  let made: Promise<Kysely<BotTables>> | undefined;
  const ready = () => {
    made ??= createBotTables(db)
      .then(() => createBotIndexes(db))
      .then(() => db)
      .catch((error: unknown) => {
        made = undefined;
        throw openFailure(error);
      });
    return made;
  };
  return {
    inbox: createInbox(store, ready, leaseMs),
    conversations: createConversations(store, ready),
    threads: createThreads(store, ready),
    counts: createStoredCounts(store, ready),
    [Symbol.asyncDispose]: async () => {},
  };
}

export interface OpenBotStoreOptions {
  /** `sqlite:PATH` or `postgres://USER@HOST/DATABASE`. */
  readonly url: string | Secret;
  readonly runtime: Runtime;
  /** Without a sign of life for so long, another process takes an activity over. Default 30 s. */
  readonly leaseMs?: number | undefined;
}

/** A store in a database of its own. @throws SluiceError `outbox_url_invalid`, `outbox_unavailable` */
export function connectBotStore({ url, runtime, leaseMs }: OpenBotStoreOptions): BotStore {
  try {
    const { db, dialect } = connect(typeof url === 'string' ? url : url.reveal());
    const opened = botStoreIn({ db, dialect, runtime }, { leaseMs });
    return { ...opened, [Symbol.asyncDispose]: () => db.destroy() };
  } catch (cause) {
    throw openFailure(cause);
  }
}
