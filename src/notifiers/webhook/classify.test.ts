import { describe, expect, it } from 'vitest';
import { classifyWebhook } from './classify.ts';

const query = 'api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=abc';
const flowPath = '/powerautomate/automations/direct/workflows/0f1e/triggers/manual/paths/invoke';
const flow = (host: string, rest = `${flowPath}?${query}`) => `https://${host}${rest}`;
const publicHost = `${'a'.repeat(30)}.bc.environment.api.powerplatform.com`;

describe('a Workflows URL of today', () => {
  it.each([
    ['public', publicHost],
    ['public', `default${'a'.repeat(30)}.bc.environment.api.powerplatform.com:443`],
    ['usgov-gcc', `${'a'.repeat(31)}.c.environment.api.gov.powerplatform.microsoft.us:443`],
    ['usgov-gcc-high', `${'a'.repeat(31)}.c.environment.api.high.powerplatform.microsoft.us`],
    ['usgov-dod', `${'a'.repeat(31)}.c.environment.api.appsplatform.us`],
    ['china', `${'a'.repeat(31)}.c.environment.api.powerplatform.partner.microsoftonline.cn`],
  ])('%s: %s', (cloud, host) => {
    expect(classifyWebhook(flow(host))).toMatchObject({ kind: 'workflow', row: { cloud } });
  });

  it('may have routing segments and capital letters in the host', () => {
    const path = '/powerautomate/automations/direct/cu/04/workflows/0f1e/triggers/manual/paths/invoke';
    expect(classifyWebhook(flow(publicHost.toUpperCase(), `${path}?${query}`)).kind).toBe('workflow');
  });
});

describe('forms of before', () => {
  it.each([
    [
      'workflow-legacy-host',
      `https://prod-12.westeurope.logic.azure.com:443/workflows/0f1e/triggers/manual/paths/invoke?${query}`,
    ],
    ['workflow-legacy-host', `https://prod-12.westeurope.logic.azure.com${flowPath}?${query}`],
    ['workflow-legacy-host', `https://prod-1.usgovvirginia.logic.azure.us/workflows/0f1e/x?${query}`],
    ['workflow-legacy-host', `https://prod-1.chinaeast2.logic.azure.cn/workflows/0f1e/x?${query}`],
    ['connector-retired', 'https://contoso.webhook.office.com/webhookb2/g@t/IncomingWebhook/i/o'],
    ['connector-retired', 'https://outlook.office.com/webhook/g@t/IncomingWebhook/i/o'],
    ['connector-retired', 'https://outlook.office365.com/webhook/g@t/IncomingWebhook/i/o'],
    ['connector-retired', 'http://outlook.office.com:8080/webhook/g'],
  ])('%s: %s', (kind, url) => {
    expect(classifyWebhook(url).kind).toBe(kind);
  });

  it('a retired connector stays retired when its host is configured', () => {
    const url = 'https://outlook.office.com/webhook/g@t/IncomingWebhook/i/o';
    expect(classifyWebhook(url, { hosts: ['outlook.office.com'] }).kind).toBe('connector-retired');
  });

  it('a plain Logic App may be configured', () => {
    const host = 'prod-12.westeurope.logic.azure.com';
    expect(classifyWebhook(`https://${host}/workflows/0f1e/x?${query}`, { hosts: [host] }).kind).toBe('configured');
  });
});

describe('everything else is unknown, with the part that is wrong', () => {
  it.each([
    ['url', 'not a url'],
    ['url', ''],
    ['scheme', `http://${publicHost}${flowPath}?${query}`],
    ['scheme', `ftp://${publicHost}${flowPath}?${query}`],
    ['scheme', 'javascript:alert(1)'],
    ['credentials', `https://user:pass@${publicHost}${flowPath}?${query}`],
    ['port', flow(`${publicHost}:8443`)],
    ['host', flow('example.com')],
    ['host', flow('environment.api.powerplatform.com')],
    ['host', flow('bc.environment.api.powerplatform.com')],
    ['host', flow('a..environment.api.powerplatform.com')],
    ['host', flow(`${publicHost}.evil.example`)],
    ['host', flow(`${publicHost}.`)],
    ['host', flow('a.bcenvironment.api.powerplatform.com')],
    ['host', flow('evil.example/a.b.environment.api.powerplatform.com')],
    ['host', flow('evil.example\\@a.b.environment.api.powerplatform.com')],
    ['host', flow('evil.example#.b.environment.api.powerplatform.com')],
    ['host', flow('x.microsoft.com')],
    ['host', flow('evilwebhook.office.com', '/webhookb2/x')],
    ['host', flow('a.b.environment.api.p\u043ewerplatform.com')],
    ['host', flow('127.0.0.1')],
    ['host', flow('[::1]')],
    ['host', flow('api.powerautomate.com')],
    ['path', flow(publicHost, `/other/?${query}`)],
    ['path', flow(publicHost, `/powerautomate/automations/direct/../../x?${query}`)],
    ['path', flow('contoso.webhook.office.com', '/x')],
    ['query', flow(publicHost, `${flowPath}?api-version=1`)],
    ['query', flow(publicHost, `${flowPath}?${query.replace('sig=abc', 'sig=')}`)],
    ['query', flow(publicHost, flowPath)],
  ])('%s: %s', (part, url) => {
    expect(classifyWebhook(url)).toMatchObject({ kind: 'unknown', fault: { part } });
  });
});

describe('configured hosts', () => {
  it('are exact: no ending, no beginning, no other port', () => {
    const allow = { hosts: ['hooks.example.com', 'other.example.com:8443'] };
    const kind = (url: string) => classifyWebhook(url, allow).kind;
    expect(kind('https://hooks.example.com/any?thing')).toBe('configured');
    expect(kind('https://HOOKS.example.com:443/')).toBe('configured');
    expect(kind('https://other.example.com:8443/')).toBe('configured');
    for (const url of [
      'https://hooks.example.com:8443/',
      'https://other.example.com/',
      'https://a.hooks.example.com/',
      'https://hooks.example.com.evil.example/',
      'http://hooks.example.com/',
      'https://user@hooks.example.com/',
    ]) {
      expect(kind(url), url).toBe('unknown');
    }
  });

  it('a twin may be http, on exactly its port', () => {
    const allow = { twins: ['127.0.0.1:8080'] };
    expect(classifyWebhook('http://127.0.0.1:8080/x', allow).kind).toBe('configured');
    expect(classifyWebhook('http://127.0.0.1:8081/x', allow).kind).toBe('unknown');
    expect(classifyWebhook('http://127.0.0.1/x', allow).kind).toBe('unknown');
    expect(classifyWebhook('http://localhost:8080/x', allow).kind).toBe('unknown');
  });
});
