import type { Finding } from './finding.ts'
export async function memory(): Promise<Finding[]> {
  return []
}
