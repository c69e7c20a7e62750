import type { Change, Merge, ProgramInfo } from './change.js'

export interface ProgramMember {
  readonly status: string
  /** When it became a member. */
  readonly since: number
  /** When its status changed last. */
  readonly at: number
}

export interface Program extends ProgramInfo {
  /** By lead id. */
  readonly members: Map<string, ProgramMember>
}

/** The programs of a world, by id, and who is in them. */
export class Programs extends Map<number, Program> {
  /** A new program, or another name or other statuses of one. */
  put(program: ProgramInfo): void {
    const members = this.get(program.id)?.members
    this.set(program.id, {
      ...program,
      members: members ?? new Map<string, ProgramMember>(),
    })
  }

  enrol(change: Extract<Change, { kind: 'member' }>): void {
    const { program, lead, status, at } = change
    const members = this.get(program)?.members
    const since = change.since ?? members?.get(lead)?.since ?? at
    members?.set(lead, { status, since, at })
  }

  remove(lead: string): void {
    for (const { members } of this.values()) members.delete(lead)
  }

  /**
   * Of several statuses in one program the survivor's own stays, else the
   * first loser's; Adobe says only that memberships are combined.
   */
  unite({ survivor, losers }: Merge): void {
    for (const { members } of this.values()) {
      const [first] = losers.flatMap((id) => members.get(id) ?? [])
      if (first === undefined || members.has(survivor)) continue
      members.set(survivor, first)
    }
  }

  /** Changes that make these programs anew. */
  *changes(): Iterable<Change> {
    for (const { members, ...program } of this.values()) {
      yield { kind: 'program', program }
      for (const [lead, member] of members) {
        yield { kind: 'member', program: program.id, lead, ...member }
      }
    }
  }
}
