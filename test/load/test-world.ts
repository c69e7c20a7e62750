import { onTestFinished } from 'vitest'
import { startWorld, type World } from './world.js'

/** A world that ends with the test that started it. */
export async function testWorld(
  ...args: Parameters<typeof startWorld>
): Promise<World> {
  const world = await startWorld(...args)
  onTestFinished(() => world.close())
  return world
}
