export { checkRoutes, type RouteCheck } from './check.ts';
export type { KnownNames } from './references.ts';
export { Router, type RouterOptions, type RouterState } from './router.ts';
export { compileRouting } from './routing.ts';
export { Silences } from './silences.ts';
