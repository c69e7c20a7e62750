import type { Command } from 'commander'
import type { CommandContext } from './output.js'

export function registerDebug(_program: Command, _context: CommandContext) {}
