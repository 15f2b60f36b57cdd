/** What the global teardown must stop. */
const stops: (() => Promise<void>)[] = [];

export function onStop(stop: () => Promise<void>): void {
  stops.push(stop);
}

export async function stopAll(): Promise<void> {
  for (const stop of stops.splice(0).reverse()) await stop();
}
