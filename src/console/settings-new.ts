/** Pipelines added, copied and removed. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { instant } from '../clock.js'
import { badInput } from '../error.js'
import { problemsOf } from '../pipeline/edit.js'
import { editText } from '../pipeline/edit-text.js'
import { readDocument } from '../pipeline/document.js'
import { readyRules } from '../pipeline/ready-rules.js'
import { variablesOf } from '../pipeline/reference.js'
import { pipelineFile } from '../pipeline/select.js'
import { connectionVariables, starterText } from '../pipeline/starter.js'
import { addPipeline, isSecretPlace } from '../run/credential.js'
import { foldersOf } from '../run/folder.js'
import { removePipeline } from '../run/remove-pipeline.js'
import {
  type Action,
  type ActionRequest,
  goTo,
  type Page,
  type PageRequest,
  type Route,
} from './page.js'
import { commitWords, placeOf, settingsPath } from './settings-place.js'

const start: Page = {
  kind: 'page',
  path: '/new',
  role: 'operator',
  template: 'settings-new',
  async load({ project, query }) {
    const files = await project.pipelines()
    const copy = query.get('copy') ?? ''
    const from = [
      { value: '', text: 'the commented starter', isChosen: copy === '' },
      ...(await readyRules()).map((name) => ({
        value: `rule:${name}`,
        text: `ready rules: ${name}`,
        isChosen: false,
      })),
      ...files.map(({ name }) => ({
        value: `copy:${name}`,
        text: `a copy of ${name}`,
        isChosen: copy === name,
      })),
    ]
    return { title: 'New pipeline', trail: [], model: { from } }
  },
}

/** What a form says of the pipeline that is to be. */
interface Wish {
  readonly name: string
  readonly from: string
  readonly marketo: 'own' | 'sandbox' | 'same'
  readonly description: string
}

function wishOf(form: URLSearchParams): Wish {
  const marketo = form.get('marketo')
  return {
    name: form.get('name')?.trim() ?? '',
    from: form.get('from') ?? '',
    marketo: marketo === 'sandbox' || marketo === 'same' ? marketo : 'own',
    description: form.get('description')?.trim() ?? '',
  }
}

async function textOf(wish: Wish, request: PageRequest): Promise<string> {
  const { name, from, marketo, description } = wish
  const copied = /^copy:(.*)$/.exec(from)?.[1]
  const rules = /^rule:(.*)$/.exec(from)?.[1] ?? null
  const about =
    description === '' ? [] : [{ path: ['description'], value: description }]
  if (copied === undefined) {
    const isSandbox = marketo === 'sandbox'
    return editText(await starterText(name, { from: rules, isSandbox }), about)
  }
  const place = await placeOf({ ...request, params: { name: copied } })
  if (place === null) {
    throw badInput('no_pipeline', 'The pipeline to copy is not there any more.')
  }
  const text = await readFile(place.path, 'utf8')
  const [endpoint, id, secret] = connectionVariables(name)
  const connection =
    marketo === 'sandbox'
      ? [{ path: ['marketo'], value: 'sandbox' }]
      : marketo === 'own'
        ? [
            {
              path: ['marketo'],
              value: {
                endpoint: `\${${endpoint}}`,
                client_id: `\${${id}}`,
                client_secret: `\${${secret}}`,
              },
            },
          ]
        : []
  return editText(text, [...about, ...connection])
}

/** Shows the file that would be written, and asks for its credentials. */
const look: Action = {
  kind: 'action',
  path: '/new/look',
  role: 'operator',
  async act(request) {
    const { form, project } = request
    const wish = wishOf(form)
    const file = pipelineFile(join(project.dir, 'pipelines'), wish.name)
    if ((await project.pipeline(wish.name)) !== null) {
      throw badInput(
        'file_exists',
        `There is a pipeline ${wish.name} already; choose another name.`,
      )
    }
    const text = await textOf(wish, request)
    const problems = await problemsOf(file, text, project.dir)
    const wanted = new Map(
      variablesOf(readDocument(text)).map((each) => [each.name, each]),
    )
    const { env } = project
    return {
      kind: 'show',
      template: 'settings-look',
      title: `New pipeline ${wish.name}`,
      trail: [{ text: 'New pipeline', to: '/new' }],
      status: problems.length > 0 ? 422 : 200,
      model: {
        ...wish,
        file: `pipelines/${wish.name}.yml`,
        text,
        problems: problems.map(({ line, column, path, message }) => ({
          line,
          column,
          path: path === '' ? '' : `${path} `,
          message,
        })),
        variables: [...wanted.values()].map(({ name, purpose, place }) => ({
          variable: name,
          type: isSecretPlace(place) ? 'password' : 'text',
          purpose,
          isSet: (env[name] ?? '').trim() !== '',
        })),
      },
    }
  },
}

const add: Action = {
  kind: 'action',
  path: '/new/add',
  role: 'operator',
  async act(request) {
    const { form, project, visitor } = request
    const wish = wishOf(form)
    const { name } = wish
    const file = pipelineFile(join(project.dir, 'pipelines'), name)
    const text = await textOf(wish, request)
    const at = { projectDir: project.dir, env: project.processEnv }
    const isChecked = form.get('unchecked') !== 'true'
    const values = valuesOf(form)
    const added = await addPipeline(at, { file, text, values, isChecked })
    const { who, role } = visitor
    await project.audit({ who, role, what: 'add', pipeline: name })
    const files = [
      `pipelines/${name}.yml`,
      ...(added.ignored ? ['.gitignore'] : []),
    ]
    const checked = isChecked ? 'Its connection works. ' : ''
    const said = `Added ${name}. ${checked}${commitWords(files)}`
    return goTo(settingsPath(name), 'good', said)
  },
}

function valuesOf(form: URLSearchParams): Record<string, string> {
  const values = [...form].flatMap(([key, value]) => {
    const name = /^value\.([A-Za-z_]\w*)$/.exec(key)?.[1]
    return name === undefined || value.trim() === ''
      ? []
      : [[name, value.trim()] as const]
  })
  return Object.fromEntries(values)
}

const remove: Action = {
  kind: 'action',
  path: '/pipeline/:name/settings/remove',
  role: 'operator',
  async act(request: ActionRequest) {
    const place = await placeOf(request)
    if (place === null) return null
    const { form, project, visitor, clock } = request
    const { name, path } = place
    if (form.get('confirm')?.trim() !== name) {
      const text = `Nothing was removed: type ${name} to confirm.`
      return goTo(`${settingsPath(name)}#remove`, 'bad', text)
    }
    const folders = foldersOf(project.dir, name)
    const removed = await removePipeline(folders, path, instant(clock))
    const { who, role } = visitor
    await project.audit({ who, role, what: 'remove', pipeline: name })
    const backup = removed.backup.slice(project.dir.length + 1)
    const gone = removed.files.map((each) => `pipelines/${each}`).join(' ')
    const text = `Removed ${name}. Its files (${removed.files.join(', ')}) are in ${backup}; its warehouse and journals are kept. Commit it: git add -u ${gone} && git commit`
    return goTo('/', 'good', text)
  },
}

export const fileRoutes: readonly Route[] = [start, look, add, remove]
