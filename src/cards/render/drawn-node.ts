/** A card or element while it is drawn. It may have faults: what does not fit is left out. */
export type DrawnNode = Readonly<Record<string, unknown>>;
