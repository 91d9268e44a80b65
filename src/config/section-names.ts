/** The sections of a configuration, without those of notifiers. */
export const sectionNames = [
  'auth',
  'endpoints',
  'network',
  'resilience',
  'multi_tenant',
  'cards',
  'notifiers',
  'receivers',
  'templates',
  'routing',
  'lake',
  'attendance',
  'outbox',
  'server',
  'bot',
  'log_level',
] as const;
export type SectionName = (typeof sectionNames)[number];

/** The one section that notifiers add to: limits stand there. */
export const SHARED_SECTION: SectionName = 'resilience';
