export type { SenderOptions } from '../sending/open.ts';
export { Sender } from '../sending/sender.ts';
export { type RunningServer, type ServeOptions, startServer } from './serve.ts';
