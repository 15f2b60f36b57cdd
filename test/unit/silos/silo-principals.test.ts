import { CREDENTIAL_KINDS, grantsOf, principalOf } from '../../../src/silos/silo-principals.js';

describe('the principals of a silo', () => {
  it('share no topic, so that one stolen credential cannot forge both a result and its proof', () => {
    const [shipper, agent] = CREDENTIAL_KINDS.map((kind) => new Set(grantsOf('harbor', kind).map(({ name }) => name)));
    expect([...shipper!].filter((name) => agent!.has(name))).toEqual([]);
  });

  it.each(CREDENTIAL_KINDS)('have rights in their own silo alone: %s', (kind) => {
    expect(principalOf('harbor', kind)).toBe(`silo.harbor.${kind}`);
    for (const { name } of grantsOf('harbor', kind)) expect(name.startsWith('silo.harbor.')).toBe(true);
  });
});
