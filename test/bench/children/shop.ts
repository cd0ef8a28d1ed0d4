import { keepMemorySmall } from '../../../src/collector.ts'
import { readConfig } from '../../../src/config.ts'
import { seedDemo } from '../../../src/demo/seed-demo.ts'
import { createLog } from '../../../src/log.ts'
import { startShop } from '../../../src/start-shop.ts'
import { reportToBench } from './report.ts'

// The shop as production runs it, with its log, but on plain HTTP and with one address allowed
// more than a customer is.
const config = readConfig({ ...process.env, NODE_ENV: 'test', HOST: '127.0.0.1', PORT: '0' })
if (!config.justifi) throw new Error('the shop needs a JUSTIFI_API_URL and credentials')

const shop = await startShop(
  { ...config, production: true },
  {
    log: createLog('info'),
    justifi: config.justifi,
    webhookSecrets: config.webhookSecrets,
    limits: { requestsPerMinute: 10_000_000, checkoutsPerMinute: 10_000_000 },
    prepare: ({ db, clock }) => seedDemo(db, clock),
  },
)
keepMemorySmall()
reportToBench(shop.url)
