import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ownPom = fileURLToPath(new URL('java/pom.xml', import.meta.url));
const cacheFolder = fileURLToPath(new URL('../../node_modules/.cache/silowatch/', import.meta.url));

/** Jars of the Java servers, as Maven put them into its own repository. */
export interface Jars {
  readonly kafkaClassPath: string;
  readonly greenmailJar: string;
}

/** A prerequisite that is missing: one line that names it and says what to do. */
class MissingPrerequisite extends Error {
  constructor(what: string, remedy: string) {
    super(`${what} is missing, which the tests need to start real servers: ${remedy}`);
    this.name = 'MissingPrerequisite';
    this.stack = `${this.name}: ${this.message}`;
  }
}

async function isReadable(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** Throws unless a Java that can run Kafka is on the path. */
export async function requireJava(command = 'java'): Promise<void> {
  const remedy =
    'install a Java 17 or newer (Debian: apt install openjdk-17-jre-headless), or set KAFKA_BROKERS and TEST_MAIL to servers that run';
  const { stderr } = await run(command, ['-version']).catch(() => {
    throw new MissingPrerequisite('Java (the command `java`)', remedy);
  });
  const version = Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0);
  if (version < 17) throw new MissingPrerequisite(`Java 17 (found ${version})`, remedy);
}

let found: Promise<Jars> | undefined;

/** The jars of both servers; Maven is asked once. */
export function resolveJars(): Promise<Jars> {
  found ??= findJars();
  return found;
}

/** Finds the jars, through Maven at the first time and whenever the pom changes, else from a note kept in node_modules. */
export async function findJars(command = 'mvn', pom = ownPom): Promise<Jars> {
  const wanted = createHash('sha256')
    .update(await readFile(pom))
    .digest('hex')
    .slice(0, 16);
  const note = path.join(cacheFolder, `test-jars-${wanted}.txt`);
  const noted = await readFile(note, 'utf8').catch(() => '');
  const jars = noted.split(path.delimiter).filter((jar) => jar !== '');
  if (jars.length > 0 && (await Promise.all(jars.map(isReadable))).every(Boolean)) return sorted(jars);
  await mkdir(cacheFolder, { recursive: true });
  try {
    await run(command, ['-B', '-q', '-ntp', '-f', pom, 'dependency:build-classpath', `-Dmdep.outputFile=${note}`], {
      maxBuffer: 10 * 1024 * 1024,
    });
  } catch (cause) {
    const { code, stdout } = cause as { code?: unknown; stdout?: string };
    if (code === 'ENOENT') {
      throw new MissingPrerequisite(
        'Maven (the command `mvn`)',
        'install it (Debian: apt install maven), or set KAFKA_BROKERS and TEST_MAIL to servers that run',
      );
    }
    throw new Error(
      `Maven could not fetch the jars that test/harness/java/pom.xml names: ${stdout?.trim().split('\n')[0] ?? ''}`,
      { cause },
    );
  }
  return sorted((await readFile(note, 'utf8')).split(path.delimiter));
}

function sorted(jars: readonly string[]): Jars {
  const greenmailJar = jars.find((jar) => path.basename(jar).startsWith('greenmail-standalone'));
  if (greenmailJar === undefined) throw new Error('test/harness/java/pom.xml names no greenmail-standalone');
  // GreenMail's jar carries its own copies of libraries, which must not get in Kafka's way.
  return { greenmailJar, kafkaClassPath: jars.filter((jar) => jar !== greenmailJar).join(path.delimiter) };
}
