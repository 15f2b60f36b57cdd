import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { Secret } from './secret.js';

/** One room's environment variables: a zod object whose fields carry `.meta({ description, example })`. */
export type ConfigSlice = z.ZodObject;

export interface ConfigFault {
  readonly variable: string;
  readonly problem: string;
  readonly example: string | undefined;
}

/** A secret variable; `NAME_FILE` may name a file that holds it instead. */
export const secret = (): z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>> =>
  z
    .string()
    .min(1)
    .transform((value) => new Secret(value));

/** `true`/`false`, `1`/`0`, `yes`/`no`. */
export const flag = z.stringbool({ truthy: ['true', '1', 'yes', 'on'], falsy: ['false', '0', 'no', 'off'] });

/** The validated environment. Rooms ask for their own slice and see nothing else. */
export class Config {
  readonly #values: ReadonlyMap<ConfigSlice, unknown>;
  constructor(values: ReadonlyMap<ConfigSlice, unknown>) {
    this.#values = values;
  }
  get<S extends ConfigSlice>(slice: S): z.infer<S> {
    const value = this.#values.get(slice);
    if (value === undefined) throw new Error('This configuration slice is not listed in app/config-slices.ts');
    return value as z.infer<S>;
  }
}

export type LoadedConfig =
  { readonly ok: true; readonly config: Config } | { readonly ok: false; readonly faults: readonly ConfigFault[] };

/** Reads `NAME_FILE` variables of the known names into `NAME`; an unreadable file is a fault of that name. */
function withFiles(
  env: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
  faults: ConfigFault[],
): Record<string, string | undefined> {
  const merged: Record<string, string | undefined> = {};
  for (const name of names) {
    const file = env[`${name}_FILE`];
    const value = env[name];
    if (file !== undefined && value === undefined) {
      try {
        merged[name] = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
      } catch {
        faults.push({ variable: `${name}_FILE`, problem: 'the file cannot be read', example: '/run/secrets/name' });
      }
    } else {
      // An empty variable counts as not set: compose files and shells produce them easily.
      merged[name] = value === '' ? undefined : value;
    }
  }
  return merged;
}

/** Checks every slice and lists all faults at once, by name and never by value. */
export function loadConfig(
  slices: readonly ConfigSlice[],
  env: Readonly<Record<string, string | undefined>>,
): LoadedConfig {
  const faults: ConfigFault[] = [];
  const values = new Map<ConfigSlice, unknown>();
  for (const slice of slices) {
    const names = Object.keys(slice.shape);
    const result = slice.safeParse(withFiles(env, names, faults));
    if (result.success) {
      values.set(slice, result.data);
      continue;
    }
    for (const issue of result.error.issues) {
      const variable = String(issue.path[0] ?? names[0]);
      const field = slice.shape[variable] as z.ZodType | undefined;
      faults.push({ variable, problem: issue.message, example: field?.meta()?.['example'] as string | undefined });
    }
  }
  return faults.length === 0 ? { ok: true, config: new Config(values) } : { ok: false, faults };
}

/** One line a fault, for the operator's terminal. */
export function describeFault(fault: ConfigFault): string {
  const example = fault.example === undefined ? '' : ` Example: ${fault.variable}=${fault.example}`;
  return `${fault.variable}: ${fault.problem}.${example}`;
}
