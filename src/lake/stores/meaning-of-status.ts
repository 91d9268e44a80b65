import type { Meaning } from './remote-client.ts';

const MEANINGS: Readonly<Record<number, Meaning>> = {
  401: 'denied',
  403: 'denied',
  404: 'absent',
  408: 'again',
  412: 'changed',
  416: 'beyond',
  429: 'again',
  500: 'again',
  502: 'again',
  503: 'again',
  504: 'again',
};

/** What an answer means of whose code nothing is known. */
export const meaningOfStatus = (status: unknown): Meaning => MEANINGS[Number(status)] ?? 'refused';
