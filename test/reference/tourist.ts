/** Somebody else with a token, who calls what the product does not. */
import type { Instance } from '../e2e/bad-world.js'
import { isObject } from './swagger.js'

type Json = Readonly<Record<string, unknown>>

const form = 'application/x-www-form-urlencoded'

export class Tourist {
  readonly #endpoint: string
  readonly #token: string

  private constructor(endpoint: string, token: string) {
    this.#endpoint = endpoint
    this.#token = token
  }

  static async arrive({ endpoint, env }: Instance): Promise<Tourist> {
    const query = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: env['TEST_CLIENT_ID'] ?? '',
      client_secret: env['TEST_CLIENT_SECRET'] ?? '',
    })
    const path = `/identity/oauth/token?${query.toString()}`
    const answer: unknown = await (await fetch(endpoint + path)).json()
    const token = isObject(answer) ? answer['access_token'] : null
    return new Tourist(endpoint, String(token))
  }

  async get(path: string): Promise<Json> {
    return await this.#call('GET', path)
  }

  async post(path: string, body?: object): Promise<Json> {
    const json = body === undefined ? undefined : JSON.stringify(body)
    return await this.#call('POST', path, json)
  }

  async #call(method: string, path: string, body?: string, type?: string) {
    const response = await fetch(this.#endpoint + path, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        'content-type': type ?? 'application/json',
      },
      ...(body === undefined ? {} : { body }),
    })
    const answer: unknown = await response.json()
    return isObject(answer) ? answer : {}
  }

  /** Each endpoint of the sandbox at least once. */
  async tour(): Promise<void> {
    await this.#metadata()
    await this.#leads()
    await this.#lists()
    await this.#programs()
    await this.#assets()
    await this.#activities()
    await this.#exports()
    await this.#imports()
  }

  async #metadata(): Promise<void> {
    for (const path of [
      'leads/describe',
      'leads/describe2',
      'leads/schema/fields',
      'leads/schema/fields/email',
      'leads/partitions',
      'stats/usage',
      'stats/usage/last7days',
      'stats/errors',
      'stats/errors/last7days',
      'activities/types',
    ]) {
      await this.get(`/rest/v1/${path}.json`)
    }
  }

  async #leads(): Promise<void> {
    await this.get('/rest/v1/lead/1001.json?fields=email,leadScore')
    await this.get('/rest/v1/lead/1.json')
    await this.get('/rest/v1/leads.json?filterType=id&filterValues=1001,1002')
    await this.#call(
      'POST',
      '/rest/v1/leads.json?_method=GET',
      'filterType=email&filterValues=person1%40quiet-lemur.example&fields=id',
      form,
    )
    const input = [
      { id: 1001, title: 'Chief' },
      { id: 7, title: 'None' },
    ]
    const lookup = { action: 'updateOnly', lookupField: 'id' }
    await this.post('/rest/v1/leads.json', { ...lookup, input })
    await this.post('/rest/v1/leads/delete.json', { input: [{ id: 1002 }] })
    await this.post('/rest/v1/leads/delete.json?id=1002')
    const merge = '/rest/v1/leads/1003/merge.json'
    await this.post(`${merge}?leadIds=1004,1005&mergeInCRM=false`)
    await this.post(`${merge}?leadId=1004`)
    await this.get('/rest/v1/leads/1006/listMembership.json')
    await this.get('/rest/v1/leads/1006/programMembership.json')
  }

  async #lists(): Promise<void> {
    await this.get('/rest/v1/lists.json?batchSize=2')
    await this.get('/rest/v1/lists.json?name=Newsletter')
    await this.get('/rest/v1/lists/1001.json')
    await this.get('/rest/v1/lists/1.json')
    await this.get('/rest/v1/lists/1001/leads.json?fields=email&batchSize=3')
    await this.get('/rest/v1/list/1001/leads.json')
    const leads = '/rest/v1/lists/1004/leads.json'
    await this.post(leads, { input: [{ id: 1010 }, { id: 7 }] })
    await this.get('/rest/v1/lists/1004/leads/ismember.json?id=1010,1011')
    const body = JSON.stringify({ input: [{ id: 1010 }] })
    await this.#call('DELETE', `${leads}?id=1010`, body)
  }

  async #programs(): Promise<void> {
    const members = '/rest/v1/programs/2001/members'
    const input = [{ leadId: 1010 }, { leadId: 7 }]
    await this.post(`${members}/status.json`, { statusName: 'Invited', input })
    await this.post(`${members}/status.json`, { statusName: 'Lost', input })
    await this.get(`${members}.json?filterType=leadId&filterValues=1010`)
    await this.get('/rest/v1/leads/1010/programMembership.json?batchSize=2')
  }

  async #assets(): Promise<void> {
    const base = '/rest/asset/v1'
    await this.get(`${base}/staticLists.json?maxReturn=2&offset=1`)
    await this.get(`${base}/staticList/1001.json`)
    await this.get(`${base}/staticList/byName.json?name=Newsletter`)
    await this.get(`${base}/staticList/byName.json?name=None`)
    await this.get(`${base}/smartLists.json`)
    await this.get(`${base}/smartList/1045.json`)
    await this.get(`${base}/smartList/byName.json?name=Unsubscribed`)
    await this.get(`${base}/folders.json?maxDepth=1`)
    await this.get(`${base}/folder/byName.json?name=Group%20Lists`)
    await this.get(`${base}/folder/13.json?type=Folder`)
    const folder = encodeURIComponent('{"id":13,"type":"Folder"}')
    await this.#form(`${base}/staticLists.json`, `name=New&folder=${folder}`)
    await this.#form(`${base}/staticList/1002.json`, 'name=Other')
    await this.#form(`${base}/staticList/1003/delete.json`, '')
    await this.#form(`${base}/smartList/1045/delete.json`, '')
  }

  async #form(path: string, body: string): Promise<void> {
    await this.#call('POST', path, body, form)
  }

  async #activities(): Promise<void> {
    const base = '/rest/v1/activities'
    const since = '2020-01-01T00:00:00Z'
    const answer = await this.get(
      `${base}/pagingtoken.json?sinceDatetime=${since}`,
    )
    const token = encodeURIComponent(String(answer['nextPageToken']))
    const page = `nextPageToken=${token}`
    await this.get(`${base}.json?activityTypeIds=12,13,32&${page}`)
    await this.get(`${base}.json?activityTypeIds=12&leadIds=1001&${page}`)
    await this.get(`${base}/deletedleads.json?${page}`)
    await this.get(`${base}/leadchanges.json?fields=title,email&${page}`)
  }

  async #imports(): Promise<void> {
    const base = '/bulk/v1/leads'
    const type = 'multipart/form-data; boundary=b'
    const head = 'Content-Disposition: form-data; name="file"; filename="l.csv"'
    const file = 'id,title\n1006,Chief\n7,None\n'
    const body = `--b\r\n${head}\r\n\r\n${file}\r\n--b--\r\n`
    const path = `${base}.json?format=csv&lookupField=id`
    const answer = await this.#call('POST', path, body, type)
    const id = /"batchId":(\d+)/.exec(JSON.stringify(answer))?.[1] ?? ''
    const batch = `${base}/batch/${id}`
    const isOver = async () =>
      JSON.stringify(await this.get(`${batch}.json`)).includes('Complete')
    while (!(await isOver())) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await this.#file(`${batch}/failures.json`)
    await this.#file(`${batch}/warnings.json`)
  }

  async #file(path: string): Promise<void> {
    const headers = { authorization: `Bearer ${this.#token}` }
    await (await fetch(this.#endpoint + path, { headers })).text()
  }

  async #exports(): Promise<void> {
    const base = '/bulk/v1/leads/export'
    const filter = { staticListId: 1001 }
    const request = { fields: ['id', 'email'], format: 'CSV', filter }
    const created = await this.post(`${base}/create.json`, request)
    const id = /"exportId":"([^"]+)"/.exec(JSON.stringify(created))?.[1] ?? ''
    await this.post(`${base}/${id}/enqueue.json`)
    await this.get(`${base}/${id}/status.json`)
    await this.post(`${base}/${id}/cancel.json`)
    await this.get(`${base}.json?status=Cancelled,Created&batchSize=5`)
  }
}
