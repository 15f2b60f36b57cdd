import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AlertService } from '../correlate/alerts/alert.service.js';
import type { Entity } from '../detect/entity.js';
import { IncidentRepository } from '../incidents/incident.repository.js';
import { isSettled } from '../incidents/incident.js';
import { TimelineRepository } from '../incidents/timeline.repository.js';
import { Clock } from '../platform/clock/clock.js';
import { Config } from '../platform/config/config.js';
import { Database, type Tx } from '../platform/database/database.js';
import { system } from '../platform/database/scope.js';
import { EventLog } from '../platform/event-log/event-log.js';
import { siloTopic } from '../platform/event-log/topics.js';
import { announce } from '../platform/live/live.js';
import { mayBecome, type ActionState, type ContainmentAction } from './action.js';
import { ActionRepository, type ActionChange } from './action.repository.js';
import { describeAction, findEntry } from './catalogue.js';
import { containmentConfig } from './containment.config.js';
import { judge, readAudit, subjectOf, withRecord, type Judgement, type Proof, type SeenRecord } from './proof.js';
import { WatchRepository, type Watch } from './watch.repository.js';

const LEASE_MS = 30_000;
const BATCH = 10;
const READ_RECORDS = 500;
/** A flood in one silo must not hold up the proof of another: the rest is read at the next look. */
const MAX_READS = 20;
/** An agent that said "done" has this long for the silo's own records to say so too. */
const PATIENCE_MS = 120_000;
const OFTEN_MS = 1_000;
const SELDOM_MS = 10_000;

/** Reads the silos' own audit records until they prove, or disprove, that an action took effect; and goes on, so that proof that lapses is noticed. */
@Injectable()
export class VerificationService {
  constructor(
    private readonly clock: Clock,
    private readonly config: Config,
    private readonly database: Database,
    private readonly eventLog: EventLog,
    private readonly watches: WatchRepository,
    private readonly actions: ActionRepository,
    private readonly incidents: IncidentRepository,
    private readonly timeline: TimelineRepository,
    private readonly alerts: AlertService,
  ) {}

  /** Returns how many watches were looked at. */
  async sweep(): Promise<number> {
    const scope = system('containment');
    const due = await this.database.transaction(scope, async (tx) => {
      const now = this.clock.now();
      const watches = await this.watches.takeDue(tx, now, new Date(now.getTime() + LEASE_MS), BATCH);
      const found: { readonly watch: Watch; readonly action: ContainmentAction }[] = [];
      for (const watch of watches) {
        const action = await this.actions.find(tx, watch.actionId);
        if (action !== undefined) found.push({ watch, action });
      }
      return found;
    });
    for (const { watch, action } of due) {
      const read = await this.read(watch, action);
      await this.database.transaction(scope, (tx) => this.conclude(tx, read.watch, read.hasReadAll));
    }
    return due.length;
  }

  private async read(
    watch: Watch,
    action: ContainmentAction,
  ): Promise<{ readonly watch: Watch; readonly hasReadAll: boolean }> {
    const topic = siloTopic(watch.tenant, 'audit');
    const subject = subjectOf(action.kind, action.target);
    const positions: Record<string, number> = { ...watch.positions };
    let { proof } = watch;
    let hasReadAll = true;
    for (const { partition, start } of await this.eventLog.offsets(topic)) {
      // A partition that is new, or whose start retention has moved, is read from its beginning.
      let position = Math.max(positions[partition] ?? start, start);
      for (let reads = 0; ; reads += 1) {
        const records = await this.eventLog.read(topic, partition, position, READ_RECORDS);
        for (const { value, offset, timestampMs } of records) {
          proof = taken(proof, action.kind, subject, { topic, partition, offset, timestampMs, value });
          position = offset + 1;
        }
        if (records.length === 0) break;
        if (reads >= MAX_READS) {
          hasReadAll = false;
          break;
        }
      }
      positions[partition] = position;
    }
    return { watch: { ...watch, positions, proof }, hasReadAll };
  }

