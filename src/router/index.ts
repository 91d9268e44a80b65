export { checkRoutes, type RouteCheck } from './config/check.ts';
export type { KnownNames } from './config/references.ts';
export { compileRouting } from './config/routing.ts';
export { Silences } from './mute/silences.ts';
export { Router, type RouterOptions, type RouterState } from './router.ts';
