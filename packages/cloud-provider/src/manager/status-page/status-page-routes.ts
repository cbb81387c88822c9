import { type Answer, type Handler, type ManagementRequest, json, text } from '../serving/management-server.ts';
import type { ManagerStatus } from '../manager-status.ts';
import { pageDocument } from './page-document.ts';
import { pageScript } from './page-script.ts';
import { pageStyle } from './page-style.ts';
import { parseStatusQuestion, viewStatus } from './status-view.ts';

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
 * `/statusz` as JSON: all of it, or with `?format=view` the part that the page shows, which it asks for once a second.
 * One path holds everything, so that one right is enough.
 */
export function statusPageRoutes(
  status: () => ManagerStatus,
  controls: readonly PageControl[],
): Readonly<Record<string, Handler>> {
  const buttons = controls.map(({ name, label }) => ({ name, label }));
  return {
    '/statusz': ({ query }) =>
      query.get('format') === 'view'
        ? json({ ...viewStatus(status(), parseStatusQuestion(query)), controls: buttons })
        : json(status()),
  };
}

/**
 * The page itself, for anybody who asks for it with a browser; undefined for every other request. It holds nothing of the
 * cluster: it asks for that with the reader's rights, and for a token where the reader has none. A browser is recognised
 * by its `Accept` header; `?format=json` overrides it.
 */
export function statusPageFiles({ path, query, accept }: ManagementRequest): Answer | undefined {
  switch (path) {
    case '/statusz':
      if (query.has('format') || !accept.includes('text/html')) return undefined;
      return page('text/html; charset=utf-8', pageDocument);
    case '/statusz/page.js':
      return page('text/javascript; charset=utf-8', pageScript);
    case '/statusz/page.css':
      return page('text/css; charset=utf-8', pageStyle);
    default:
      return undefined;
  }
}

function page(contentType: string, body: string): Answer {
  return { status: 200, contentType, body, headers: { 'content-security-policy': contentSecurityPolicy } };
}
