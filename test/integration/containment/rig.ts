import { generateKeyPairSync, createPublicKey, type KeyObject } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ActionRepository } from '../../../src/containment/action.repository.js';
import type { ContainmentAction } from '../../../src/containment/action.js';
import { AgentKeyRepository } from '../../../src/containment/agent-key.repository.js';
import { keyId, type SigningKey } from '../../../src/containment/agent-token.js';
import { runAgent, type RunningAgent } from '../../../src/containment/agent/agent.js';
import { VolatileMemory, type AgentMemory } from '../../../src/containment/agent/agent-memory.js';
import type { Hooks } from '../../../src/containment/agent/hook.js';
import { ApprovalService } from '../../../src/containment/approval.service.js';
import { ContainmentStateService } from '../../../src/containment/containment-state.service.js';
import { containmentConfig } from '../../../src/containment/containment.config.js';
import { DispatchService } from '../../../src/containment/dispatch.service.js';
import { EnrolmentService } from '../../../src/containment/enrolment.service.js';
import { KeyFileSigner } from '../../../src/containment/key-file-signer.provider.js';
import { ProposalService } from '../../../src/containment/proposal.service.js';
import { ResultsService } from '../../../src/containment/results.service.js';
import { VerificationService } from '../../../src/containment/verification.service.js';
import { WatchRepository } from '../../../src/containment/watch.repository.js';
import { AlertService } from '../../../src/correlate/alerts/alert.service.js';
import { loadConfig } from '../../../src/platform/config/config.js';
import { KeyStore } from '../../../src/platform/crypto/key-store.js';
import { system } from '../../../src/platform/database/scope.js';
import { EmbeddedEventLog } from '../../../src/platform/event-log/embedded/embedded-event-log.js';
import { siloTopic, siloTopics } from '../../../src/platform/event-log/topics.js';
import { JobRunner } from '../../../src/platform/jobs/job-runner.js';
import { PinoLog } from '../../../src/platform/logging/logging.js';
import { incidentRig, type Rig } from '../incidents/rig.js';

export interface ContainmentRig extends Rig {
  readonly eventLog: EmbeddedEventLog;
  readonly proposals: ProposalService;
  readonly approvals: ApprovalService;
  readonly dispatch: DispatchService;
  readonly results: ResultsService;
  readonly verification: VerificationService;
  readonly enrolment: EnrolmentService;
  readonly signer: KeyFileSigner;
  /** Runs an enrolled agent in the silo. */
  agent(tenant: string, hooks: Hooks, memory?: AgentMemory): Promise<RunningAgent>;
  /** Puts an audit record of the silo onto its topic. */
  audit(tenant: string, record: Record<string, unknown>): Promise<void>;
  /** Tokens on the topic, oldest first. */
  tokens(topic: string): Promise<readonly string[]>;
  /** Hands what is on the silo's results to the service, as its consumer does. */
  takeResults(tenant: string): Promise<void>;
  ofIncident(incidentId: string): Promise<readonly ContainmentAction[]>;
  action(id: string): Promise<ContainmentAction>;
  end(): Promise<void>;
}

export async function agentKey(): Promise<SigningKey & { readonly publicKey: KeyObject }> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { kid: await keyId(publicKey.export({ format: 'jwk' })), privateKey, publicKey };
}

/** Waits for what another reader does; fails with the last state when it does not come. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200; i += 1) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited in vain: ${what}`);
}

/** Incidents and containment over the embedded log, with agents that really run. */
export async function containmentRig(): Promise<ContainmentRig> {
  const rows = new ActionRepository();
  const rig = await incidentRig(new ContainmentStateService(rows));
  const { clock, db, ids } = rig;
  const log = new PinoLog('silent');
  const folder = await mkdtemp(path.join(tmpdir(), 'silowatch-keys-'));
  const loaded = loadConfig([containmentConfig], { CONTAINMENT_NEVER_BLOCK: '198.51.100.0/24' });
  if (!loaded.ok) throw new Error('configuration');
  const eventLog = new EmbeddedEventLog({ url: db.serviceUrl }, clock, log);
  await eventLog.ensureTopics([...siloTopics('acme', 1), ...siloTopics('globex', 1)]);
  const jobRunner = new JobRunner({ workerUrl: db.workerUrl, concurrency: 1 }, clock, log);
  const agents = new AgentKeyRepository();
  const watches = new WatchRepository();
  const signer = new KeyFileSigner(clock, new KeyStore(folder));
  const alertService = new AlertService(clock, ids, rig.alerts, rig.opener);
  const proposals = new ProposalService(
    clock,
    loaded.config,
    db.database,
    ids,
    jobRunner,
    rig.alerts,
    rig.incidents,
    rig.timeline,
    rig.desk,
    rows,
    agents,
  );
  const results = new ResultsService(clock, db.database, log, agents, rows, rig.incidents, rig.timeline, alertService);
  const enrolment = new EnrolmentService(clock, db.database, rig.directory, agents, signer, rig.trail);
  const running: RunningAgent[] = [];
  const taken = new Map<string, number>();
  const tokens = async (topic: string): Promise<readonly string[]> =>
    (await eventLog.read(topic, 0, 0, 1_000)).map(({ value }) => value?.toString('utf8') ?? '');
  return {
    ...rig,
    eventLog,
    signer,
    proposals,
    results,
    enrolment,
    approvals: new ApprovalService(ids, db.database, rig.desk, rows, agents, proposals, rig.staff),
    dispatch: new DispatchService(
      clock,
      db.database,
      eventLog,
      ids,
      jobRunner,
      signer,
      rows,
      watches,
      rig.incidents,
      rig.timeline,
      alertService,
    ),
    verification: new VerificationService(
      clock,
      loaded.config,
      db.database,
      eventLog,
      watches,
      rows,
      rig.incidents,
      rig.timeline,
      alertService,
    ),
    agent: async (tenant, hooks, memory = new VolatileMemory()) => {
      const key = await agentKey();
      const { commandKey } = await enrolment.enrol(tenant, key.publicKey.export({ format: 'jwk' }), 'test');
      const pinned = new Map([[(await signer.publicKey()).kid, createPublicKey({ key: commandKey, format: 'jwk' })]]);
      const agent = await runAgent({ eventLog, clock, ids, log, tenant, key, pinned, hooks, memory, heartbeatMs: 0 });
      running.push(agent);
      return agent;
    },
    audit: async (tenant, record) => {
      const value = JSON.stringify({ v: 1, time: clock.now().toISOString(), outcome: 'success', ...record });
      await eventLog.append([{ topic: siloTopic(tenant, 'audit'), partition: 0, key: null, value }]);
    },
    tokens,
    takeResults: async (tenant) => {
      const all = await tokens(siloTopic(tenant, 'results'));
      for (const token of all.slice(taken.get(tenant) ?? 0)) await results.take(tenant, Buffer.from(token));
      taken.set(tenant, all.length);
    },
    ofIncident: (incidentId) => db.database.transaction(system('containment'), (tx) => rows.ofIncident(tx, incidentId)),
    action: async (id) => {
      const found = await db.database.transaction(system('containment'), (tx) => rows.find(tx, id));
      if (found === undefined) throw new Error('no such action');
      return found;
    },
    end: async () => {
      for (const agent of running) await agent.close();
      await eventLog.close();
      await rig.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
