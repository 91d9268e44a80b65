export { serveTwin } from './serve.ts';
export { type Simulator, startSimulator } from './start-simulator.ts';
export { generateTenant } from './tenant/generator.ts';
export { loadTenant } from './tenant/load.ts';
export { saveTenant } from './tenant/save.ts';
export { createTwin, type Twin, type TwinOptions } from './twin.ts';
