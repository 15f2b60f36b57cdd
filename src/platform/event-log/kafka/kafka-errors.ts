import { DomainError } from '../../errors/domain-error.js';

/** What kafkajs throws, in as far as its types are silent about it. */
interface KafkaFailure {
  readonly name?: string;
  /** The protocol's name of the error, e.g. `TOPIC_AUTHORIZATION_FAILED`. */
  readonly type?: string;
  readonly cause?: unknown;
  readonly message?: string;
}

const asFailure = (error: unknown): KafkaFailure => (typeof error === 'object' && error !== null ? error : {});

/** The protocol's name of an error, which kafkajs may have wrapped several times. */
export function protocolError(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; depth < 5 && at !== undefined; depth += 1) {
    const { type, cause } = asFailure(at);
    if (type !== undefined) return type;
    at = cause;
  }
  return undefined;
}

const NOT_ALLOWED = new Set([
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'SASL_AUTHENTICATION_FAILED',
]);
const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

/**
 * Our reading of a failure, by its code: kafkajs calls nearly everything retryable. What is not known here counts as the infrastructure's
 * fault and is worth another try.
 */
export function classify(error: unknown, doing: string): DomainError {
  if (error instanceof DomainError) return error;
  const type = protocolError(error);
  if (type !== undefined && TOO_LARGE.has(type)) {
    return new DomainError('EVENT_LOG_MESSAGE_TOO_LARGE', `Kafka refused ${doing}: the record is too large`, {
      cause: error,
    });
  }
  if ((type !== undefined && NOT_ALLOWED.has(type)) || asFailure(error).name === 'KafkaJSSASLAuthenticationError') {
    return new DomainError('EVENT_LOG_NOT_ALLOWED', `Kafka does not allow ${doing}`, { cause: error });
  }
  if (type === 'UNKNOWN_TOPIC_OR_PARTITION') {
    return new DomainError('EVENT_LOG_UNKNOWN_TOPIC', `Kafka knows no such topic: ${doing}`, { cause: error });
  }
  const why = type ?? asFailure(error).message ?? 'no answer';
  return new DomainError('EVENT_LOG_UNAVAILABLE', `Kafka did not do ${doing}: ${why}`, {
    cause: error,
    retryable: true,
  });
}
