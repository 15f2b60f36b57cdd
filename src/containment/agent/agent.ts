import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../platform/clock/clock.js';
import type { EventLog, LogReader } from '../../platform/event-log/event-log.js';
import { siloTopic } from '../../platform/event-log/topics.js';
import type { Ids } from '../../platform/ids/ids.js';
import type { Log } from '../../platform/logging/logging.js';
import { agentGroup } from '../../silos/silo-principals.js';
import { signResult, verifyCommand, type SigningKey } from '../agent-token.js';
import type { AgentMemory } from './agent-memory.js';
import type { HookAnswer, HookRequest, Hooks } from './hook.js';

export interface AgentOptions {
  readonly eventLog: EventLog;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** The silo it lives in; commands for another are refused. */
  readonly tenant: string;
  /** Its own key, enrolled with Silowatch. */
  readonly key: SigningKey;
  /** Silowatch's key for commands, pinned: key id → public key. */
  readonly pinned: ReadonlyMap<string, KeyObject>;
  readonly hooks: Hooks;
  readonly memory: AgentMemory;
  /** Between signs of life; 0 sends none. */
  readonly heartbeatMs?: number;
}

export interface RunningAgent {
  close(): Promise<void>;
}

const MAX_TOKEN_OCTETS = 200_000;
const HEARTBEAT_MS = 30_000;

const commandSchema = z.object({
  action: z.string(),
  target: z.record(z.string(), z.unknown()),
  args: z
    .object({
      duration: z.number().positive().optional(),
      'x-silo': z
        .object({ kind: z.string(), target: z.record(z.string(), z.unknown()), silo: z.string(), incident: z.string() })
        .optional(),
    })
    .optional(),
  command_id: z.string(),
});

/**
 * The agent inside a silo: takes signed OpenC2 commands, refuses what is forged, meant for others, late or repeated, runs the hook for the
 * rest, and answers signed with its own key. It opens no port and knows nothing of Silowatch but the pinned key.
 */
export async function runAgent(options: AgentOptions): Promise<RunningAgent> {
  const agent = new Agent(options);
  const reader: LogReader = await options.eventLog.consume({
    group: agentGroup(options.tenant),
    topics: () => Promise.resolve([siloTopic(options.tenant, 'commands')]),
    handler: async ({ records }) => {
      for (const { value } of records) await agent.take(value);
    },
    onFailure: ({ error }) => options.log.warn({ event: 'agent.stopped', error }, 'commands wait for a retry'),
    onOutOfRange: ({ start }) => Promise.resolve(start),
  });
  const every = options.heartbeatMs ?? HEARTBEAT_MS;
  const beat = (): void => void agent.live();
  const timer = every === 0 ? undefined : setInterval(beat, every);
  if (every !== 0) beat();
  return {
    close: async () => {
      clearInterval(timer);
      await reader.close();
    },
  };
}

class Agent {
  readonly #options: AgentOptions;

  constructor(options: AgentOptions) {
    this.#options = options;
  }

  /** Takes one record of the commands topic. Throws when the answer cannot be written; Silowatch then sends the same decision again and gets the kept answer. */
  async take(value: Buffer | null): Promise<void> {
    const { log, tenant, clock, memory, pinned } = this.#options;
    if (value === null || value.length > MAX_TOKEN_OCTETS) return;
    const verified = await verifyCommand(value.toString('utf8'), tenant, pinned, clock.now());
    if (!verified.ok) {
      // No answer: whoever forges commands learns nothing, and Silowatch notices the silence.
      log.warn({ event: 'agent.command_refused', refusal: verified.refusal }, 'a command was refused');
      return;
    }
    const { claims } = verified;
    if (!(await memory.take(claims.jti, claims.exp * 1000))) {
      log.warn({ event: 'agent.command_refused', refusal: 'replayed' }, 'a repeated command was refused');
      return;
    }
    const parsed = commandSchema.safeParse(parseOrNull(claims.command));
    if (!parsed.success) return this.#answer(null, { status: 400, statusText: 'not an OpenC2 command' });
    const command = parsed.data;
    const decision = `${command.command_id}/${claims.decision}`;
    const answer = memory.answerTo(decision) ?? (await this.#act(command));
    await memory.remember(decision, answer);
    log.info({ event: 'agent.command_done', commandId: command.command_id, status: answer.status }, 'command answered');
    return this.#answer(command.command_id, answer);
  }

  /** Tells Silowatch that the agent runs. */
  async live(): Promise<void> {
    await this.#answer(null, { status: 200, statusText: 'alive' }).catch((error: unknown) =>
      this.#options.log.warn({ event: 'agent.heartbeat_failed', error }, 'the sign of life was not written'),
    );
  }

  async #act(command: z.infer<typeof commandSchema>): Promise<HookAnswer> {
    if (command.action === 'query') return { status: 200, statusText: Object.keys(this.#options.hooks).join(' ') };
    const own = command.args?.['x-silo'];
    if (own === undefined) return { status: 501, statusText: 'only commands of this catalogue are known' };
    if (own.silo !== this.#options.tenant) return { status: 403, statusText: 'meant for another silo' };
    const hook = Object.hasOwn(this.#options.hooks, own.kind) ? this.#options.hooks[own.kind] : undefined;
    if (hook === undefined) return { status: 501, statusText: `no hook for ${own.kind}` };
    const request: HookRequest = {
      kind: own.kind,
      target: own.target,
      durationMs: command.args?.duration ?? null,
      commandId: command.command_id,
      incident: own.incident,
    };
    try {
      return await hook(request);
    } catch (error) {
      this.#options.log.warn({ event: 'agent.hook_failed', kind: own.kind, error }, 'a hook failed');
      return { status: 500, statusText: 'the hook failed' };
    }
  }

  async #answer(commandId: string | null, { status, statusText }: HookAnswer): Promise<void> {
    const { eventLog, tenant, key, ids, clock } = this.#options;
    const claims = { jti: ids.uuid(), commandId, status, statusText: statusText.slice(0, 1_000) };
    const token = await signResult(key, tenant, claims, clock.now());
    await eventLog.append([{ topic: siloTopic(tenant, 'results'), partition: 0, key: commandId, value: token }]);
  }
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
