import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Injectable } from '@nestjs/common';
import { parse } from 'yaml';
import { type z } from 'zod';
import { DomainError } from '../../platform/errors/domain-error.js';
import { holidaysSchema, regulationSchema, type Holidays, type Regulation } from './regulation.schema.js';

/** The folder `regulations/` at the project's top, from `src/` and `dist/` alike. */
const FOLDER = fileURLToPath(new URL('../../../regulations/', import.meta.url));

function readAll<S extends z.ZodType>(folder: string, schema: S): z.output<S>[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => {
      const result = schema.safeParse(parse(readFileSync(path.join(folder, file), 'utf8')));
      if (result.success) return result.data;
      const faults = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
      throw new DomainError('REGULATION_INVALID', `regulations/${file}: ${faults}`);
    });
}

/** The duties and calendars that ship with the service, read once. */
@Injectable()
export class RegulationLibrary {
  readonly regulations: readonly Regulation[];
  readonly calendars: ReadonlyMap<string, Holidays>;

  constructor() {
    ({ regulations: this.regulations, calendars: this.calendars } = loadRegulations());
  }
}

/** Reads the duties and calendars that ship with the service; a faulty file stops the start, because a clock missing in silence is worse. */
export function loadRegulations(folder = FOLDER): Pick<RegulationLibrary, 'regulations' | 'calendars'> {
  const regulations = readAll(folder, regulationSchema);
  const calendars = new Map(readAll(path.join(folder, 'calendars'), holidaysSchema).map((one) => [one.id, one]));
  for (const { id, versions } of regulations)
    for (const { length } of versions)
      if ('working_days' in length && !calendars.has(length.calendar))
        throw new DomainError('REGULATION_INVALID', `regulations/${id}.yaml: no calendar named ${length.calendar}`);
  return { regulations, calendars };
}
