import { callParticipants as resource } from '../resources/call-participants.ts';
import { table } from './table.ts';

export const callParticipants = table({
  name: 'call_participants',
  description: 'Who took part in calls: people, guests, telephones, bots, rooms.',
  resource,
  ingestionType: 'snapshot',
  primaryKey: ['call_id', 'id'],
  // https://learn.microsoft.com/en-us/graph/api/resources/callrecords-participant
  columns: {
    call_id: { type: 'id', from: '$context.call_id', description: 'The call.' },
    id: { type: 'id', description: 'Id of the participant: of a user the user id, of a telephone its number.' },
    identity: {
      type: 'json',
      description: 'Who it is, with names: user, guest, phone, … Kinds of identities are many: as it came.',
    },
    administrativeUnitInfos: {
      type: { list: { struct: { id: 'id' } } },
      description: 'Administrative units that the participant was in.',
    },
  },
});
