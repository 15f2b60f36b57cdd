import { isObject, type JsonObject } from './read-json.js';

const ACTION = /^[a-z][a-z0-9_]{0,63}(?:\.[a-z][a-z0-9_]{0,63}){1,3}$/;
const OUTCOMES: ReadonlySet<unknown> = new Set(['success', 'failure', 'denied']);
const ACTORS: ReadonlySet<unknown> = new Set(['user', 'employee', 'service', 'anonymous']);

const TEXTS = ['ip', 'user_agent', 'request_id', 'reason', 'prev', 'time'] as const;
const ACTOR_TEXTS = ['id', 'email', 'session'] as const;
const TARGET_TEXTS = ['type', 'id'] as const;

export function isAudit(record: JsonObject): boolean {
  return record['v'] === 1 && 'action' in record && ('actor' in record || 'outcome' in record);
}

/** Whether a record keeps version 1 of the audit contract; members the contract does not know are allowed. */
export function keepsAuditContract(record: JsonObject): boolean {
  const { v, id, action, outcome, actor, target, detail } = record;
  if (v !== 1 || typeof id !== 'string' || id === '' || id.length > 200) return false;
  if (typeof action !== 'string' || !ACTION.test(action) || !OUTCOMES.has(outcome)) return false;
  if (!isObject(actor) || !ACTORS.has(actor['type']) || !hasTexts(actor, ACTOR_TEXTS)) return false;
  const { roles, mfa } = actor;
  if (roles !== undefined && !(Array.isArray(roles) && roles.every((role) => typeof role === 'string'))) return false;
  if (mfa !== undefined && typeof mfa !== 'boolean') return false;
  if (target !== undefined && !(isObject(target) && hasTexts(target, TARGET_TEXTS))) return false;
  if (detail !== undefined && !isObject(detail)) return false;
  return hasTexts(record, TEXTS);
}

function hasTexts(object: JsonObject, names: readonly string[]): boolean {
  for (const name of names) {
    const value = object[name];
    if (value !== undefined && typeof value !== 'string') return false;
  }
  return true;
}
