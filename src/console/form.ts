const formType = 'application/x-www-form-urlencoded'

/** What a form says; null where the body is none. */
export async function formOf(
  request: Request,
): Promise<URLSearchParams | null> {
  const type = request.headers.get('content-type') ?? ''
  if (type.split(';')[0]?.trim().toLowerCase() !== formType) return null
  return new URLSearchParams(await request.text())
}
