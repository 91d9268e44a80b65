import { describe, expect, it } from 'vitest';
import { Secret } from '../runtime/secret.ts';
import { type ProxySettings, parseProxyUrl, proxyFor } from './proxy.ts';

const url = (text: string | undefined) => (text === undefined ? undefined : new Secret(text));
const through = (target: string, settings: { [Key in keyof ProxySettings]: string }) =>
  proxyFor(target, {
    httpsProxy: url(settings.httpsProxy),
    httpProxy: url(settings.httpProxy),
    allProxy: url(settings.allProxy),
    noProxy: settings.noProxy?.split(','),
  })?.reveal();

const GRAPH = 'https://graph.microsoft.com/v1.0/teams';

describe('the proxy of a request', () => {
  it.each([
    ['https by its own', GRAPH, { httpsProxy: 'a', httpProxy: 'b', allProxy: 'c' }, 'a'],
    ['https by that for all', GRAPH, { httpProxy: 'b', allProxy: 'c' }, 'c'],
    ['https never by that of http', GRAPH, { httpProxy: 'b' }, undefined],
    ['http by its own', 'http://twin.corp/', { httpsProxy: 'a', httpProxy: 'b', allProxy: 'c' }, 'b'],
    ['http by that for all', 'http://twin.corp/', { httpsProxy: 'a', allProxy: 'c' }, 'c'],
    ['http by that of https at last', 'http://twin.corp/', { httpsProxy: 'a' }, 'a'],
    ['none', GRAPH, {}, undefined],
  ])('is %s', (_name, target, settings, expected) => {
    expect(through(target, settings)).toBe(expected);
  });

  it.each([
    'http://127.0.0.1:8080/',
    'http://127.8.8.8/',
    'http://169.254.169.254/metadata/identity/oauth2/token',
    'http://localhost:1/',
    'http://x.localhost/',
    'https://[::1]/',
  ])('is none for this machine: %s', (target) => expect(through(target, { allProxy: 'p' })).toBeUndefined());

  it.each([
    ['graph.microsoft.com', true],
    ['GRAPH.Microsoft.com', true],
    ['microsoft.com', true],
    ['.microsoft.com', true],
    ['*.microsoft.com', true],
    ['graph.microsoft.com:443', true],
    ['graph.microsoft.com:8443', false],
    ['.microsoft.com:443', true],
    ['icrosoft.com', false],
    ['*', true],
    [' graph.microsoft.com ', true],
    ['', false],
    ['.', false],
    ['other.example', false],
    ['10.0.0.0/8', false],
    ['microsoft.com.', true],
    ['graph.microsoft.com.:443', true],
    ['https://graph.microsoft.com/', true],
    ['http://', false],
  ])('NO_PROXY=%s takes graph.microsoft.com out: %s', (noProxy, out) => {
    expect(through(GRAPH, { httpsProxy: 'p', noProxy }) === undefined).toBe(out);
  });

  it.each([
    ['10.1.2.3', '10.0.0.0/8', true],
    ['11.1.2.3', '10.0.0.0/8', false],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3', '10.1.2.3:443', true],
    ['10.1.2.3', '1.2.3', false],
    ['[fd00::1]', 'fd00::/8', true],
    ['[fd00::1]', '[fd00::1]', true],
    ['[fd00::1]', '10.0.0.0/8', false],
    ['münchen.example', 'münchen.example', true],
    ['xn--mnchen-3ya.example', 'MÜNCHEN.example', true],
    ['wiki.corp.', 'corp', true],
  ])('the host %s is meant by %s: %s', (host, noProxy, out) => {
    expect(through(`https://${host}/`, { httpsProxy: 'p', noProxy }) === undefined).toBe(out);
  });
});

it.each([
  ['proxy.corp:3128', 'http://proxy.corp:3128/'],
  ['http://proxy.corp', 'http://proxy.corp/'],
  ['https://ann:p%40ss@proxy.corp:8443', 'https://ann:p%40ss@proxy.corp:8443/'],
  ['socks5://127.0.0.1:1080', 'socks5://127.0.0.1:1080'],
  ['socks5h://127.0.0.1:1080', 'socks5://127.0.0.1:1080'],
  ['ftp://proxy.corp', undefined],
  ['http://', undefined],
  ['not a host', undefined],
])('the proxy %s is read as %s', (text, expected) => {
  expect(parseProxyUrl(text)?.href).toBe(expected);
});
