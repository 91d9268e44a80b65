// In the folder of a stage of the image: what stores elsewhere are spoken to with comes along. Such a package is an
// optional one for whoever installs Sluice; a container has nobody who could add it. Versions are those of the lock file.
import { readFileSync, writeFileSync } from 'node:fs';

const STORES = ['@azure/identity', '@azure/storage-blob', '@aws-sdk/client-s3'];
const declared = JSON.parse(readFileSync('package.json', 'utf8'));
const { devDependencies } = declared;
for (const name of STORES.filter((one) => devDependencies[one])) {
  declared.dependencies[name] = devDependencies[name];
  delete devDependencies[name];
}
writeFileSync('package.json', `${JSON.stringify(declared, null, 2)}\n`);
