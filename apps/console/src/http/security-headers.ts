import type { RequestHandler } from 'express';
import helmet from 'helmet';

/**
 * Nothing is loaded from elsewhere, no script stands in a page, no page is framed. The API's own
 * documentation page alone needs styles in its markup.
 */
export function securityHeaders(options: { https: boolean }): RequestHandler {
  const headers = (styles: string[]): RequestHandler => helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"], scriptSrc: ["'self'"], styleSrc: styles, imgSrc: ["'self'", 'data:'], connectSrc: ["'self'"],
        formAction: ["'self'"], frameAncestors: ["'none'"], baseUri: ["'none'"], manifestSrc: ["'self'"], fontSrc: ["'self'"],
        ...(options.https ? { upgradeInsecureRequests: [] } : {}),
      },
    },
    strictTransportSecurity: options.https ? { maxAge: 31_536_000 } : false,
    referrerPolicy: { policy: 'same-origin' },
    crossOriginEmbedderPolicy: false,
  });
  const pages = headers(["'self'"]);
  const documentation = headers(["'self'", "'unsafe-inline'"]);
  return (request, response, next) => (request.path.startsWith('/api/docs') ? documentation : pages)(request, response, next);
}
