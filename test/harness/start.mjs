import './source-hooks.mjs';

export default async function start() {
  const { startServers } = await import('./start-servers.ts');
  await startServers();
}
