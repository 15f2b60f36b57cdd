import { parseSiloTopic, platformTopics, siloTopics } from '../../../../src/platform/event-log/topics.js';

describe('whose topic it is', () => {
  it.each([
    ['silo.harbor.access', { tenant: 'harbor', channel: 'access' }],
    ['silo.harbor-2.results', { tenant: 'harbor-2', channel: 'results' }],
    ['silowatch.signals', undefined],
    ['silo.harbor', undefined],
    ['silo.harbor.access.more', undefined],
    ['silo.Harbor.access', undefined],
    ['silo..access', undefined],
    ['silo.harbor.secrets', undefined],
  ])('%s', (topic, expected) => {
    expect(parseSiloTopic(topic)).toEqual(expected);
  });
});

it('gives dead letters room for a whole record and its reason', () => {
  const [, deadLetters] = platformTopics(24);
  const [access] = siloTopics('harbor', 1);
  expect(deadLetters!.maxMessageBytes! - access!.maxMessageBytes!).toBe(64 * 1024);
});
