import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { RaceTrack } from './processes/race-track.ts'

/** A share that every run of the tests can bear; `npm run test:long` goes on for as long as told. */
const LAPS = 5

describe('three shops on one PostgreSQL, told to act at the same moment', () => {
  let track: RaceTrack

  beforeAll(async () => {
    track = await RaceTrack.open(3)
  }, 60_000)
  afterAll(() => track.close())

  it('C23, M10, O01, O02, O08, O14: do each thing once, and end with JustiFi’s books', async () => {
    for (let lap = 0; lap < LAPS; lap++) expect(await track.lap()).toEqual([])
  }, 120_000)
})