  private async conclude(tx: Tx, watch: Watch, hasReadAll: boolean): Promise<void> {
    const found = await this.actions.find(tx, watch.actionId);
    if (found === undefined) return;
    await this.alerts.lock(tx);
    const incident = await this.incidents.lock(tx, found.incidentId);
    const action = await this.actions.lock(tx, watch.actionId);
    const now = this.clock.now();
    const judgement = judge(watch.proof, {
      hasReadAll,
      isAcknowledged: action.state === 'acknowledged',
      startedAtMs: action.acknowledgedAt?.getTime() ?? watch.startedAt.getTime(),
      nowMs: now.getTime(),
      settleMs: this.config.get(containmentConfig).CONTAINMENT_PROOF_SECONDS * 1_000,
      patienceMs: PATIENCE_MS,
    });
    const isOver =
      now >= watch.until ||
      ['rejected', 'undone', 'done_by_hand'].includes(action.state) ||
      (action.state === 'verified' && isSettled(incident)) ||
      judgement.kind === 'contradicted';
    const pause = action.state === 'verified' ? SELDOM_MS : OFTEN_MS;
    const isCurrent = await this.watches.save(tx, watch, isOver ? null : new Date(now.getTime() + pause));
    if (isCurrent) await this.apply(tx, action, judgement);
  }

  private async apply(tx: Tx, action: ContainmentAction, judgement: Judgement): Promise<void> {
    const what = describeAction(action.kind, action.target);
    switch (judgement.kind) {
      case 'wait':
        return;
      case 'verified': {
        const seconds = this.config.get(containmentConfig).CONTAINMENT_PROOF_SECONDS;
        const verification = `The silo's own audit records show ${judgement.by.action}, and nothing against it in the ${seconds} s that followed`;
        const change = {
          verifiedAt: this.clock.now(),
          verification,
          evidence: [evidenceOf(judgement.by)],
          reason: null,
        };
        const isMoved = await this.move(
          tx,
          action,
          'verified',
          change,
          `Verified: ${what}. ${verification}`,
          judgement.by,
        );
        if (isMoved && action.undoes !== null) await this.undone(tx, action.undoes);
        return;
      }
      case 'contradicted':
        await this.lapsed(tx, action, judgement.by, what);
        return;
      case 'unproven': {
        const reason = "the agent reports it done, the silo's own records do not show it";
        await this.move(tx, action, 'failed', { reason }, `Not proven: ${what}: ${reason}`, null);
      }
    }
  }

  private async lapsed(tx: Tx, action: ContainmentAction, by: SeenRecord, what: string): Promise<void> {
    const reason = `${by.action} succeeded afterwards`;
    const text = `NOT effective: ${what}: ${reason}`;
    if (!(await this.move(tx, action, 'failed', { reason }, text, by))) return;
    const kind = findEntry(action.kind)?.entity ?? null;
    const entities =
      kind === null ? [] : [{ kind: kind as Entity['kind'], value: subjectOf(action.kind, action.target) }];
    await this.alerts.raise(tx, {
      tenant: action.tenant,
      ruleId: 'silowatch.containment-lapsed',
      title: 'A containment action has no effect any more',
      level: 'high',
      key: action.id,
      at: new Date(by.timeMs),
      promises: ['IR-1'],
      entities,
      respond: 'Contain again, by another way',
    });
  }

  private async undone(tx: Tx, id: string): Promise<void> {
    const original = await this.actions.lock(tx, id);
    if (mayBecome(original.state, 'undone'))
      await this.actions.change(tx, original, { state: 'undone' }, this.clock.now());
  }

  private async move(
    tx: Tx,
    action: ContainmentAction,
    to: ActionState,
    change: ActionChange,
    text: string,
    by: SeenRecord | null,
  ): Promise<boolean> {
    if (action.state === to || !mayBecome(action.state, to)) return false;
    const now = this.clock.now();
    await this.actions.change(tx, action, { ...change, state: to }, now);
    await this.timeline.append(tx, {
      incidentId: action.incidentId,
      tenant: action.tenant,
      at: by === null ? now : new Date(by.timeMs),
      kind: 'action',
      actor: { kind: 'job', id: 'containment', name: 'Containment' },
      text,
      evidence: by === null ? [] : [evidenceOf(by)],
    });
    await announce(tx, { topic: 'action', id: action.id, tenants: [action.tenant] });
    return true;
  }
}

const evidenceOf = ({ topic, partition, offset, sha256 }: SeenRecord): Omit<SeenRecord, 'timeMs' | 'action'> => ({
  topic,
  partition,
  offset,
  sha256,
});

interface RawRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly value: Buffer | null;
}

function taken(proof: Proof, kind: string, subject: string, record: RawRecord): Proof {
  if (record.value === null) return proof;
  const facts = readAudit(record.value.toString('utf8'), record.timestampMs);
  if (facts === null) return proof;
  return withRecord(proof, kind, subject, facts, {
    topic: record.topic,
    partition: record.partition,
    offset: String(record.offset),
    sha256: createHash('sha256').update(record.value).digest('hex'),
  });
}
