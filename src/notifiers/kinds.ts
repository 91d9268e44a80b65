import type { NotifierKind } from './kind.ts';
import { webhook } from './webhook/kind.ts';

/** The notifiers of this house. The first is that of a receiver that names none. */
export const houseKinds: readonly [NotifierKind, ...NotifierKind[]] = [webhook];

export const defaultKind: NotifierKind = houseKinds[0];
