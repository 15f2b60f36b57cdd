import { z } from 'zod';

const publicKey = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string().min(1) });
const timeoutSeconds = z.number().positive().max(300).default(20);

const hook = z.union([
  z.strictObject({
    /** Program and arguments, run without a shell; the request comes as JSON on its standard input. */
    command: z.array(z.string().min(1)).min(1),
    timeoutSeconds,
  }),
  z.strictObject({
    /** Receives the request as JSON by POST. */
    url: z.url({ protocol: /^https?$/ }),
    headers: z.record(z.string(), z.string()).default({}),
    timeoutSeconds,
  }),
]);
export type HookConfig = z.infer<typeof hook>;

/** The agent's own configuration file (YAML). Paths are taken from the file's folder. */
export const agentConfigSchema = z.strictObject({
  tenant: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/),
  kafka: z.strictObject({
    brokers: z.array(z.string().regex(/^[^\s,:]+:\d+$/, 'is not host:port')).min(1),
    username: z.string().optional(),
    passwordFile: z.string().optional(),
    tls: z.boolean().default(true),
    caFile: z.string().optional(),
  }),
  /** Made by `silowatch agent init`; readable by the agent alone. */
  keyFile: z.string().default('agent-key.json'),
  memoryFile: z.string().default('agent-memory.ndjson'),
  /** What `silowatch agent enrol` printed. During a change of keys, both. */
  commandKeys: z.array(publicKey).min(1),
  /** Kind of action → what does it. What is not here is answered 501. */
  hooks: z.record(z.string(), hook).default({}),
});
export type AgentConfig = z.infer<typeof agentConfigSchema>;
