import { createHmac, createPublicKey } from 'node:crypto';
import { botClouds, type CloudName, type refusals } from '../../src/bot/index.ts';
import {
  APP_ID,
  type BotService,
  encode,
  newKey,
  OTHER_APP,
  OTHER_TENANT,
  serviceUrls,
  TENANT,
  type TestKey,
  tokenOf,
} from './bot-service.ts';

const own = newKey('own');
export const second = newKey('second');
const stranger = newKey('own');
const unendorsed = { ...newKey('unendorsed'), endorsements: undefined };
const emptyList = newKey('empty', []);
const elsewhere = newKey('elsewhere', ['directline', 'webchat']);
const noList = newKey('no-list', 'msteams');
/** What is published. */
export const refusalKeys = [own, second, unendorsed, emptyList, elsewhere, noList];

type Json = Readonly<Record<string, unknown>>;
export type RefusedFor = keyof typeof refusals | 'activity_invalid' | 'content_type' | 'body_too_large';

/** A request that no bot should take. */
export interface RefusalCase {
  readonly name: string;
  readonly reason: RefusedFor;
  request(service: BotService): Request;
  readonly cloud?: CloudName;
}

const cases: RefusalCase[] = [];
const refused = (name: string, reason: RefusedFor, request: RefusalCase['request'], cloud?: CloudName) =>
  cases.push({ name, reason, request, ...(cloud && { cloud }) });

const withHeader = (name: string, reason: RefusedFor, of: (token: string, service: BotService) => string | undefined) =>
  refused(name, reason, (service) => {
    const request = service.request();
    const header = of(service.token(), service);
    if (header === undefined) request.headers.delete('authorization');
    else request.headers.set('authorization', header);
    return request;
  });
const withToken = (name: string, reason: RefusedFor, of: (service: BotService) => string) =>
  withHeader(name, reason, (_, service) => `Bearer ${of(service)}`);
const withJoseHeader = (name: string, reason: RefusedFor, header: Json) =>
  withToken(`header: ${name}`, reason, (service) => service.token({}, header));
const withClaims = (name: string, reason: RefusedFor, claims: (service: BotService) => Json) =>
  withToken(`claim ${name}`, reason, (service) => service.token(claims(service)));
const withActivity = (name: string, reason: RefusedFor, activity: Json) =>
  refused(`activity: ${name}`, reason, (service) => service.request(service.activity(activity)));
const withKey = (name: string, reason: RefusedFor, key: TestKey, activity: Json = {}) =>
  refused(`key: ${name}`, reason, (service) =>
    service.request(service.activity(activity), `Bearer ${service.token({}, { kid: key.kid }, key)}`),
  );
/** Token and activity agree on it. */
const withServiceUrl = (name: string, serviceUrl: string, cloud?: CloudName) =>
  refused(
    `service URL: ${name}`,
    'service-url',
    (service) =>
      service.request(service.activity({ serviceUrl }), `Bearer ${service.token({ serviceurl: serviceUrl })}`),
    cloud,
  );
const withBody = (
  name: string,
  reason: RefusedFor,
  body: string | Buffer<ArrayBuffer>,
  contentType = 'application/json',
) =>
  refused(`body: ${name}`, reason, (service) => {
    const headers = { 'content-type': contentType, authorization: `Bearer ${service.token()}` };
    return new Request('https://bot.example/', { method: 'POST', headers, body });
  });

withHeader('no Authorization', 'no-token', () => undefined);
withHeader('an empty Authorization', 'no-token', () => '');
withHeader('the scheme alone', 'no-token', () => 'Bearer');
withHeader('another scheme', 'no-token', (token) => `Basic ${token}`);
withHeader('no scheme', 'no-token', (token) => token);
withHeader('two blanks', 'no-token', (token) => `Bearer  ${token}`);
withHeader('words after the token', 'no-token', (token) => `Bearer ${token} x`);
withHeader('two tokens', 'no-token', (token) => `Bearer ${token}, Bearer ${token}`);
withHeader('a quoted token', 'no-token', (token) => `Bearer "${token}"`);
withHeader('the scheme twice', 'no-token', (token) => `Bearer Bearer ${token}`);
withHeader('two parts', 'no-token', (token) => `Bearer ${token.split('.').slice(0, 2).join('.')}`);
withHeader('no signature', 'no-token', (token) => `Bearer ${token.split('.').slice(0, 2).join('.')}.`);
withHeader('four parts', 'no-token', (token) => `Bearer ${token}.x`);
withHeader('five parts, as encrypted tokens have', 'no-token', (token) => `Bearer ${token}.x.y`);
withHeader('padding', 'no-token', (token) => `Bearer ${token}=`);
withHeader('a token in plain base64', 'no-token', (token) => `Bearer ${token.slice(0, -4)}+/+/`);

