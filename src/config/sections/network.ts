import { z } from 'zod';
import { parseProxyUrl } from '../../http/proxy.ts';
import { closed, filled, pathIn, secretIn } from '../../settings/fields.ts';
import type { ReferenceSources } from '../../settings/references.ts';
import { section } from '../../settings/section.ts';
import { readAuthorities } from '../credential.ts';

/** The section `network`: proxies and certificate authorities of a company. */
export const networkSection = section({
  name: 'network',
  variables: {
    // As curl reads them: both spellings, the lower-case one decides.
    ALL_PROXY: { key: 'all_proxy', form: 'text' },
    all_proxy: { key: 'all_proxy', form: 'text' },
    HTTP_PROXY: { key: 'http_proxy', form: 'text' },
    http_proxy: { key: 'http_proxy', form: 'text' },
    HTTPS_PROXY: { key: 'https_proxy', form: 'text' },
    https_proxy: { key: 'https_proxy', form: 'text' },
    NO_PROXY: { key: 'no_proxy', form: 'list' },
    no_proxy: { key: 'no_proxy', form: 'list' },
    SLUICE_CA_FILE: { key: 'ca', form: 'text' },
  },
  schema: networkSchema,
});

function networkSchema(sources: ReferenceSources) {
  const path = pathIn(sources);
  const proxy = secretIn(sources).transform((url, context) => {
    if (parseProxyUrl(url.reveal())) return url;
    context.addIssue({
      code: 'custom',
      message: 'Expected http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT.',
    });
    return z.NEVER;
  });

  return closed({
    https_proxy: proxy.optional().describe('Proxy for https, with name and password where it wants them.'),
    http_proxy: proxy.optional().describe('Proxy for plain http, which only test twins and private gateways speak.'),
    all_proxy: proxy.optional().describe('Proxy for whatever has none of its own.'),
    no_proxy: z
      .array(filled)
      .default([])
      .describe('Hosts without proxy: example.com with all below it, host:port, 10.0.0.0/8, *. Never this machine.'),
    ca: path
      .transform((file, context) => {
        sources.onFile?.(file);
        const authorities = readAuthorities(file);
        if (authorities !== undefined) return authorities;
        context.addIssue({ code: 'custom', message: `${file} must be readable and hold certificates in PEM.` });
        return z.NEVER;
      })
      .optional()
      .describe('PEM file with further certificate authorities, beside the built-in ones and NODE_EXTRA_CA_CERTS.'),
  });
}
