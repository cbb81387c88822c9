import { type Answer, type Handler, json, text } from '../serving/management-server.ts';
import type { ManagerStatus } from '../manager-status.ts';
import { pageDocument } from './page-document.ts';
import { pageScript } from './page-script.ts';
import { pageStyle } from './page-style.ts';

/** A button of the page. A manager has none: they are for worlds that exist to be played with. */
export interface PageControl {
  /** A path segment. */
  readonly name: string;
  readonly label: string;
  /** Does it and says in one line what it did. */
  run(signal: AbortSignal): Promise<string>;
}

/** What the buttons do, by path, for POST. */
export function pageActions(controls: readonly PageControl[]): Readonly<Record<string, Handler>> {
  return Object.fromEntries(
    controls.map((control): [string, Handler] => [
      `/statusz/controls/${control.name}`,
      async (request) => text(200, await control.run(request.signal)),
    ]),
  );
}

/** Only the page's own files, and only its own server; nothing inline. */
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * `/statusz`: JSON for programs, and for browsers a page that asks for that JSON once a second. A browser is recognised by
 * its `Accept` header; `?format=json` overrides it.
 */
export function statusPageRoutes(
  status: () => ManagerStatus,
  controls: readonly PageControl[],
): Readonly<Record<string, Handler>> {
  return {
    '/statusz/controls': () => json(controls.map(({ name, label }) => ({ name, label }))),
    '/statusz': (request) => {
      const wantsPage = request.accept.includes('text/html') && request.query.get('format') !== 'json';
      return wantsPage ? page('text/html; charset=utf-8', pageDocument) : json(status());
    },
    '/statusz/page.js': () => page('text/javascript; charset=utf-8', pageScript),
    '/statusz/page.css': () => page('text/css; charset=utf-8', pageStyle),
  };
}

function page(contentType: string, body: string): Answer {
  return { status: 200, contentType, body, headers: { 'content-security-policy': contentSecurityPolicy } };
}
