export { Sender, type SenderOptions } from '../sending/sender.ts';
export { type RunningServer, type ServeOptions, startServer } from './serve.ts';
