import type { Page, Route } from './page.js'

const page: Page = {
  kind: 'page',
  path: '/',
  role: 'viewer',
  template: 'overview',
  async load({ project }) {
    const files = await project.pipelines()
    return {
      title: 'Overview',
      model: {
        pipelines: files.map(({ name, loaded, problem }) => ({
          name,
          problem,
          description: loaded?.pipeline.description ?? '',
          last: project.history(name).runs.at(-1) ?? null,
        })),
      },
    }
  },
}

export const overviewRoutes: readonly Route[] = [page]
