import type { Hono } from 'hono';
import type { World } from './graph/world.ts';
import type { TwinAnswer, TwinRequest } from './protocol/exchange.ts';

/** One of the services that stand at a twin's address. */
export interface TwinService {
  /** What it has there, for who asks for something that nobody has: `a webhook`. */
  readonly has: string;
  /** Undefined: the path is none of its own. */
  handle(request: TwinRequest): Promise<TwinAnswer | undefined> | undefined;
  /** Settings that lead Sluice to it, once the twin is served at `url`. */
  env(url: string): Readonly<Record<string, string>>;
  /** What it adds below `/_twin`: routes, and a line for each. It refuses by throwing. */
  readonly control?: { readonly routes: Hono; readonly index: Readonly<Record<string, string>> } | undefined;
}

/** A kind of service, made for each twin. `Options` are those of the twin that are its own. */
export type TwinServiceKind<Options, Service extends TwinService = TwinService> = (
  world: World,
  options: Options,
) => Service;
