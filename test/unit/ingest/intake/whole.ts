/** What a body is read as, without turns for others. */
export function whole<T, R>(work: Generator<T, R>): R {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}
