import type { z } from 'zod';
import type { ConfigSlice } from './config.js';

/** A group of environment variables under one heading. */
export interface TitledSlice {
  readonly title: string;
  readonly slice: ConfigSlice;
}

interface Variable {
  readonly name: string;
  readonly description: string;
  readonly example: string;
  readonly fallback: string | undefined;
}

function variables(slice: ConfigSlice): Variable[] {
  return Object.entries(slice.shape).map(([name, field]) => {
    const type = field as z.ZodType;
    const meta = type.meta() ?? {};
    const fallback = type.safeParse(undefined);
    return {
      name,
      description: meta.description ?? '',
      example: typeof meta['example'] === 'string' ? meta['example'] : '',
      fallback: fallback.success ? written(fallback.data) : undefined,
    };
  });
}

/** A default as one would write it into the environment; undefined for none. */
function written(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.join(',');
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** `docs/configuration.md`, from the schema that the start checks. */
export function configurationPage(slices: readonly TitledSlice[]): string {
  const sections = slices.map(({ title, slice }) => {
    const rows = variables(slice).map(
      ({ name, description, example, fallback }) =>
        `| \`${name}\` | ${cell(description)} | ${fallback === undefined ? '' : `\`${cell(fallback)}\``} | \`${cell(example)}\` |`,
    );
    return [
      `## ${title}`,
      '',
      '| variable | what it means | default | example |',
      '| --- | --- | --- | --- |',
      ...rows,
    ].join('\n');
  });
  return `# Configuration

Environment variables; \`silowatch serve\` checks all of them before it opens anything and names each wrong one. An empty variable counts
as not set. Each may also be given as a file: \`NAME_FILE=/run/secrets/name\`. Made from the schema by \`silowatch config --write\`.

${sections.join('\n\n')}
`;
}

/** `.env.example`: every variable, commented out, with its default or else its example. */
export function envExample(slices: readonly TitledSlice[]): string {
  const sections = slices.map(({ title, slice }) => {
    const lines = variables(slice).map(
      ({ name, description, example, fallback }) => `# ${description}\n# ${name}=${fallback ?? example}\n`,
    );
    return [`## ${title}`, '', ...lines].join('\n');
  });
  return `# Copy to .env, take away the "# " before what you set, and start with: node --env-file=.env dist/main.js
# Made from the configuration schema by \`silowatch config --write\`.

${sections.join('\n')}`;
}
