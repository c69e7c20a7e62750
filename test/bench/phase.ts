/** One phase in a process of its own: `phase.js WHO PHASE FOLDER LEADS`. */
import * as bare from './bare.js'
import { type Measured, peakMegabytes } from './measure.js'
import * as ours from './ours.js'

type Phase = (folder: string, leads: number) => Promise<Measured>

const phases: Readonly<Record<string, Phase>> = {
  'ours generate': ours.generate,
  'ours land': ours.land,
  'ours load': ours.load,
  'ours model': ours.model,
  'bare land': bare.land,
  'bare load': bare.load,
  'bare model': bare.model,
  'bare compiled': bare.compiled,
}

const [who = '', name = '', folder = '', leads = ''] = process.argv.slice(2)
const phase = phases[`${who} ${name}`]
if (phase === undefined) throw new Error(`there is no phase ${who} ${name}`)
const measured = await phase(folder, Number(leads))
const report = { ...measured, peakMegabytes: peakMegabytes() }
process.stdout.write(`${JSON.stringify(report)}\n`)
