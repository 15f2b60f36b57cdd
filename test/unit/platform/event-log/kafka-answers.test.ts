import type { OutgoingMessage } from '../../../../src/platform/event-log/event-log.js';
import { chunks, positionsOf } from '../../../../src/platform/event-log/kafka/kafka-appender.js';
import { classify } from '../../../../src/platform/event-log/kafka/kafka-errors.js';
import { weaknessesOf } from '../../../../src/platform/event-log/kafka/kafka-event-log.js';
import { decodeScramResponse, encodeScramRequest } from '../../../../src/platform/event-log/kafka/scram.js';

const message = (topic: string, partition: number, bytes = 1): OutgoingMessage => ({
  topic,
  partition,
  key: null,
  value: 'x'.repeat(bytes),
});
const answer = (
  topicName: string,
  partition: number,
  baseOffset: string,
  errorCode = 0,
): Parameters<typeof positionsOf>[1][number] => ({
  topicName,
  partition,
  baseOffset,
  errorCode,
});

describe('Kafka’s answer to an append', () => {
  it('gives each message its offset', () => {
    const sent = [message('a', 0), message('b', 1), message('a', 0)];
    expect(positionsOf(sent, [answer('b', 1, '40'), answer('a', 0, '7')]).map(({ offset }) => offset)).toEqual([
      7, 40, 8,
    ]);
  });

  it.each([
    ['lacks a partition sent to', [answer('a', 0, '7')]],
    ['has an error for one', [answer('a', 0, '7'), answer('b', 1, '-1', 5)]],
    ['is empty', []],
  ])('that %s fails the batch, to be tried again', (_, given) => {
    expect(() => positionsOf([message('a', 0), message('b', 1)], given)).toThrow(
      expect.objectContaining({ code: 'EVENT_LOG_UNAVAILABLE', retryable: true }),
    );
  });
});

describe('requests', () => {
  const sizes = (messages: OutgoingMessage[]): number[] =>
    [...chunks(messages.map((one) => ({ message: one })))].map((chunk) => chunk.length);

  it('hold no more of a partition than a topic takes at once', () => {
    expect(sizes([message('a', 0, 300_000), message('a', 0, 300_000), message('a', 1, 300_000)])).toEqual([1, 2]);
  });

  it('carry a large record alone', () => {
    expect(sizes([message('a', 0), message('b', 0, 900_000), message('c', 0)])).toEqual([1, 1, 1]);
  });
});

describe('failures of kafkajs', () => {
  it.each([
    ['MESSAGE_TOO_LARGE', 'EVENT_LOG_MESSAGE_TOO_LARGE', false],
    ['TOPIC_AUTHORIZATION_FAILED', 'EVENT_LOG_NOT_ALLOWED', false],
    ['UNKNOWN_TOPIC_OR_PARTITION', 'EVENT_LOG_UNKNOWN_TOPIC', false],
    ['NOT_LEADER_FOR_PARTITION', 'EVENT_LOG_UNAVAILABLE', true],
    ['NOT_ENOUGH_REPLICAS', 'EVENT_LOG_UNAVAILABLE', true],
  ])('with %s become %s, however often they were wrapped', (type, code, retryable) => {
    const wrapped = Object.assign(new Error('x'), { cause: Object.assign(new Error('y'), { type }) });
    expect(classify(wrapped, 'a test')).toMatchObject({ code, retryable });
  });

  it('that are unknown count as the infrastructure’s', () => {
    expect(classify(new Error('strange'), 'a test')).toMatchObject({ code: 'EVENT_LOG_UNAVAILABLE', retryable: true });
  });
});

it('tells what is too weak for the only copy of events', () => {
  const day = 86_400_000;
  expect(weaknessesOf('silowatch.signals', 3, 2, 7 * day)).toEqual([]);
  expect(weaknessesOf('silowatch.signals', 3, 2, -1)).toEqual([]);
  expect(weaknessesOf('silowatch.signals', 1, 1, day)).toHaveLength(3);
  expect(weaknessesOf('silo.harbor.access', 3, 2, day)).toEqual([]);
});

describe('AlterUserScramCredentials', () => {
  it('is encoded as the protocol says, salted and stretched', () => {
    const bytes = encodeScramRequest([
      { user: 'gone' },
      { user: 'ada', upsert: { password: 'pw', salt: Buffer.from('salt') } },
    ]);
    const hex = bytes.toString('hex');
    // TAGS, one deletion: "gone", SHA-512; one upsertion: "ada", SHA-512, 8192 rounds, salt, 64 bytes of key.
    expect(
      hex.startsWith(
        '00' + '02' + '05676f6e65' + '02' + '00' + '02' + '04616461' + '02' + '00002000' + '0573616c74' + '41',
      ),
    ).toBe(true);
    expect(hex.endsWith('0000')).toBe(true);
    expect(bytes.length).toBe(25 + 64 + 2);
  });

  it('is answered per user', () => {
    const data = Buffer.from('00' + '00000000' + '02' + '04616461' + '005b' + '036e6f' + '00' + '00', 'hex');
    expect(decodeScramResponse(data)).toEqual([{ user: 'ada', errorCode: 91, message: 'no' }]);
  });

  it('with a truncated or senseless answer fails cleanly', () => {
    for (const hex of ['', '00', '000000000002ff', '00000000000204616461', 'ffffffffffffff']) {
      expect(() => decodeScramResponse(Buffer.from(hex, 'hex'))).toThrow(
        expect.objectContaining({ code: 'EVENT_LOG_UNAVAILABLE' }),
      );
    }
  });
});
