import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { storeKinds } from './index.ts';
import { storePackage } from './store-package.ts';

const packageJson = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));

it('a package that is not installed is named with the line that installs it', async () => {
  const name = '@contoso/never-published';
  await expect(storePackage(() => import(name), { [name]: '1.2.3' }, 'az://contoso/teams')).rejects.toMatchObject({
    code: 'store_package_missing',
    recovery: 'user_action',
    message: expect.stringContaining(`npm install --save-exact ${name}@1.2.3`),
  });
});

it.each(storeKinds.flatMap(({ dependencies }) => Object.entries(dependencies)))(
  '%s is an optional peer of the version that it was tested with: %s',
  (name, version) => {
    expect(packageJson.peerDependencies[name]).toBe(version);
    expect(packageJson.peerDependenciesMeta[name]).toEqual({ optional: true });
    expect(packageJson.devDependencies[name]).toBe(version);
    expect(packageJson.dependencies[name]).toBeUndefined();
  },
);
