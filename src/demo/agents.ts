import type { Service } from '../app/serve.js';
import type { Simulator } from './simulator/simulator.js';

export interface RunningAgents {
  close(): Promise<void>;
}

export async function runSiloAgents(_service: Service, _dataFolder: string, _simulator: Simulator): Promise<RunningAgents> {
  return { close: async () => undefined };
}
