import { describe, expect, it } from 'vitest';
import { channels } from '../resources/channels.ts';
import { teams } from '../resources/teams.ts';
import { users } from '../resources/users.ts';
import { listingErrors } from './errors.ts';
import { isDoubtful, isHeldBack, lackingOf } from './shrink.ts';

describe('a listing beside what stands', () => {
  it.each([
    { before: 0, after: 0, doubtful: false, why: 'nothing was there' },
    { before: 0, after: 9, doubtful: false, why: 'a first load' },
    { before: 1, after: 0, doubtful: true, why: 'nothing is left' },
    { before: 10, after: 0, doubtful: true, why: 'nothing is left' },
    { before: 3, after: 2, doubtful: false, why: 'one of three left' },
    { before: 5, after: 1, doubtful: false, why: 'a handful' },
    { before: 6, after: 3, doubtful: false, why: 'half of them' },
    { before: 6, after: 2, doubtful: true, why: 'more than half of more than a handful' },
    { before: 1000, after: 499, doubtful: true, why: 'more than half' },
    { before: 1000, after: 500, doubtful: false, why: 'half of them' },
    { before: 10, after: 12, doubtful: false, why: 'it grew' },
  ])('$before -> $after: $why', ({ before, after, doubtful }) => {
    expect(isDoubtful({ before, after })).toBe(doubtful);
  });

  it('is doubted when it lacks what must exist, whatever it counts', () => {
    expect(isDoubtful({ before: 0, after: 4, lacking: 'the primary channel' })).toBe(true);
  });
});

describe('a listing that was read twice and says the same', () => {
  it.each([
    { before: 1, after: 0, mayBeEmpty: undefined, held: true },
    { before: 1, after: 0, mayBeEmpty: true, held: false },
    { before: 5, after: 0, mayBeEmpty: true, held: false },
    { before: 6, after: 0, mayBeEmpty: true, held: true },
    { before: 6, after: 2, mayBeEmpty: true, held: true },
    { before: 1, after: 1, mayBeEmpty: true, lacking: 'somebody', held: true },
    { before: 6, after: 5, mayBeEmpty: undefined, held: false },
  ])('$before -> $after, may be empty: $mayBeEmpty', ({ held, mayBeEmpty, ...facts }) => {
    expect(isHeldBack(facts, { mayBeEmpty })).toBe(held);
  });
});

describe('what must be in a listing', () => {
  const [standard, hidden] = [{ membershipType: 'standard' }, { membershipType: 'private' }];
  it.each([
    { resource: channels, records: [standard, hidden], lacks: false },
    { resource: channels, records: [{}], lacks: false },
    { resource: channels, records: [hidden], lacks: true },
    { resource: channels, records: [], lacks: true },
    { resource: users, records: [{}], lacks: false },
    { resource: users, records: [], lacks: true },
    { resource: teams, records: [], lacks: false },
  ])('$resource.name with $records', ({ resource, records, lacks }) => {
    expect(lackingOf(resource, records) !== undefined).toBe(lacks);
  });
});

it('names before, after and what is missing', () => {
  const error = listingErrors.listing_shrank({
    route: '/teams/{team-id}/channels',
    before: 7,
    after: 2,
    lacking: 'the primary channel',
  });
  expect(error).toMatchObject({ code: 'listing_shrank', details: { before: 7, after: 2 } });
  expect(error.message).toContain('from 7 to 2, without the primary channel');
});
