/** Headers of every answer. */

const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** A report that is looked at alone brings its own style. */
export function securityHeaders(headers: Headers, isSecure: boolean): void {
  if (!headers.has('content-security-policy')) {
    headers.set('content-security-policy', policy)
  }
  headers.set('x-content-type-options', 'nosniff')
  // Forms then come with the origin null, which guard.ts knows.
  headers.set('referrer-policy', 'no-referrer')
  headers.set('x-frame-options', 'DENY')
  headers.set('cross-origin-opener-policy', 'same-origin')
  headers.set('cross-origin-resource-policy', 'same-origin')
  headers.set('permissions-policy', 'camera=(), microphone=(), geolocation=()')
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store')
  if (isSecure) headers.set('strict-transport-security', 'max-age=31536000')
}
