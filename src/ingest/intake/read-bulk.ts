import { isObject } from '../formats/read-json.js';
import { MAX_UNITS, type ReadBody, type Unit } from './unit.js';

/** Longest line of an action. */
const MAX_ACTION_BYTES = 4096;

interface Action {
  readonly action: string;
  readonly index: string;
  readonly id: string;
}

/** Elasticsearch's `_bulk`: lines that say what to do, each but `delete` with a document on the line after it. */
export function readBulk(body: Buffer): ReadBody {
  const lines = cut(body);
  const units: Unit[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const action = readAction(lines[at]);
    if (action === undefined) return { ok: false, fault: 'malformed', line: at + 1 };
    if (units.length === MAX_UNITS) return { ok: false, fault: 'too_many' };
    const place = units.length + 1;
    if (action.action === 'delete') {
      units.push({ place, bytes: Buffer.alloc(0), fault: 'unsupported_action', bulk: action });
      continue;
    }
    at += 1;
    const bytes = lines[at];
    if (bytes === undefined) return { ok: false, fault: 'malformed', line: at + 1 };
    const isKnown = action.action === 'index' || action.action === 'create';
    units.push({ place, bytes, bulk: action, ...(isKnown ? {} : { fault: 'unsupported_action' as const }) });
  }
  return units.length === 0 ? { ok: false, fault: 'empty' } : { ok: true, units };
}

/** Lines without their ends; an empty line may stand between items. */
function cut(body: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let at = 0;
  // A body of empty lines alone makes no list of them.
  while (at < body.length && lines.length <= 2 * MAX_UNITS + 1) {
    if (body[at] === 10 || (body[at] === 13 && body[at + 1] === 10)) {
      at += body[at] === 10 ? 1 : 2;
      continue;
    }
    const newline = body.indexOf(10, at);
    const end = newline < 0 ? body.length : newline;
    const line = body.subarray(at, body[end - 1] === 13 ? end - 1 : end);
    if (line.length > 0) lines.push(line);
    at = end + 1;
  }
  return lines;
}

function readAction(line: Buffer | undefined): Action | undefined {
  if (line === undefined || line.length > MAX_ACTION_BYTES) return undefined;
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    if (!isObject(value)) return undefined;
    const [[action, target] = ['', undefined]] = Object.entries(value);
    if (!/^(?:index|create|update|delete)$/.test(action) || !isObject(target)) return undefined;
    const text = (name: string): string => (typeof target[name] === 'string' ? target[name] : '');
    return { action, index: text('_index'), id: text('_id') };
  } catch {
    return undefined;
  }
}
