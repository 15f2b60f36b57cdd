#!/usr/bin/env node
// Starts the built command line under the Node that the lock file pins, whatever Node the machine has.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(realpathSync(fileURLToPath(import.meta.url))));
const main = join(root, 'dist', 'cli', 'main.js');
const pinned = join(root, 'node_modules', 'node', 'bin', 'node');
const NEEDED_MAJOR = 24;

if (!existsSync(main)) {
  console.error(`silowatch: not built yet: run "npm ci" in ${root}`);
  process.exitCode = 2;
} else if (Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR) {
  await import(pathToFileURL(main).href);
} else if (existsSync(pinned)) {
  const child = spawn(pinned, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends its signals to both; one sent to this process alone is passed on.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('exit', (code, signal) => {
    process.exitCode =
      code ?? (signal === null ? 1 : 128 + { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }[signal] || 1);
  });
} else {
  console.error(
    `silowatch: needs Node ${NEEDED_MAJOR} or later (this is ${process.versions.node}): run "npm ci" in ${root}`,
  );
  process.exitCode = 2;
}
