import { storeErrors } from '../store-errors.ts';

/**
 * Loads what speaks to a kind of store, which Sluice does not bring along.
 *
 * @param load - `() => import('…')`
 * @param packages - with their versions; the first is the one that is loaded
 * @throws SluiceError `store_package_missing`
 */
export async function storePackage<T>(
  load: () => Promise<T>,
  packages: Readonly<Record<string, string>>,
  lake: string,
): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error;
    const wanted = Object.entries(packages).map(([name, version]) => `${name}@${version}`);
    throw storeErrors.store_package_missing({ lake, packages: wanted }, { cause: error });
  }
}
