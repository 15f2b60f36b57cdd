import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { generateSecret } from 'otplib';
import { AccessSeed } from '../access/access-seed.service.js';
import type { Role } from '../access/permissions.js';
import type { Service } from '../app/serve.js';
import { system } from '../platform/database/scope.js';
import { siloTopics } from '../platform/event-log/topics.js';
import { SiloRepository } from '../silos/silo.repository.js';
import { SAMPLE_SILOS } from './simulator/world.js';
import { OnCallSettingsService, type SettingsAuthor } from '../paging/on-call-settings.service.js';
import type { DemoAccount } from './mail-sink-page.js';

interface Cast {
  readonly email: string;
  readonly name: string;
  readonly role: string;
  readonly roles: readonly Role[];
}

/** Two people are enough to close an incident: whoever approves is never who wrote. The comms officer may respond too, to be that second person. */
const CAST: readonly Cast[] = [
  { email: 'commander@demo.example', name: 'Mira Okafor', role: 'Commander', roles: ['commander', 'admin'] },
  { email: 'comms@demo.example', name: 'Jonas Lindqvist', role: 'Comms officer', roles: ['comms', 'responder'] },
];

const author: SettingsAuthor = { scope: system('operator'), actor: { kind: 'operator', id: 'demo' } };

/** Makes the demo's two accounts; their secrets are kept in the demo's data folder, so that a second run shows the same ones. */
export async function seedAccounts(
  service: Service,
  dataFolder: string,
): Promise<readonly (DemoAccount & { id: string })[]> {
  const secrets = await demoSecrets(path.join(dataFolder, 'demo-accounts.json'));
  const seed = service.app.get(AccessSeed);
  return Promise.all(
    CAST.map(async ({ email, name, role, roles }) => {
      const { password, totpSecret } = secrets[email] ?? { password: '', totpSecret: '' };
      const id = await seed.ensure({ email, name, roles, tenants: 'all', password, totpSecret });
      return { id, email, password, role: `${role} · ${name}`, totpSecret };
    }),
  );
}

type Secrets = Record<string, { password: string; totpSecret: string }>;

async function demoSecrets(file: string): Promise<Secrets> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Secrets;
  } catch {
    const made = Object.fromEntries(
      CAST.map(({ email }) => [
        email,
        { password: `demo-${randomBytes(6).toString('hex')}`, totpSecret: generateSecret() },
      ]),
    );
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify(made, null, 2));
    await chmod(file, 0o600);
    return made;
  }
}

/** The sample customers, each with contacts that receive notices, and their topics. Safe to repeat. */
export async function seedSilos(service: Service): Promise<void> {
  const { database, eventLog, clock, ids } = service.platform;
  const silos = service.app.get(SiloRepository, { strict: false });
  for (const { tenant, name } of SAMPLE_SILOS) {
    await eventLog.ensureTopics(siloTopics(tenant, 1));
    await database.transaction(author.scope, async (tx) => {
      await silos.upsert(tx, {
        tenant,
        name,
        timeZone: 'UTC',
        language: 'en',
        jurisdictions: ['EU'],
        noticeHours: 24,
        createdAt: clock.now(),
      });
      for (const role of ['security', 'owner'] as const) {
        const email = `${role}@${tenant}.example`;
        await silos.upsertContact(tx, {
          id: ids.uuid(),
          tenant,
          name: `${name}, ${role}`,
          email,
          role,
          isVerified: true,
        });
      }
    });
  }
}

/** One schedule with the commander on it, and an escalation in two steps: the schedule, then the comms officer. Made once. */
export async function seedOnCall(service: Service, commanderId: string, commsId: string): Promise<void> {
  const { database, clock } = service.platform;
  const isMade = await database.transaction(author.scope, async (tx) => {
    const rows = await tx.query<unknown[]>('select 1 from escalation_policies limit 1');
    return rows.length > 0;
  });
  if (isMade) return;
  const settings = service.app.get(OnCallSettingsService);
  const scheduleId = await settings.saveSchedule(author, {
    name: 'Security on call',
    timeZone: 'Europe/Berlin',
    layers: [
      {
        name: 'Primary',
        staffIds: [commanderId],
        startsOn: new Date(clock.nowMs() - 7 * 86_400_000).toISOString().slice(0, 10),
        handoverAt: '09:00',
        turnDays: 7,
        restrictions: [],
      },
    ],
  });
  await settings.savePolicy(author, {
    name: 'Security incidents',
    isDefault: true,
    steps: [
      { targets: [{ kind: 'schedule', id: scheduleId }], waitMinutes: 2 },
      { targets: [{ kind: 'staff', id: commsId }], waitMinutes: 3 },
    ],
    repeats: 2,
    lastResort: { staffIds: [commanderId, commsId], everyMinutes: 5 },
    noProgressMinutes: 60,
  });
}
