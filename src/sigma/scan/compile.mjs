/** Compiles the scan to WebAssembly and writes it as a module of the engine, which so needs no file beside it. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const here = fileURLToPath(new URL('..', import.meta.url));
const target = new URL('../match/scan-binary.ts', import.meta.url);
const options = ['--runtime', 'stub', '--enable', 'simd', '-O3', '--noAssert', '--use', 'abort='];

let binary;
const { error, stderr } = await asc.main(['scan/scan.ts', '--baseDir', here, '--outFile', 'scan.wasm', ...options], {
  writeFile: (name, contents) => {
    if (name.endsWith('.wasm')) binary = contents;
  },
});
if (error !== null || binary === undefined) throw new Error(`the scan does not compile:\n${stderr.toString()}`);
writeFileSync(target, `export const SCAN_BINARY =\n  '${Buffer.from(binary).toString('base64')}';\n`);
