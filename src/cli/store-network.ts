import type { StoreNetwork } from '../lake/stores/store-kind.ts';
import { configInput } from './configuration.ts';
import type { Io } from './io.ts';

/**
 * The proxies and the certificate authorities on the way to a store elsewhere: those of the rest of Sluice.
 *
 * @throws SluiceError `config_invalid`
 */
export async function storeNetwork(io: Pick<Io, 'env'>, config: string | undefined): Promise<StoreNetwork> {
  const [{ loadSection }, { networkSection }, { proxyOf }] = await Promise.all([
    import('../config/load-section.ts'),
    import('../config/sections/network.ts'),
    import('../config/connection.ts'),
  ]);
  const { file } = configInput(io, { config });
  const network = loadSection(networkSection, { file, environment: io.env });
  return { proxy: proxyOf(network), ca: network.ca };
}
