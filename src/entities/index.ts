export * from '../graph/index.ts';
export type {
  Channel,
  ChannelPlace,
  Chat,
  ChatPlace,
  EntitySets,
  Member,
  Message,
  Reply,
  Team,
} from './entity-sets.ts';
export { entitySets } from './entity-sets.ts';
