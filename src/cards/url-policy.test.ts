import { describe, expect, it } from 'vitest';
import { encodedUrl, urlProblem } from './url-policy.ts';

const INTERNAL = [
  ...[
    '127.0.0.1',
    '10.0.0.5',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '255.255.255.255',
  ],
  ...['224.0.0.1', '198.18.0.1', '192.0.2.1', '203.0.113.9', '240.0.0.1'],
  ...[
    '2130706433',
    '0x7f000001',
    '017700000001',
    '0177.0.0.1',
    '0x7f.1',
    '127.1',
    '127.0.1',
    '①②⑦.⓪.⓪.①',
    '127.0.0.1.',
  ],
  ...[
    '[::1]',
    '[::]',
    '[fe80::1]',
    '[fd00::5]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
  ],
  ...['[::127.0.0.1]', '[2001:db8::1]', '[ff02::1]', '[2001::1]'],
  ...[
    'localhost',
    'LOCALHOST.',
    'a.localhost',
    'printer.local',
    'metadata.google.internal',
    'router.lan',
    'nas.home.arpa',
    'intranet',
  ],
];

const REFUSED_BY_BOTH = [
  ['javascript:alert(1)', /scheme/],
  ['JAVA\nSCRIPT:alert(1)', /scheme|absolute/],
  ['javascript://127.0.0.1/%0aalert(1)', /scheme/],
  ['vbscript:x', /scheme/],
  ['data:text/html,x', /scheme|image/],
  ['file:///etc/passwd', /scheme/],
  ['ftp://example.com/x', /scheme/],
  ['//example.com', /absolute/],
  ['/path', /absolute/],
  ['', /absolute/],
  ['https:', /absolute/],
  ['https:example.com', /absolute/],
  ['https:\\\\127.0.0.1', /absolute/],
  ['https://user:secret@example.com', /user name/],
  ['https://user@example.com', /user name/],
  ['https://example.com@10.0.0.1/', /user name/],
] as const;

describe('a link that a person opens', () => {
  it.each([
    'https://example.com/a?b=c#d',
    'http://prometheus:9090/graph?g0.expr=up',
    'http://prometheus.monitoring.svc:9090/graph',
    'http://10.0.0.5:9093/#/alerts',
    'http://localhost:3000/d/1',
    'http://[::1]:3000/',
    'https://[fd00::5]/',
    'HTTP://EXAMPLE.com',
    'https://münchen.example.de/',
    'https://grafana.example.com/d/1?o=[{"q":"a b"}]',
    ...INTERNAL.map((host) => `https://${host}/x`),
  ])('may be %s', (url) => {
    expect(urlProblem(url, 'open')).toBeUndefined();
  });

  it.each(REFUSED_BY_BOTH)('may not be %j', (url, reason) => {
    expect(urlProblem(url, 'open')).toMatch(reason);
  });

  it('is as narrow as what Teams fetches when the configuration says so', () => {
    expect(urlProblem('http://prometheus:9090/', 'open', { links: 'public' })).toMatch(/scheme/);
    expect(urlProblem('https://10.0.0.5/', 'open', { links: 'public' })).toMatch(/internal/);
    expect(urlProblem('https://example.com/', 'open', { links: 'public' })).toBeUndefined();
  });
});

describe('what Teams fetches', () => {
  it.each([
    'https://example.com/a.png?b=c#d',
    'https://EXAMPLE.com',
    'https://93.184.216.34/',
    'https://[2606:4700::1111]/',
  ])('may be %s', (url) => {
    expect(urlProblem(url, 'image')).toBeUndefined();
    expect(urlProblem(url, 'media')).toBeUndefined();
  });

  it.each([...INTERNAL, '168.63.129.16', '100.100.100.200', '192.0.0.192', '[3fff::1]', '[fec0::1]'])(
    'does not come from %s',
    (host) => {
      expect(urlProblem(`https://${host}/x`, 'image')).toMatch(/internal|absolute/);
      expect(urlProblem(`https://${host}/x`, 'media')).toMatch(/internal|absolute/);
    },
  );

  it.each([...REFUSED_BY_BOTH, ['http://example.com', /scheme/] as const])('is not %j', (url, reason) => {
    expect(urlProblem(url, 'image')).toMatch(reason);
    expect(urlProblem(url, 'media')).toBeDefined();
  });

  it.each(['png', 'jpeg', 'jpg', 'gif', 'svg+xml'])('may be an image of the kind %s as data', (kind) => {
    expect(urlProblem(`data:image/${kind};base64,iVBORw0KGgo=`, 'image')).toBeUndefined();
    expect(urlProblem(`data:image/${kind};base64,iVBORw0KGgo=`, 'media')).toMatch(/scheme/);
    expect(urlProblem(`data:image/${kind};base64,iVBORw0KGgo=`, 'open')).toMatch(/scheme/);
  });

  it.each(['data:image/png,x', 'data:image/tiff;base64,AAAA', 'data:image/png;base64,<script>', 'data:,'])(
    'is not the data %s',
    (url) => {
      expect(urlProblem(url, 'image')).toMatch(/no image/);
    },
  );

  it('may come from a host that configuration names, and only that one', () => {
    const policy = { imageHosts: ['grafana.corp.internal', '127.0.0.1'] };
    expect(urlProblem('http://127.0.0.1:8080/x', 'image', policy)).toBeUndefined();
    expect(urlProblem('https://grafana.corp.internal/d/1', 'image', policy)).toBeUndefined();
    expect(urlProblem('https://x.grafana.corp.internal/', 'image', policy)).toMatch(/internal/);
  });
});

it('never repeats the URL', () => {
  expect(urlProblem('http://u:p@example.com/?sig=canary', 'open')).not.toContain('canary');
});

describe('encodedUrl', () => {
  it.each([
    ['https://a.example/d?o=[{"q":"a b"}]&x=<y>', 'https://a.example/d?o=%5B%7B%22q%22:%22a%20b%22%7D%5D&x=%3Cy%3E'],
    ['http://[::1]:3000/a[0]', 'http://[::1]:3000/a%5B0%5D'],
    [' https://a.example/ü%20x ', 'https://a.example/ü%20x'],
    ['https://a.example/\u202E\u007f\u0001\ufdd0', 'https://a.example/%E2%80%AE%7F%01%EF%B7%90'],
    ['https://a.example/\ud800x', 'https://a.example/%EF%BF%BDx'],
    ['https://a.example/a\tb\nc', 'https://a.example/a%09b%0Ac'],
    ['https://a.example/?re=a\\.b|c^d`', 'https://a.example/?re=a%5C.b%7Cc%5Ed%60'],
  ])('makes of %j a URL that every host takes', (url, expected) => {
    expect(encodedUrl(url)).toBe(expected);
    expect(encodedUrl(expected)).toBe(expected);
  });
});
