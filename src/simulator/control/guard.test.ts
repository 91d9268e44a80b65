import { expect, it } from 'vitest';
import { controlRefusal } from './guard.ts';

const json = { 'content-type': 'application/json', 'content-length': '2' };
const post = (headers: Record<string, string>, host = '127.0.0.1') => controlRefusal({ method: 'POST', headers }, host);

it.each([
  { host: '127.0.0.1:8080', ...json },
  { host: 'localhost:8080', ...json, 'content-type': 'application/json; charset=utf-8' },
  { host: '[::1]:8080', 'transfer-encoding': 'chunked', 'content-type': 'application/json' },
  { host: '127.0.0.1:8080', origin: 'http://127.0.0.1:8080', ...json },
  { host: '127.0.0.1:8080' },
])('%j is let in', (headers) => expect(post(headers as Record<string, string>)).toBeUndefined());

it.each([
  ['a name of its own', { host: 'evil.example:8080', ...json }],
  ['no Host', { ...json }],
  ['a page of another origin', { host: '127.0.0.1:8080', origin: 'https://evil.example', ...json }],
  ['a page of no origin', { host: '127.0.0.1:8080', origin: 'null', ...json }],
  ['a page of another port', { host: '127.0.0.1:8080', origin: 'http://127.0.0.1:9090', ...json }],
  ['a form', { host: '127.0.0.1:8080', 'content-length': '2', 'content-type': 'text/plain' }],
  ['a form without a type', { host: '127.0.0.1:8080', 'transfer-encoding': 'chunked' }],
])('%s is refused', (_name, headers) => expect(post(headers as Record<string, string>)).toBeTypeOf('string'));

it('a twin on every address is controlled under any name, but not from a page', () => {
  expect(post({ host: 'twin:8080', ...json }, '0.0.0.0')).toBeUndefined();
  expect(post({ host: 'twin:8080', origin: 'https://evil.example', ...json }, '0.0.0.0')).toBeTypeOf('string');
});