const part = (token: string, at: number, of: (text: string) => string) =>
  token
    .split('.')
    .map((text, index) => (index === at ? of(text) : text))
    .join('.');
withToken('a header that is no JSON', 'malformed', (s) =>
  part(s.token(), 0, () => Buffer.from('{').toString('base64url')),
);
withToken('a header that is a list', 'malformed', (s) => part(s.token(), 0, () => encode([])));
withToken('a header that is null', 'malformed', (s) => part(s.token(), 0, () => encode(null)));
withToken('a header that is a text', 'malformed', (s) => part(s.token(), 0, () => encode('x')));
withToken('claims that are no JSON', 'malformed', (s) =>
  part(s.token(), 1, () => Buffer.from('x').toString('base64url')),
);
withToken('claims that are a list', 'malformed', (s) => tokenOf(s.header(), [s.claims()], own));
withToken('claims that are null', 'malformed', (s) => tokenOf(s.header(), null, own));
withToken('claims that are no UTF-8', 'malformed', (s) =>
  part(s.token(), 1, () => Buffer.from([0x7b, 0xff]).toString('base64url')),
);
withToken('a signature whose spare bits are set', 'malformed', (s) =>
  part(s.token(), 2, (text) => text.slice(0, -1) + spare(text.at(-1)!)),
);
withToken('a token of 17 KB', 'malformed', (s) => s.token({ more: 'x'.repeat(17_000) }));

/** The next character of the alphabet: in the last place it decodes to the same bytes. */
function spare(character: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return alphabet[alphabet.indexOf(character) + 1]!;
}

const otherAlgorithms = [
  'none',
  'None',
  'NONE',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'ES256',
  'ES384',
  'EdDSA',
  'HS256',
  'rs256',
  'RSA',
];
for (const alg of otherAlgorithms) withJoseHeader(`alg ${alg}`, 'algorithm', { alg });
for (const alg of [undefined, null, '', ['RS256'], { name: 'RS256' }, 256]) {
  withJoseHeader(`alg ${JSON.stringify(alg)}`, 'algorithm', { alg });
}
for (const hash of ['256', '384', '512']) {
  withToken(`HS${hash} with the public key as its secret`, 'algorithm', (service) => {
    const signed = `${encode(service.header({ alg: `HS${hash}` }))}.${encode(service.claims())}`;
    const pem = createPublicKey(own.privateKey).export({ type: 'spki', format: 'pem' });
    return `${signed}.${createHmac(`sha${hash}`, pem).update(signed).digest('base64url')}`;
  });
}
const jwk = createPublicKey(stranger.privateKey).export({ format: 'jwk' });
for (const [name, value] of Object.entries({
  jwk,
  jku: 'https://evil.example/keys',
  x5u: 'https://evil.example/x.pem',
  x5c: ['MII'],
  crit: ['exp'],
  b64: false,
  zip: 'DEF',
})) {
  withJoseHeader(`${name}, signed by the published key`, 'header', { [name]: value });
  withToken(`header: ${name}, signed by a stranger`, 'header', (s) => s.token({}, { [name]: value }, stranger));
}
withJoseHeader('crit that is empty', 'header', { crit: [] });
for (const kid of [undefined, null, '', 7, ['own'], 'nobody', 'OWN', 'own ', '../own', '__proto__', 'constructor']) {
  withJoseHeader(`kid ${JSON.stringify(kid)}`, 'unknown-key', { kid });
}

withToken("a stranger's signature under a published id", 'signature', (s) => s.token({}, {}, stranger));
withToken('the signature of another published key', 'signature', (s) => s.token({}, {}, second));
withToken('the id of another published key', 'signature', (s) => s.token({}, { kid: 'second' }, own));
withToken('a signature cut short', 'signature', (s) => part(s.token(), 2, (text) => text.slice(0, 340)));
withToken('a signature of zeros', 'signature', (s) =>
  part(s.token(), 2, () => Buffer.alloc(256).toString('base64url')),
);
withToken('the signature of another token', 'signature', (s) =>
  part(s.token(), 2, () => s.token({ jti: '2' }).split('.')[2]!),
);
withToken('claims changed after signing', 'signature', (s) => part(s.token(), 1, () => encode(s.claims({ jti: 'x' }))));
withToken('a header changed after signing', 'signature', (s) =>
  part(s.token(), 0, () => encode(s.header({ typ: 'jwt' }))),
);

