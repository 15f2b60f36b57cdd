// Compiles AssemblyScript to WebAssembly and writes it as a module, which so needs no file beside it:
//   node bin/compile-assembly.mjs <entry.ts> <target.ts> <NAME of its constant>
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import asc from 'assemblyscript/asc';

const [entry, target, name] = process.argv.slice(2);
// What entries share lies beside their folders.
const baseDir = path.join(path.dirname(path.resolve(entry)), '..');
const options = ['--runtime', 'stub', '--enable', 'simd', '-O3', '--noAssert', '--use', 'abort='];

let binary;
const { error, stderr } = await asc.main(
  [path.relative(baseDir, entry), '--baseDir', baseDir, '--outFile', 'out.wasm', ...options],
  {
    writeFile: (file, contents) => {
      if (file.endsWith('.wasm')) binary = contents;
    },
  },
);
if (error !== null || binary === undefined) throw new Error(`${entry} does not compile:\n${stderr.toString()}`);
writeFileSync(target, `export const ${name} =\n  '${Buffer.from(binary).toString('base64')}';\n`);
