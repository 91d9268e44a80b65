/** Values of labels that one tenant may see; undefined: all of them. */
export type VisibleLabels = { readonly tenant_id: string; readonly endpoints: readonly string[] } | undefined;
