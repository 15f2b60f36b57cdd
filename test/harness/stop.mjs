import './source-hooks.mjs';

export default async function stop() {
  const { stopAll } = await import('./running.ts');
  await stopAll();
}
