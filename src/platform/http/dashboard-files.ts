import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { cspNonce } from './request-context.js';
import { plainPagePolicy } from './security-headers.js';

/** Where `vite build` puts the dashboard: at the project's top, from `src/` and `dist/` alike. */
const builtFolder = fileURLToPath(new URL('../../../dist-dashboard/', import.meta.url));

const NONCE_PLACEHOLDER = '__CSP_NONCE__';
/** Paths that are never a page of the dashboard: an unknown one of these is a plain 404. */
const NOT_PAGES = /^\/(api|intake|metrics|healthz|readyz|assets|page|notice|report|\.well-known)(\/|$)/;

const NOT_BUILT =
  '<!doctype html><html lang="en"><title>Silowatch</title><p>The dashboard is not built: run <code>npm run build</code> and start again.</p>';

export interface DashboardFiles {
  readonly assets: RequestHandler;
  /** Answers a page of the single-page application; false for what is none. */
  readonly page: (request: Request, response: Response) => boolean;
}

/** The built dashboard, with the request's nonce put into its page. */
export async function dashboardFiles(folder = builtFolder): Promise<DashboardFiles> {
  const html = await readFile(path.join(folder, 'index.html'), 'utf8').catch(() => undefined);
  const assets = express.static(folder, {
    index: false,
    redirect: false,
    dotfiles: 'ignore',
    setHeaders: (response, file) => {
      // Vite puts a hash of the content into the names below assets/.
      const isHashed = file.includes(`${path.sep}assets${path.sep}`);
      response.setHeader('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  return {
    // index.html holds the placeholder and is never served as it lies.
    assets: (request, response, next) =>
      request.path === '/index.html' ? next() : void assets(request, response, next),
    page: (request, response) => {
      const isPage = (request.method === 'GET' || request.method === 'HEAD') && !NOT_PAGES.test(request.path);
      if (!isPage || request.accepts(['html', 'json']) !== 'html') return false;
      response.set('Cache-Control', 'no-store').type('html');
      if (html === undefined) {
        response
          .set('Content-Security-Policy', plainPagePolicy(cspNonce(response)))
          .status(503)
          .send(NOT_BUILT);
      } else {
        response.send(html.replaceAll(NONCE_PLACEHOLDER, cspNonce(response)));
      }
      return true;
    },
  };
}
