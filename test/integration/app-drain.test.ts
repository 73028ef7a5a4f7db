import { afterEach, describe, expect, it } from 'vitest'
import { ALL, DEMO } from '../support/demo.ts'
import { startApp, type App } from '../support/sandbox-harness.ts'

let app: App
afterEach(() => app.close())

async function readiness(): Promise<string> {
  const answer = await fetch(`${app.instance.http.url}/readyz`)
  return `${answer.status} ${(await answer.text()).trim()}`
}

describe('a rollout', () => {
  it('finds a server that is told to end not ready, alive, and answering until its time is over', async () => {
    app = await startApp()
    expect(await readiness()).toBe('200 ok')

    let isOver = false
    const drained = app.instance.drain(10).then(() => (isOver = true))
    expect(await readiness()).toBe('503 shutting down')
    expect((await fetch(`${app.instance.http.url}/healthz`)).status).toBe(200)
    await app.pass(8)
    expect(await app.dns.short(DEMO.global)).toEqual(ALL)
    expect(isOver).toBe(false)

    await app.pass(4)
    await drained
    expect(await app.dns.short(DEMO.global)).toEqual(ALL)
  })

  it('waits for nothing where no time is given', async () => {
    app = await startApp()

    await app.instance.drain(0)

    expect(await readiness()).toBe('503 shutting down')
  })
})
