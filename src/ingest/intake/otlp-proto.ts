import protobuf from 'protobufjs/light.js';

/**
 * What is read of OTLP's logs (opentelemetry-proto 1.x, `collector/logs/v1`, `logs/v1`, `common/v1`); fields that are not named here are passed over, as the
 * protocol asks.
 */
const root = protobuf.Root.fromJSON({
  nested: {
    AnyValue: {
      oneofs: {
        value: {
          oneof: ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'arrayValue', 'kvlistValue', 'bytesValue'],
        },
      },
      fields: {
        stringValue: { type: 'string', id: 1 },
        boolValue: { type: 'bool', id: 2 },
        intValue: { type: 'int64', id: 3 },
        doubleValue: { type: 'double', id: 4 },
        arrayValue: { type: 'ArrayValue', id: 5 },
        kvlistValue: { type: 'KeyValueList', id: 6 },
        bytesValue: { type: 'bytes', id: 7 },
      },
    },
    ArrayValue: { fields: { values: { rule: 'repeated', type: 'AnyValue', id: 1 } } },
    KeyValueList: { fields: { values: { rule: 'repeated', type: 'KeyValue', id: 1 } } },
    KeyValue: { fields: { key: { type: 'string', id: 1 }, value: { type: 'AnyValue', id: 2 } } },
    Resource: { fields: { attributes: { rule: 'repeated', type: 'KeyValue', id: 1 } } },
    Scope: { fields: { attributes: { rule: 'repeated', type: 'KeyValue', id: 3 } } },
    LogRecord: {
      fields: {
        timeUnixNano: { type: 'fixed64', id: 1 },
        severityNumber: { type: 'int32', id: 2 },
        severityText: { type: 'string', id: 3 },
        body: { type: 'AnyValue', id: 5 },
        attributes: { rule: 'repeated', type: 'KeyValue', id: 6 },
        traceId: { type: 'bytes', id: 9 },
        spanId: { type: 'bytes', id: 10 },
        observedTimeUnixNano: { type: 'fixed64', id: 11 },
      },
    },
    ScopeLogs: {
      fields: {
        scope: { type: 'Scope', id: 1 },
        logRecords: { rule: 'repeated', type: 'LogRecord', id: 2 },
      },
    },
    ResourceLogs: {
      fields: {
        resource: { type: 'Resource', id: 1 },
        scopeLogs: { rule: 'repeated', type: 'ScopeLogs', id: 2 },
      },
    },
    ExportLogsServiceRequest: { fields: { resourceLogs: { rule: 'repeated', type: 'ResourceLogs', id: 1 } } },
    ExportLogsPartialSuccess: {
      fields: { rejectedLogRecords: { type: 'int64', id: 1 }, errorMessage: { type: 'string', id: 2 } },
    },
    ExportLogsServiceResponse: { fields: { partialSuccess: { type: 'ExportLogsPartialSuccess', id: 1 } } },
    Status: { fields: { code: { type: 'int32', id: 1 }, message: { type: 'string', id: 2 } } },
  },
}).resolveAll();

/** What its JSON calls them, and what others of its versions have besides. */
const JSON_NAMES = [
  ...new Set(
    root.nestedArray.flatMap((type) => (type instanceof protobuf.Type ? type.fieldsArray.map(({ name }) => name) : [])),
  ),
  'name',
  'version',
  'schemaUrl',
  'droppedAttributesCount',
  'flags',
  'eventName',
];

/** JSON may have a field by its name in the protocol's own text, too (ProtoJSON, "Field names"). */
const BY_ORIGINAL_NAME: ReadonlyMap<string, string> = new Map(
  JSON_NAMES.map((name) => [name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), name] as const).filter(
    ([original, name]) => original !== name,
  ),
);

/** Both kinds of names. */
export const OTLP_NAMES: readonly string[] = [...JSON_NAMES, ...BY_ORIGINAL_NAME.keys()];

/** A message of OTLP's JSON with its fields by JSON's names. */
export function byJsonNames(message: Readonly<Record<string, unknown>>): Record<string, unknown> {
  let named = message;
  for (const original of Object.keys(message)) {
    const name = original.includes('_') ? BY_ORIGINAL_NAME.get(original) : undefined;
    if (name !== undefined) named = { ...named, [name]: message[name] ?? message[original] };
  }
  return named;
}

const requestType = root.lookupType('ExportLogsServiceRequest');

/** More messages than this, of all kinds, and a body is a bomb: an empty one is two bytes on the wire and a hundred in memory. */
const MAX_MESSAGES = 1_000_000;
const MAX_DEPTH = 100;

/** A request as OTLP's JSON has it, but for bytes, which are base64; undefined when it cannot be read. */
export function decodeLogs(body: Buffer): unknown {
  try {
    const reader = protobuf.Reader.create(body);
    countMessages(reader, body.length, requestType, { left: MAX_MESSAGES }, 0);
    return requestType.toObject(requestType.decode(body), { longs: String, bytes: String });
  } catch {
    return undefined;
  }
}

/** Walks the messages without making any; throws when there are more than are left, or they lie too deep. */
function countMessages(
  reader: protobuf.Reader,
  end: number,
  type: protobuf.Type,
  bound: { left: number },
  depth: number,
): void {
  if (depth > MAX_DEPTH || bound.left <= 0 || end > reader.len) throw new RangeError('too much');
  bound.left -= 1;
  while (reader.pos < end) {
    const tag = reader.uint32();
    const inner = type.fieldsById[tag >>> 3]?.resolvedType;
    if (inner instanceof protobuf.Type && (tag & 7) === 2) {
      const length = reader.uint32();
      countMessages(reader, reader.pos + length, inner, bound, depth + 1);
    } else {
      reader.skipType(tag & 7);
    }
  }
}

const encode = (name: string, value: object): Buffer => {
  const type = root.lookupType(name);
  return Buffer.from(type.encode(type.fromObject(value)).finish());
};

/** An answer; `partialSuccess` only when something was rejected. */
export const encodeLogsAnswer = (answer: object): Buffer => encode('ExportLogsServiceResponse', answer);

/** `google.rpc.Status`, as errors are answered. */
export const encodeStatus = (status: { readonly code: number; readonly message: string }): Buffer =>
  encode('Status', status);
