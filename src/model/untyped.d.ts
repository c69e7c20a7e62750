/** Packages that ship no types. */
declare module 'email-providers' {
  const domains: readonly string[]
  export default domains
}

declare module 'role-based-email-addresses' {
  const names: readonly string[]
  export default names
}
