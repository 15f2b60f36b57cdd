import type { OpenAPIObject } from '@nestjs/swagger';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escape = (text: string): string => text.replace(/[&<>"']/g, (char) => ESCAPES[char] ?? char);
const json = (value: unknown): string => `<pre>${escape(JSON.stringify(value, undefined, 2))}</pre>`;

interface Operation {
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema?: unknown;
  }[];
  readonly requestBody?: { readonly content?: Record<string, { schema?: unknown }> };
  readonly responses?: Record<
    string,
    { readonly description?: string; readonly content?: Record<string, { schema?: unknown }> }
  >;
}

interface Entry {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1b1e}
summary{cursor:pointer;padding:.35rem 0}code,pre{font:14px/1.5 ui-monospace,monospace}pre{background:#f3f4f6;padding:.75rem;overflow:auto}
details details{margin-left:1rem}.m{display:inline-block;width:4.5rem;font-weight:600}h2{margin-top:2rem}`;

/** The reference page: the document as plain HTML, without any script. */
export function renderReference(document: OpenAPIObject, nonce: string): string {
  const entries = Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method): Entry[] => {
      const operation = item[method] as Operation | undefined;
      return operation === undefined ? [] : [{ method, path, operation }];
    }),
  );
  const tags = [...new Set(entries.map(({ operation }) => operation.tags?.[0] ?? 'Other'))].sort();
  const groups = tags.map((tag) => {
    const own = entries.filter(({ operation }) => (operation.tags?.[0] ?? 'Other') === tag);
    return `<h2>${escape(tag)}</h2>${own.map(renderEntry).join('')}`;
  });
  const schemas = Object.entries(document.components?.schemas ?? {}).map(
    ([name, schema]) => `<details><summary><code>${escape(name)}</code></summary>${json(schema)}</details>`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Silowatch API</title>
<meta name="viewport" content="width=device-width"><style nonce="${escape(nonce)}">${STYLE}</style></head><body>
<h1>Silowatch API</h1><p>${escape(document.info.description ?? '')}</p>
<p>The same for programs, as OpenAPI ${escape(document.openapi)}: <a href="/api/openapi.json">/api/openapi.json</a></p>
${groups.join('\n')}<h2>Schemas</h2>${schemas.join('\n')}</body></html>`;
}

function renderEntry({ method, path, operation }: Entry): string {
  const parameters = (operation.parameters ?? []).map(
    (parameter) =>
      `<li><code>${escape(parameter.name)}</code> (${escape(parameter.in)}${parameter.required === true ? ', required' : ''}) <code>${escape(JSON.stringify(parameter.schema ?? {}))}</code></li>`,
  );
  const body = Object.entries(operation.requestBody?.content ?? {}).map(
    ([type, content]) => `<p>Body, ${escape(type)}</p>${json(content.schema)}`,
  );
  const answers = Object.entries(operation.responses ?? {}).map(([status, answer]) => {
    const shapes = Object.values(answer.content ?? {}).map((content) => json(content.schema));
    return `<p>Answer ${escape(status)} ${escape(answer.description ?? '')}</p>${shapes.join('')}`;
  });
  return `<details><summary><span class="m">${method.toUpperCase()}</span><code>${escape(path)}</code> ${escape(operation.summary ?? '')}</summary>
<ul>${parameters.join('')}</ul>${body.join('')}${answers.join('')}</details>`;
}
