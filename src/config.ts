export type Environment = Readonly<Record<string, string | undefined>>

/** The only place where the process's environment is read. */
export function readEnvironment(): Environment {
  return { ...process.env }
}
