import fc from 'fast-check';

/** Samples with bytes changed, cut out, put in and doubled: near enough to the real thing to get past the first look. */
export function mutated(samples: readonly Buffer[]): fc.Arbitrary<Buffer> {
  const change = fc.record({
    at: fc.nat(),
    cut: fc.nat({ max: 8 }),
    put: fc.oneof(
      fc.uint8Array({ maxLength: 4 }),
      fc
        .constantFrom('"', '\\', '{', '}', '[', ']', ' ', '\n', '=', ',', "'", '\0', '\u001d', '999999999999', 'é')
        .map((text) => Uint8Array.from(Buffer.from(text))),
    ),
  });
  return fc
    .tuple(fc.constantFrom(...samples), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([sample, changes]) =>
      changes.reduce((bytes, { at, cut, put }) => {
        const place = bytes.length === 0 ? 0 : at % bytes.length;
        return Buffer.concat([bytes.subarray(0, place), put, bytes.subarray(place + cut)]);
      }, sample),
    );
}
