export { Sender, type SenderOptions } from './sender.ts';
export { type RunningServer, type ServeOptions, startServer } from './serve.ts';