const required: Readonly<Record<string, RefusedFor>> = {
  iss: 'issuer',
  aud: 'audience',
  exp: 'times',
  nbf: 'times',
  serviceurl: 'service-url',
};
for (const [claim, reason] of Object.entries(required)) {
  for (const value of [undefined, null, '', 'x', [], {}, true, -1]) {
    withClaims(`${claim}: ${value === undefined ? 'missing' : JSON.stringify(value)}`, reason, () => ({
      [claim]: value,
    }));
  }
  withClaims(`${claim} in a list of one`, reason, (service) => ({ [claim]: [service.claims()[claim]] }));
  withClaims(`${claim} under a name in capitals`, reason, (service) => ({
    [claim]: undefined,
    [claim.toUpperCase()]: service.claims()[claim],
  }));
}
for (const issuer of [
  `https://sts.windows.net/${TENANT}/`,
  `https://sts.windows.net/${OTHER_TENANT}/`,
  `https://login.microsoftonline.com/${TENANT}/v2.0`,
  `https://login.microsoftonline.com/${OTHER_TENANT}/v2.0`,
  'https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/',
  'https://api.botframework.com/',
  'https://API.botframework.com',
  'http://api.botframework.com',
  'https://api.botframework.com.evil.example',
  'api.botframework.com',
]) {
  withClaims(`iss ${issuer}`, 'issuer', () => ({ iss: issuer, tid: TENANT }));
}
for (const audience of [
  OTHER_APP,
  `28:${APP_ID}`,
  `api://${APP_ID}`,
  ` ${APP_ID}`,
  `${APP_ID},${OTHER_APP}`,
  'https://api.botframework.com',
  '*',
]) {
  withClaims(`aud ${audience}`, 'audience', () => ({ aud: audience }));
}
withClaims('aud a list with ours and another', 'audience', () => ({ aud: [APP_ID, OTHER_APP] }));
export const seconds = ({ clock }: BotService) => Math.floor(clock.now() / 1_000);
withClaims('exp: ended, by the tolerance to the second', 'expired', (s) => ({ nbf: 1, exp: seconds(s) - 300 }));
withClaims('exp: ended, by the tolerance and 1 s', 'expired', (s) => ({ nbf: 1, exp: seconds(s) - 301 }));
withClaims('exp: ended a day ago', 'expired', (s) => ({ nbf: 1, exp: seconds(s) - 86_400 }));
withClaims('nbf: begins after the tolerance and 1 s', 'not-yet-valid', (s) => ({ nbf: seconds(s) + 301 }));
withClaims('nbf: begins in half an hour', 'not-yet-valid', (s) => ({ nbf: seconds(s) + 1_800 }));
withClaims('iat: issued after the tolerance and 1 s', 'not-yet-valid', (s) => ({ iat: seconds(s) + 301 }));
withClaims('iat that is a text', 'times', () => ({ iat: '1' }));
withClaims('exp before nbf', 'times', (s) => ({ exp: seconds(s) + 1, nbf: seconds(s) + 2 }));
withClaims('exp equal to nbf', 'times', (s) => ({ exp: seconds(s), nbf: seconds(s) }));
withClaims('exp as a text', 'times', (s) => ({ exp: String(seconds(s) + 3_600) }));
withClaims('exp that is 0', 'times', () => ({ exp: 0 }));
for (const serviceurl of [
  'https://smba.trafficmanager.net/emea',
  'https://smba.trafficmanager.net/amer/',
  'https://evil.example/',
  'https://SMBA.trafficmanager.net/emea/',
]) {
  withClaims(`serviceurl ${serviceurl}, the activity's is another`, 'service-url', () => ({ serviceurl }));
}

withActivity('a serviceUrl of an attacker', 'service-url', { serviceUrl: 'https://evil.example/' });
for (const serviceUrl of [
  'https://evil.example/',
  'http://smba.trafficmanager.net/emea/',
  'https://smba.trafficmanager.net:8443/emea/',
  'https://smba.trafficmanager.net.evil.example/',
  'https://evil-smba.trafficmanager.net/',
  'https://x.smba.trafficmanager.net/',
  'https://smba.trafficmanager.net@evil.example/',
  'https://user:word@smba.trafficmanager.net/',
  'https://evil.example/?smba.trafficmanager.net',
  'https://evil.example/#smba.trafficmanager.net',
  'https://smba.trafficmanager.net/?x=1',
  'https://smba.trafficmanager.net/#x',
  'https://evil.example\\@smba.trafficmanager.net/',
  'https://169.254.169.254/',
  'https://localhost/',
  'https://[::1]/',
  '//smba.trafficmanager.net/',
  'smba.trafficmanager.net',
  'file:///etc/passwd',
  'javascript:x',
  'https://smba.trafficmanager.net./',
]) {
  withServiceUrl(serviceUrl, serviceUrl);
}

