// A store whose objects are no files that DuckDB can read: every bit of them is turned over.
import { join } from 'node:path';
import { listeningTwin } from './twin.mjs';

const store = `import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { file, fileStore } from './file.ts';
import type { ObjectStore } from './object-store.ts';
import { makeOwnFolder, PRIVATE_FILE } from './private-files.ts';
import type { StoreKind } from './store-kind.ts';

/** A folder whose files say nothing to who reads them. */
export const turned: StoreKind = {
  schemes: ['turned'],
  form: 'turned:///srv/lake',
  lasts: true,
  settings: {},
  dependencies: {},
  read: (url) => file.read(url.replace(/^turned:/i, 'file:')),
  open: async ({ place, scratchDir }) => turnedStore(place, scratchDir),
};

const over = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => byte ^ 0xff);

export function turnedStore(place: string, scratchDir: string = tmpdir()): ObjectStore {
  const inner = fileStore(place);
  const copies = new Map<string, string>();
  let folder: Promise<string> | undefined;
  async function forget(key: string): Promise<void> {
    const copy = copies.get(key);
    copies.delete(key);
    if (copy !== undefined) await rm(copy, { force: true });
  }
  return {
    ...inner,
    description: \`turned:\${place}\`,
    isLocal: false,
    async get(key) {
      const found = await inner.get(key);
      return found && { ...found, bytes: over(found.bytes) };
    },
    async readRange(key, start, end) {
      const found = await inner.readRange(key, start, end);
      return found && over(found);
    },
    async put(key, bytes) {
      await inner.put(key, over(bytes));
      await forget(key);
    },
    putIfAbsent: (key, bytes) => inner.putIfAbsent(key, over(bytes)),
    async putFile(key, path) {
      await inner.size(key);
      await inner.put(key, over(await readFile(path)));
      await rm(path);
      await forget(key);
    },
    async copy(from, to) {
      await inner.copy(from, to);
      await forget(to);
    },
    async delete(keys) {
      await inner.delete(keys);
      for (const key of keys) await forget(key);
    },
    async localPath(key) {
      const found = await inner.get(key);
      folder ??= makeOwnFolder(scratchDir);
      const path = copies.get(key) ?? join(await folder, \`\${randomUUID()}\${extname(key)}\`);
      if (!found || copies.has(key)) return path;
      copies.set(key, path);
      await writeFile(path, over(found.bytes), { mode: PRIVATE_FILE });
      return path;
    },
  };
}
`;

const conformance = `import { objectStoreConformance } from '../../../test/conformance/object-store.ts';
import { temporaryFolder } from '../../../test/support/lake-pages.ts';
import { turnedStore } from './turned.ts';

objectStoreConformance('turned', () => turnedStore(temporaryFolder(), temporaryFolder()));
`;

export const newStore = {
  name: 'store',
  most: 3,

  add(house) {
    house.write('src/lake/stores/turned.ts', store);
    house.write('src/lake/stores/turned.test.ts', conformance);
    house.insert('src/lake/stores/index.ts', {
      after: "} from './store-kind.ts';\n",
      text: "import { turned } from './turned.ts';\n",
    });
    house.insert('src/lake/stores/index.ts', { after: '= [file', text: ', turned' });
  },

  /** It passes the conformance suite; a lake over it is made, synced twice and queried, and no file of it is readable. */
  async works(house) {
    house.node(['node_modules/vitest/vitest.mjs', 'run', 'src/lake/stores/turned.test.ts']);
    const twin = await listeningTwin(house);
    try {
      const lake = `turned://${join(house.folder, 'turned')}`;
      const sluice = (...args) => house.later(['dist/cli/main.js', ...args], twin.env);
      for (let run = 0; run < 2; run++) await sluice('sync', '--lake', lake, '--tables', 'teams,channels');
      const counted = await sluice('query', '--lake', lake, '--json', 'SELECT count(*) AS n FROM channels');
      const { n } = JSON.parse(counted);
      if (Number(n) !== 2) throw new Error(`2 channels were due: ${counted}`);
      return `conforms; sync landed ${n} channels in it, query found them`;
    } finally {
      await twin.close();
    }
  },
};
