import { spawn } from 'node:child_process';
import type { HookConfig } from './agent-config.schema.js';
import type { Hook, HookAnswer, HookRequest } from './hook.js';

/** What a hook says about itself is cut: it travels to people's screens. */
const MAX_SAID_CHARACTERS = 500;

/** The hook that the configuration file describes. */
export function configuredHook(config: HookConfig): Hook {
  return 'command' in config
    ? (request) => runCommand(config.command, config.timeoutSeconds, request)
    : (request) => callUrl(config, request);
}

/** Exit status 0 is done. The request is data on standard input, never part of a command line. */
function runCommand(command: readonly string[], timeoutSeconds: number, request: HookRequest): Promise<HookAnswer> {
  const [program = '', ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: timeoutSeconds * 1000,
      killSignal: 'SIGKILL',
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      if (said.length < MAX_SAID_CHARACTERS) said += chunk;
    });
    child.on('error', () => resolve({ status: 500, statusText: 'the hook’s program cannot be started' }));
    child.on('close', (code) => {
      const text = said.slice(0, MAX_SAID_CHARACTERS).trim();
      if (code === 0) resolve({ status: 200, statusText: text === '' ? 'done' : text });
      else
        resolve({ status: 500, statusText: code === null ? 'the hook took too long' : `the hook ended with ${code}` });
    });
    // A program that does not read its input is no fault.
    child.stdin.on('error', () => undefined);
    child.stdin.end(JSON.stringify(request));
  });
}

async function callUrl(config: Extract<HookConfig, { url: string }>, request: HookRequest): Promise<HookAnswer> {
  const answer = await fetch(config.url, {
    method: 'POST',
    headers: { ...config.headers, 'content-type': 'application/json' },
    body: JSON.stringify(request),
    redirect: 'error',
    signal: AbortSignal.timeout(config.timeoutSeconds * 1000),
  });
  await answer.body?.cancel();
  return answer.ok
    ? { status: 200, statusText: `answered ${answer.status}` }
    : { status: 500, statusText: `the hook’s address answered ${answer.status}` };
}
