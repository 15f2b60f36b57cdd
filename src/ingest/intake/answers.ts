import type { Problem } from '../../platform/http/problem.js';
import { encodeLogsAnswer, encodeStatus } from './otlp-proto.js';
import { faultsByPlace, type IntakeOutcome } from './outcome.js';

/** A body and its type, as a form's clients expect them. */
export interface IntakeAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
}

const json = (status: number, value: unknown): IntakeAnswer => ({
  status,
  type: 'application/json',
  body: JSON.stringify(value),
});

const rejectedOf = ({ faults }: IntakeOutcome): number => faults.filter((fault) => fault !== undefined).length;

export interface LinesAnswer {
  readonly accepted: number;
  readonly rejected: number;
  /** The first hundred. */
  readonly errors: readonly { readonly line: number; readonly reason: string }[];
}

export function linesAnswer(outcome: IntakeOutcome): IntakeAnswer {
  const rejected = rejectedOf(outcome);
  const answer: LinesAnswer = {
    accepted: outcome.units.length - rejected,
    rejected,
    errors: faultsByPlace(outcome),
  };
  return json(200, answer);
}

/** In the encoding of the request, as OTLP/HTTP asks. */
export function otlpAnswer(outcome: IntakeOutcome, isJson: boolean): IntakeAnswer {
  const rejected = rejectedOf(outcome);
  const first = faultsByPlace(outcome, 5).map(({ line, reason }) => `record ${line}: ${reason}`);
  const answer =
    rejected === 0 ? {} : { partialSuccess: { rejectedLogRecords: String(rejected), errorMessage: first.join('; ') } };
  if (isJson) return json(200, answer);
  return { status: 200, type: 'application/x-protobuf', body: encodeLogsAnswer(answer) };
}

/** The codes of gRPC that OTLP errors carry, by status. */
const GRPC_CODES: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  404: 5,
  408: 4,
  413: 3,
  415: 3,
  429: 8,
  503: 14,
};

export function otlpRefusal({ status, detail }: Problem, isJson: boolean): IntakeAnswer {
  const answer = { code: GRPC_CODES[status] ?? 2, message: detail };
  return isJson ? json(status, answer) : { status, type: 'application/x-protobuf', body: encodeStatus(answer) };
}

/** Item by item; `tookMs`: how long it took. */
export function bulkAnswer(outcome: IntakeOutcome, tookMs: number): IntakeAnswer {
  const items = outcome.units.map(({ bulk, place }, index) => {
    const fault = outcome.faults[index];
    const { action = 'index', index: name = '', id = '' } = bulk ?? {};
    const head = { _index: name, _id: id === '' ? String(place) : id };
    if (fault === undefined) return { [action]: { ...head, _version: 1, result: 'created', status: 201 } };
    const error = { type: 'document_parsing_exception', reason: fault };
    return { [action]: { ...head, status: fault === 'too_large' ? 413 : 400, error } };
  });
  return json(200, { took: tookMs, errors: rejectedOf(outcome) > 0, items });
}

export function bulkRefusal({ status, code, detail }: Problem): IntakeAnswer {
  const error = { type: code.toLowerCase(), reason: detail };
  return json(status, { error: { root_cause: [error], ...error }, status });
}

export function hecAnswer(outcome: IntakeOutcome): IntakeAnswer {
  const rejected = rejectedOf(outcome);
  return json(200, {
    text: 'Success',
    code: 0,
    ...(rejected === 0 ? {} : { rejected, errors: faultsByPlace(outcome) }),
  });
}

/** Splunk's texts and codes (HTTP event collector, "Possible error codes"), by our own. */
const HEC_CODES: Readonly<Record<string, readonly [string, number]>> = {
  INTAKE_TOKEN_REFUSED: ['Invalid authorization', 3],
  INTAKE_BODY_EMPTY: ['No data', 5],
  INTAKE_BODY_INVALID: ['Invalid data format', 6],
  INTAKE_THROTTLED: ['Server is busy', 9],
  INTAKE_DIRECTORY_UNAVAILABLE: ['Server is busy', 9],
  INTAKE_LOG_UNAVAILABLE: ['Server is busy', 9],
};

export function hecRefusal(problem: Problem): IntakeAnswer {
  const [text, code] = HEC_CODES[problem.code] ?? [problem.detail, 6];
  const { line, reason } = problem as { line?: unknown; reason?: unknown };
  const place = typeof line === 'number' ? { 'invalid-event-number': line - 1, reason } : {};
  return json(problem.status, { text, code, ...place });
}

export const HEC_HEALTH: IntakeAnswer = json(200, { text: 'HEC is healthy', code: 17 });

/** What shippers for Elasticsearch ask before their first `_bulk`: a version that they go on with. */
export const ELASTICSEARCH_INFO: IntakeAnswer = json(200, {
  name: 'silowatch',
  cluster_name: 'silowatch',
  cluster_uuid: 'silowatch-intake',
  version: {
    number: '8.19.0',
    build_flavor: 'default',
    build_type: 'docker',
    build_snapshot: false,
    lucene_version: '9.12.1',
    minimum_wire_compatibility_version: '7.17.0',
    minimum_index_compatibility_version: '7.0.0',
  },
  tagline: 'Silowatch intake: takes _bulk, keeps no index',
});

export const ELASTICSEARCH_LICENSE: IntakeAnswer = json(200, {
  license: { uid: 'silowatch-intake', type: 'basic', mode: 'basic', status: 'active' },
});

export const ELASTICSEARCH_HEALTH: IntakeAnswer = json(200, {
  cluster_name: 'silowatch',
  status: 'green',
  timed_out: false,
});
