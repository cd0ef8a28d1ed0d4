import { startSandbox } from '../../../src/sandbox/start-sandbox.ts'
import { reportToBench } from './report.ts'

const { url } = await startSandbox({ port: 0, host: '127.0.0.1' })
reportToBench(url)
