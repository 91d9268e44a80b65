export { type Runtime, seededRandom, systemRuntime } from './runtime.ts';
export { Secret } from './secret.ts';