withKey('no list of endorsements', 'endorsement', unendorsed);
withKey('an empty list', 'endorsement', emptyList);
withKey('endorsed for other channels', 'endorsement', elsewhere);
withKey('a text in place of a list', 'unknown-key', noList);
withKey('endorsed for Web Chat, and a message of Web Chat', 'channel', elsewhere, { channelId: 'webchat' });
withKey('endorsed for Teams too, and a message of Web Chat', 'channel', own, { channelId: 'webchat' });
for (const channelId of ['', ' ', 'MSTEAMS', 'msteams ', 'emulator', 'directline', 'agents']) {
  withActivity(`channelId "${channelId}"`, 'endorsement', { channelId });
}

export const conversation = { id: 'a:one' };
const noTenant = { channelData: {} };
withActivity('no tenant', 'tenant', { conversation, ...noTenant });
withActivity('no channelData and no tenant', 'tenant', { conversation, channelData: undefined });
withActivity('another tenant', 'tenant', { conversation: { ...conversation, tenantId: OTHER_TENANT }, ...noTenant });
withActivity('another tenant in channelData', 'tenant', {
  conversation,
  channelData: { tenant: { id: OTHER_TENANT } },
});
withActivity('two tenants, the first ours', 'tenant', { channelData: { tenant: { id: OTHER_TENANT } } });
withActivity('two tenants, the second ours', 'tenant', { conversation: { ...conversation, tenantId: OTHER_TENANT } });
withActivity('a blank tenant', 'tenant', { conversation: { ...conversation, tenantId: '' }, ...noTenant });
withActivity('any tenant', 'tenant', { conversation: { ...conversation, tenantId: '*' }, ...noTenant });
withActivity('a tenant and a blank', 'tenant', {
  conversation: { ...conversation, tenantId: `${TENANT} ` },
  ...noTenant,
});
for (const id of [`28:${OTHER_APP}`, APP_ID, `29:${APP_ID}`, `28:${APP_ID} `, `28:28:${APP_ID}`, '8:orgid:x', '28:']) {
  withActivity(`recipient ${id}`, 'recipient', { recipient: { id } });
}
for (const field of ['type', 'channelId', 'serviceUrl', 'from', 'recipient', 'conversation']) {
  for (const value of [undefined, null, 7, []]) {
    withActivity(`${field} ${value === undefined ? 'missing' : JSON.stringify(value)}`, 'activity_invalid', {
      [field]: value,
    });
  }
}
withActivity('a tenant that is a list', 'activity_invalid', { conversation: { ...conversation, tenantId: [TENANT] } });
withActivity('an id that is a number', 'activity_invalid', { id: 7 });
withActivity('a text that is none', 'activity_invalid', { text: { $ne: '' } });

withBody('no JSON', 'activity_invalid', 'x');
withBody('nothing', 'activity_invalid', '');
withBody('null', 'activity_invalid', 'null');
withBody('a list of activities', 'activity_invalid', '[]');
withBody('no UTF-8', 'activity_invalid', Buffer.from([0x7b, 0xff, 0x7d]));
withBody('nested deeper than 100 levels', 'activity_invalid', `{"a":${'['.repeat(101)}${']'.repeat(101)}}`);
withBody('as a form', 'content_type', 'a=b', 'application/x-www-form-urlencoded');
withBody('as text', 'content_type', '{}', 'text/plain');
withBody('of more than a megabyte', 'body_too_large', `"${'x'.repeat(1024 * 1024)}"`);

export const cloudNames = Object.keys(botClouds) as CloudName[];
for (const cloud of cloudNames) {
  for (const other of cloudNames.filter((name) => name !== cloud)) {
    withServiceUrl(`of ${other} at a bot of ${cloud}`, serviceUrls[other], cloud);
    const { issuer } = botClouds[other];
    if (issuer === botClouds[cloud].issuer) continue;
    refused(
      `an issuer of ${other} at a bot of ${cloud}`,
      'issuer',
      (service) => service.request(service.activity(), `Bearer ${service.token({ iss: issuer })}`),
      cloud,
    );
  }
}

/** At least 120: each claim missing, wrong, of another cloud, another tenant, another key, expired by 1 s. */
export const refusalCases: readonly RefusalCase[] = cases;
