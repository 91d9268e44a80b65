import { describe, expect, it } from 'vitest';
import { urlProblem } from './url-policy.ts';

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

describe('urlProblem', () => {
  it.each([
    'https://example.com/a?b=c#d',
    'https://EXAMPLE.com',
    'https://93.184.216.34/',
    'https://[2606:4700::1111]/',
    'https://münchen.example.de/',
  ])('takes %s', (url) => {
    expect(urlProblem(url)).toBeUndefined();
  });

  it.each(INTERNAL)('refuses the internal host %s', (host) => {
    expect(urlProblem(`https://${host}/x`)).toMatch(/internal|absolute/);
  });

  it.each([
    ['http://example.com', /scheme/],
    ['javascript:alert(1)', /scheme/],
    ['JAVA\nSCRIPT:alert(1)', /scheme/],
    ['data:text/html,x', /scheme/],
    ['file:///etc/passwd', /scheme/],
    ['//example.com', /absolute/],
    ['/path', /absolute/],
    ['', /absolute/],
    ['https://user:secret@example.com', /user name/],
    ['https://example.com@10.0.0.1/', /user name/],
    ['https:\\\\127.0.0.1', /internal/],
  ])('refuses %j', (url, reason) => {
    expect(urlProblem(url)).toMatch(reason);
  });

  it('takes a host that configuration names, and only that one', () => {
    const policy = { allowedHosts: ['grafana.corp.internal', '127.0.0.1'] };
    expect(urlProblem('http://127.0.0.1:8080/x', policy)).toBeUndefined();
    expect(urlProblem('https://grafana.corp.internal/d/1', policy)).toBeUndefined();
    expect(urlProblem('https://x.grafana.corp.internal/', policy)).toMatch(/internal/);
    expect(urlProblem('javascript://127.0.0.1/%0aalert(1)', policy)).toMatch(/scheme/);
  });

  it('never repeats the URL', () => {
    expect(urlProblem('http://example.com/?sig=canary')).not.toContain('canary');
  });
});
