import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { agentConfigSchema } from '../../../src/containment/agent/agent-config.schema.js';
import { findEntry } from '../../../src/containment/catalogue.js';

it('examples/agent/agent.yaml is a file that the agent starts with, and its hooks are of the catalogue', () => {
  const file = path.resolve(import.meta.dirname, '../../../examples/agent/agent.yaml');
  const config = agentConfigSchema.parse(parse(readFileSync(file, 'utf8')));
  expect(Object.keys(config.hooks).filter((kind) => findEntry(kind) === undefined)).toEqual([]);
});
