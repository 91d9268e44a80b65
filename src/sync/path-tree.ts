/** Paths, by what they begin with. */
export interface PathTree extends Map<string, PathTree> {}

export function treeOfPaths(paths: readonly (readonly string[])[]): PathTree {
  const tree: PathTree = new Map();
  for (const path of paths) {
    let at = tree;
    for (const id of path) {
      const below: PathTree = at.get(id) ?? new Map();
      at.set(id, below);
      at = below;
    }
  }
  return tree;
}

/** The ids that follow a path. */
export function idsBelow(path: readonly string[], tree: PathTree): ReadonlySet<string> {
  const below = path.reduce<PathTree | undefined>((at, id) => at?.get(id), tree);
  return new Set(below?.keys());
}
