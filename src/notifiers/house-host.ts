import type { CloudName } from '../auth/clouds.ts';
import type { Credential } from '../auth/credential.ts';
import type { BotStore } from '../bot/store/bot-store.ts';
import type { ProxySettings } from '../http/proxy.ts';
import type { Transport } from '../http/undici-transport.ts';
import type { Secret } from '../runtime/secret.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { NetworkSettings, NotifierHost } from './kind.ts';

/** A bot as the configuration describes it. */
export interface BotAccess {
  readonly appId: string;
  readonly tenants: readonly string[];
  readonly credential: Credential;
  readonly cloud: CloudName;
  readonly twinUrl: string | undefined;
}

export interface HouseNetwork extends NetworkSettings {
  readonly proxy: ProxySettings;
  /** Further certificate authorities in PEM. */
  readonly ca: string | undefined;
}

/** What the notifiers of this house are given beside what all are given. */
export interface HouseHost<Settings extends object = object> extends NotifierHost<Settings> {
  readonly telemetry: Telemetry;
  /** Key of the hashes that endpoints are known by in logs and metrics. */
  readonly identityKey: Secret;
  readonly network: () => HouseNetwork;
  /** The bot that is configured; undefined: none is, or it has nothing to prove itself with. */
  readonly bot: () => BotAccess | undefined;
  /** What is known of where it can speak. */
  readonly botStore: BotStore;
  /** A transport of the notifier's own, opened anew when these settings change. */
  connect<Own>(settings: () => Own, open: (settings: Own) => Transport | Promise<Transport>): Transport;
}
