// What it costs to add one: copies the checkout, adds one of each kind, counts the files that were touched for it, builds
// the copy, holds it to the rules of the house and uses each. Fails when one does not work, or touches more files than docs/architecture.md promises.
import { error, newCommand } from './add-one/command.mjs';
import { House } from './add-one/house.mjs';
import { newNotifier } from './add-one/notifier.mjs';
import { newStore } from './add-one/store.mjs';
import { tableBelowNewParent } from './add-one/table.mjs';
import { twinCollection } from './add-one/twin.mjs';

// The error comes before the command that throws it.
const kinds = [twinCollection, tableBelowNewParent, newStore, newNotifier, error, newCommand];
const house = new House();
try {
  const counted = kinds.map((kind) => {
    kind.add(house);
    house.node(['scripts/tables-index.mjs']);
    return { kind, files: house.touched() };
  });
  house.node(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']);
  house.node(['scripts/docs.mjs']);
  house.node(['node_modules/vitest/vitest.mjs', 'run', 'test/architecture', 'src/tables']);
  console.log('the rules of the house hold with all of them');
  for (const { kind, files } of counted) {
    const used = await kind.works(house);
    const isMore = files.length > kind.most;
    console.log(`${kind.name}: ${files.length} of at most ${kind.most} files (${files.join(', ')}); ${used}`);
    if (isMore) process.exitCode = 1;
  }
} finally {
  house.remove();
}
